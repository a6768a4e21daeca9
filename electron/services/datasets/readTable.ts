// Reads a CSV, JSON Lines or Parquet file into typed columns.
import { createReadStream } from 'node:fs';
import { AppError, isAppError } from '#shared/errors';
import { guessSeparator, readCsv } from '#core/datasets/csvRows';
import { chooseLabelColumn, TableBuilder, type Cell, type Table } from '#core/datasets/table';
import { translateFileError } from '../files/translateFileError.ts';
import type { Layout } from './DatasetReader.ts';

export interface ReadTable { readonly table: Table; readonly labelColumn: string | null }

/** Throws BAD_DATA naming row and column; with `layout` csv (also tab-separated), jsonl or parquet. */
export async function readTable(path: string, layout: Layout, options: { readonly fileName: string; readonly labelColumn: string | null; readonly signal?: AbortSignal | undefined }): Promise<ReadTable> {
  try {
    if (layout === 'parquet') return await readParquet(path, options);
    return layout === 'jsonl' ? await readJsonLines(path, options) : await readCsvFile(path, options);
  } catch (error) {
    throw isAppError(error) || options.signal?.aborted ? error : translateFileError(error, path, 'read');
  }
}
type ReadOptions = Parameters<typeof readTable>[2];

async function* textPieces(path: string, { fileName, signal }: ReadOptions): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    signal?.throwIfAborted();
    const bytes = chunk as Buffer; // no encoding is set
    if (first && bytes[0] === 0xff && bytes[1] === 0xfe) throw new AppError('BAD_DATA', `${fileName} is stored as UTF-16 text.`, { hint: 'Save it as "CSV UTF-8".' });
    first = false;
    if (bytes.includes(0)) throw new AppError('BAD_DATA', `${fileName} is not a text file.`, { hint: 'Give a CSV, JSON Lines or Parquet file with its usual extension.' });
    yield decode(() => decoder.decode(bytes, { stream: true }), fileName); // the decoder drops the byte order mark
  }
  const rest = decode(() => decoder.decode(), fileName);
  if (rest !== '') yield rest;
}

function decode(work: () => string, fileName: string): string {
  try { return work(); } catch (error) { throw new AppError('BAD_DATA', `${fileName} is not stored as UTF-8 text.`, { cause: error, hint: 'Save it as "CSV UTF-8".' }); }
}

async function readCsvFile(path: string, options: ReadOptions): Promise<ReadTable> {
  const { fileName } = options;
  const lines: number[] = [];
  let builder: TableBuilder | null = null;
  let labelColumn: string | null = null;
  let names: string[] = [];
  let separator = ',';
  const onRow = (cells: string[], line: number) => {
    if (!builder) {
      names = cells.map((cell) => cell.trim());
      checkHeader(names, fileName);
      labelColumn = chooseLabelColumn(names, options.labelColumn, fileName);
      builder = new TableBuilder(names, labelColumn === null ? [] : [labelColumn], (index) => lines[index] ?? index + 2);
      return;
    }
    if (cells.length !== names.length) {
      throw new AppError('BAD_DATA', `${fileName}, row ${line}: it has ${cells.length} cell${cells.length === 1 ? '' : 's'}, but the header has ${names.length}.`, { hint: 'Look for a missing or extra separator, or a quotation mark without its partner.' });
    }
    lines.push(line);
    // Where cells are separated by semicolons, a comma within a number is the decimal sign.
    builder.add(separator === ';' ? cells.map((cell) => (/^\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*$/.test(cell) ? cell.replace(',', '.') : cell)) : cells);
  };
  let reader: ReturnType<typeof readCsv> | null = null;
  for await (const piece of textPieces(path, options)) {
    if (!reader) { separator = guessSeparator(piece); reader = readCsv(separator, fileName, onRow); }
    reader.push(piece);
  }
  reader?.end();
  return finish(builder, labelColumn, fileName);
}

function checkHeader(names: readonly string[], fileName: string): void {
  const blank = names.indexOf('');
  if (blank >= 0 && blank > 0) throw new AppError('BAD_DATA', `${fileName}, row 1: column ${blank + 1} has no name.`, { hint: 'Give every column a name in the first row.' });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new AppError('BAD_DATA', `${fileName}, row 1: two columns are named "${twice}".`, { hint: 'Rename one of them.' });
  if (names.length > 1 && names.every((name) => name !== '' && Number.isFinite(Number(name)))) {
    throw new AppError('BAD_DATA', `${fileName}, row 1: there are numbers where the names of the columns must be.`, { hint: 'Add a first row with the names of the columns.' });
  }
}

