// The layouts in which models lie in a folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readModelSettings } from './modelSettings.ts';
import { fileSource, folderSource } from './ModelSource.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-source-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const place = (...files: readonly string[]) => { for (const file of files) { mkdirSync(dirname(join(root, file)), { recursive: true }); writeFileSync(join(root, file), ''); } };
const listed = async (folder: string) => (await folderSource(join(root, folder), 'sole').list()).map(({ name, versions }) => [name, versions.map(({ version, path }) => `${version} ${path.slice(root.length + 1)}`)]);

describe('folderSource', () => {
  it('finds models with their versions in the order of numbers', async () => {
    place('many/b/10/model.onnx', 'many/b/9/model.onnx', 'many/b/draft/model.onnx', 'many/a/1/model.onnx', 'many/.hidden/1/model.onnx', 'many/empty/1/readme', 'many/note.txt');
    expect(await listed('many')).toEqual([['a', ['1 many/a/1/model.onnx']], ['b', ['9 many/b/9/model.onnx', '10 many/b/10/model.onnx']]]);
  });
  it('finds a single model, bare or in versions, under any file name', async () => {
    place('bare/model.onnx', 'named/net.onnx', 'flat/2/model.onnx', 'single/c/net.onnx');
    expect([await listed('bare'), await listed('named'), await listed('flat'), await listed('single')]).toEqual([[['sole', ['1 bare/model.onnx']]], [['sole', ['1 named/net.onnx']]], [['sole', ['2 flat/2/model.onnx']]], [['c', ['1 single/c/net.onnx']]]]);
  });
  it('finds nothing in what is not there', async () => { expect(await listed('nothing')).toEqual([]); });
});

describe('fileSource', () => {
  it('names models after their files, each once', async () => {
    expect((await fileSource(['/x/Net.ONNX', 'b.onnx']).list()).map(({ name }) => name)).toEqual(['Net', 'b']);
    expect(() => fileSource(['/x/a.onnx', '/y/a.onnx'])).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  });
});

describe('readModelSettings', () => {
  it('takes what is there, nothing where nothing is, and names what is wrong', async () => {
    const path = join(root, 'millwright.json');
    expect(await readModelSettings(path)).toEqual({});
    writeFileSync(path, '{"labels":["a"],"batching":{"maxBatch":4},"more":1}');
    expect(await readModelSettings(path)).toEqual({ labels: ['a'], batching: { maxBatch: 4, maxDelayMs: 0 } });
    for (const text of ['{', '{"instances":0}', '{"batching":{"maxBatch":"x"}}', '[]']) {
      writeFileSync(path, text);
      await expect(readModelSettings(path)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
  });
});
