// What a path is taken for, and the files and the hash of a model in another engine's format.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { foreignFiles, formatOf, readForeign } from './modelSource.ts';

let folder = '';
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'millwright-source-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const put = (path: string, text = path) => { mkdirSync(join(folder, path, '..'), { recursive: true }); writeFileSync(join(folder, path), text); return join(folder, path); };

it('knows formats by their names, and takes all else for ONNX', async () => {
  put('saved/saved_model.pb');
  const told = await Promise.all(['net.mar', 'net.PLAN', 'net.xml', 'saved', 'net.onnx', 'nothing'].map((path) => formatOf({ path: join(folder, path) })));
  expect(told).toEqual(['mar', 'tensorrt', 'openvino', 'savedmodel', 'onnx', 'onnx']);
  expect(await formatOf({ id: 'm-1' })).toBe('onnx');
});

it('brings the weights of an OpenVINO model along, and names them where they are missing', async () => {
  const path = put('net.xml');
  await expect(readForeign(path, 'openvino')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('net.bin') as string });
  put('net.bin');
  expect((await foreignFiles(path, 'openvino', 'lot/3/model.xml')).map((file) => file.path)).toEqual(['lot/3/model.xml', 'lot/3/model.bin']);
});

it('lays a SavedModel out under its version, and its hash tells a change of any file', async () => {
  put('saved/saved_model.pb');
  put('saved/variables/variables.index', 'one');
  const path = join(folder, 'saved');
  expect((await foreignFiles(path, 'savedmodel', 'lot/3')).map((file) => file.path)).toEqual(['lot/3/saved_model.pb', 'lot/3/variables/variables.index']);
  const before = await readForeign(path, 'savedmodel');
  expect(before).toMatchObject({ name: 'saved', format: 'savedmodel', id: null });
  put('saved/variables/variables.index', 'two');
  expect((await readForeign(path, 'savedmodel')).sha256).not.toBe(before.sha256);
});

it('refuses a folder where a file is needed', async () => {
  mkdirSync(join(folder, 'net.mar'));
  await expect(readForeign(join(folder, 'net.mar'), 'mar')).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