function finish(builder: TableBuilder | null, labelColumn: string | null, fileName: string): ReadTable {
  const table = builder?.build();
  if (!table || table.length === 0) throw new AppError('BAD_DATA', `${fileName} holds no row of data.`);
  return { table, labelColumn };
}

async function readJsonLines(path: string, options: ReadOptions): Promise<ReadTable> {
  const { fileName } = options;
  const lines: number[] = [];
  let builder: TableBuilder | null = null;
  let labelColumn: string | null = null;
  let names: string[] = [];
  let line = 0;
  const onLine = (text: string) => {
    line++;
    if (text.trim() === '') return;
    let row: unknown;
    try { row = JSON.parse(text); } catch (error) { throw new AppError('BAD_DATA', `${fileName}, row ${line}: it is not valid JSON.`, { cause: error, hint: 'Each line must be one JSON object.' }); }
    if (row === null || typeof row !== 'object' || Array.isArray(row)) throw new AppError('BAD_DATA', `${fileName}, row ${line}: it is not a JSON object.`, { hint: 'Write each row as {"column": value, …}.' });
    const entries = new Map<string, unknown>(Object.entries(row));
    if (!builder) {
      names = [...entries.keys()];
      labelColumn = chooseLabelColumn(names, options.labelColumn, fileName);
      builder = new TableBuilder(names, labelColumn === null ? [] : [labelColumn], (index) => lines[index] ?? index + 1);
    }
    const stranger = [...entries.keys()].find((name) => !names.includes(name));
    if (stranger !== undefined) throw new AppError('BAD_DATA', `${fileName}, row ${line}: "${stranger.slice(0, 60)}" is not among the columns of the first row.`, { hint: 'Give every row the same columns; null where a value is missing.' });
    lines.push(line);
    builder.add(names.map((name): Cell => {
      const cell = entries.get(name) ?? null;
      if (cell !== null && typeof cell === 'object') throw new AppError('BAD_DATA', `${fileName}, row ${line}, column "${name}": it holds a nested value.`, { hint: 'Flatten it into columns of numbers and text, or give the data as arrays.' });
      return cell as Cell; // JSON leaves: number, text, true, false or null
    }));
  };
  let tail = '';
  for await (const piece of textPieces(path, options)) {
    const parts = (tail + piece).split('\n');
    tail = parts.pop() ?? '';
    for (const part of parts) onLine(part);
  }
  if (tail.trim() !== '') onLine(tail);
  return finish(builder, labelColumn, fileName);
}

async function readParquet(path: string, options: ReadOptions): Promise<ReadTable> {
  const { fileName, signal } = options;
  if (/[*?[\]{}]/.test(path)) throw new AppError('BAD_DATA', `The path of ${fileName} holds one of the characters * ? [ ] { }.`, { hint: 'Rename the file or folder.' });
  const quoted = `'${path.replaceAll("'", "''")}'`;
  const { DuckDBInstance } = await import('@duckdb/node-api');
  // Closed down: no extension is fetched, and this file is the only one that can be reached.
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', threads: '1', memory_limit: '512MB' });
  try {
    const connection = await instance.connect();
    try {
      for (const setting of [`SET allowed_paths=[${quoted}]`, 'SET enable_external_access=false', 'SET lock_configuration=true']) await connection.run(setting);
      const result = await connection.stream(`SELECT * FROM read_parquet(${quoted})`);
      const names = result.columnNames();
      const labelColumn = chooseLabelColumn(names, options.labelColumn, fileName);
      const builder = new TableBuilder(names, labelColumn === null ? [] : [labelColumn], (index) => index + 1);
      for await (const rows of result.yieldRowsJs()) {
        signal?.throwIfAborted();
        for (const row of rows) builder.add(row.map(cellOf));
      }
      return finish(builder, labelColumn, fileName);
    } finally { connection.closeSync(); }
  } catch (error) {
    if (isAppError(error) || signal?.aborted) throw error;
    throw new AppError('BAD_DATA', `${fileName} cannot be read as a Parquet file.`, { cause: error, hint: 'Write it again; check that it was copied whole.' });
  } finally { instance.closeSync(); }
}

/** Decimals, lists and times of the reader know how to write themselves. */
function cellOf(cell: unknown): Cell {
  if (cell === null || typeof cell === 'number' || typeof cell === 'string' || typeof cell === 'boolean' || typeof cell === 'bigint') return cell;
  if (cell instanceof Date) return cell.toISOString();
  // oxlint-disable-next-line typescript/no-base-to-string -- each class of value in the reader has a toString of its own
  return String(cell);
}
