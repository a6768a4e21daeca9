// Tables as spreadsheets and scripts write them: byte order marks, quoted line ends, missing cells, and one sentence with row and column for the rest.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Layout } from './DatasetReader.ts';
import { openTable, type TableOptions } from './openTable.ts';

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millwright-table-')); });
afterEach(() => { rmSync(dir, { recursive: true, force: true }); });

function open(content: string | Uint8Array, more: Partial<TableOptions> = {}, fileName = 'parts.csv') {
  const path = join(dir, fileName);
  writeFileSync(path, content);
  return openTable(path, {
    layout: 'csv' as Layout, inputs: null, task: null, classes: null, labelColumn: null, labelColumns: null, separator: ';', ignore: [], subgroups: [], fileName,
    manifest: () => Promise.reject(new Error('no manifest is asked for')), ...more,
  });
}
const rowsOf = async (content: string | Uint8Array, more?: Partial<TableOptions>) => { const reader = await open(content, more); return Array.from({ length: reader.length }, (_, index) => [...reader.row!(index).map(({ value }) => value), reader.labels?.[index] ?? null]); };

it('drops the byte order mark, whichever line ends and separator follow', async () => {
  for (const text of ['\uFEFFa,b,label\n1,2,good\n', '\uFEFFa;b;label\r\n1;2;good\r\n', '\uFEFFa\tb\tlabel\r1\t2\tgood']) expect(await rowsOf(text)).toEqual([['1', '2', 'good']]);
});

it('keeps line ends, separators and quotation marks within quotes, and counts rows by the lines of the file', async () => {
  const reader = await open('a,note,label\n1,"two\nlines, and ""marks""",good\n2,plain,bad\n');
  expect(reader.row!(0)).toEqual([{ name: 'a', value: '1' }, { name: 'note', value: 'two\nlines, and "marks"' }]);
  expect(reader.names).toEqual(['row 2', 'row 4']);
});

it('knows missing cells, in numbers and in labels', async () => {
  const reader = await open('a,b,label\n1,,good\nNA,2,\n3,nan,bad\n');
  expect(await reader.columns()).toMatchObject([{ name: 'a', type: 'number', missing: 1 }, { name: 'b', type: 'number', missing: 2 }]);
  expect(reader.labels).toEqual(['good', null, 'bad']);
  expect(reader.classes).toEqual(['bad', 'good']);
});

it('reads a decimal comma where cells are separated by semicolons, and the index column of pandas is no feature', async () => {
  expect(await rowsOf(';a;label\n0;1,5;x\n1;-2,25e1;y\n')).toEqual([['1.5', 'x'], ['-22.5', 'y']]);
});

it('names as they are: unicode, quotes, and what looks like a formula', async () => {
  const reader = await open('"größe, mm","=cmd|x",__proto__,label\n1,2,3,ä\n');
  expect(reader.row!(0).map(({ name }) => name)).toEqual(['größe, mm', '=cmd|x', '__proto__']);
});

it('tells texts among numbers with their rows', async () => {
  const rows = Array.from({ length: 20 }, (_, index) => `${index === 7 ? 'x7' : index},${index % 2}`);
  expect(await (await open(['a,label', ...rows].join('\n'))).columns()).toMatchObject([{ type: 'number with text', misfitCount: 1, misfits: [{ row: 9, value: 'x7' }] }]);
});

it.each<[string, string | Uint8Array, Partial<TableOptions>, string]>([
  ['a row of another length', 'a,b,label\n1,2,x\n1,2\n', {}, 'parts.csv, row 3: it has 2 cells, but the header has 3.'],
  ['a quote that never ends', 'a,label\n1,"x\n2,y\n', {}, 'parts.csv, row 2: a quoted cell does not end.'],
  ['two columns of one name', 'a,a,label\n1,2,x\n', {}, 'parts.csv, row 1: two columns are named "a".'],
  ['a column without a name', 'a,,label\n1,2,x\n', {}, 'parts.csv, row 1: column 2 has no name.'],
  ['numbers in the place of names', '1,2,3\n4,5,6\n', {}, 'parts.csv, row 1: there are numbers where the names of the columns must be.'],
  ['a header alone', 'a,label\n', {}, 'parts.csv holds no row of data.'],
  ['labels alone', 'label\nx\n', {}, 'parts.csv has no feature column.'],
  ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0]), {}, 'parts.csv is stored as UTF-16 text.'],
  ['Latin-1', new Uint8Array([...Buffer.from('a,label\n1,gr'), 0xfc, 0x6e]), {}, 'parts.csv is not stored as UTF-8 text.'],
  ['no text', new Uint8Array([0x61, 0, 0x0a]), {}, 'parts.csv is not a text file.'],
  ['an ignored column that is not there', 'a,label\n1,x\n', { ignore: ['part_no'] }, 'parts.csv has no column "part_no", which dataset.yaml names.'],
  ['a text where a number is asked for', 'a,label\n1,2.5\n2,high\n', { task: 'regression', labelColumn: 'label' }, 'parts.csv, row 3, column "label": "high" is not a number, but the task is regression.'],
])('says in one sentence: %s', async (_what, content, more, message) => {
  await expect(open(content, more)).rejects.toMatchObject({ code: 'BAD_DATA', message });
});

it.each([
  ['{"a":1,"label":"x"}\n{"a":2', 'parts.jsonl, row 2: it is not valid JSON.'],
  ['{"a":1,"label":"x"}\n[2]', 'parts.jsonl, row 2: it is not a JSON object.'],
  ['{"a":1,"label":"x"}\n{"a":2,"label":"y","c":3}', 'parts.jsonl, row 2: "c" is not among the columns of the first row.'],
  ['{"a":[1],"label":"x"}', 'parts.jsonl, row 1, column "a": it holds a nested value.'],
])('JSON Lines: %s', async (content, message) => {
  await expect(open(content, { layout: 'jsonl' }, 'parts.jsonl')).rejects.toMatchObject({ code: 'BAD_DATA', message });
});

it('JSON Lines: a missing key is a missing cell, and blank lines are none', async () => {
  const reader = await open('\uFEFF{"a":1,"label":"x"}\n\n{"label":"y"}\n', { layout: 'jsonl' }, 'parts.jsonl');
  expect(reader.row!(1)).toEqual([{ name: 'a', value: '(missing)' }]);
  expect(reader.labels).toEqual(['x', 'y']);
});

it('the same features are the same sample, whatever the label; a sample that is not there is told', async () => {
  const reader = await open('a,label\n1,x\n1,y\n2,x\n');
  const hashes: string[] = [];
  for await (const entry of reader.identities()) if (!('reason' in entry)) hashes.push(entry.sha256);
  expect([hashes[0] === hashes[1], hashes[0] === hashes[2]]).toEqual([true, false]);
  await expect(reader.read(3)).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
