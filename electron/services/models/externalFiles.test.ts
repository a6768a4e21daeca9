// External data of a model: files of its own folder are read, whatever leaves it is refused with the reason.
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { checkModel } from '#core/onnx/checkModel';
import { decodeModel } from '#core/onnx/decodeModel';
import { externalRefs } from '#core/onnx/externalRefs';
import { StringStringEntryProtoSchema, type ModelProto } from '#core/onnx/schema/onnx_pb';
import { readTensor } from '#core/onnx/tensors/readTensor';
import { copyDataFiles } from './copyDataFiles.ts';
import { openExternalFiles } from './externalFiles.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-external-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'model');
const modelPath = join(folder, 'external.onnx');

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'below'), { recursive: true });
  for (const name of ['external.onnx', 'external.bin']) copyFileSync(join('test/fixtures/models', name), join(folder, name));
  copyFileSync('test/fixtures/models/external.bin', join(folder, 'below', 'w.bin'));
  writeFileSync(join(root, 'secret.bin'), new Uint8Array(48));
});

function withLocation(location: string, more: Readonly<Record<string, string>> = {}): ModelProto {
  const model = decodeModel(new Uint8Array(readFileSync(modelPath)));
  model.graph!.initializer[0]!.externalData = Object.entries({ location, ...more }).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
  return model;
}
function check(model: ModelProto): string[] {
  const files = openExternalFiles(modelPath);
  try {
    return checkModel(model, { files }).filter(({ severity }) => severity === 'error').map(({ id, place, message }) => `${id} ${place}: ${message}`);
  } finally {
    files.close();
  }
}

describe('external data', () => {
  it.each(['external.bin', './external.bin', 'below/w.bin'])('is read from %s', (location) => {
    const model = withLocation(location);
    expect(check(model)).toEqual([]);
    const files = openExternalFiles(modelPath);
    expect(Array.from(readTensor(model.graph!.initializer[0]!, files).data as Float32Array)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    files.close();
  });

  const refused: readonly [what: string, location: string, reason: RegExp][] = [
    ['an absolute path', join(root, 'secret.bin'), /absolute/], ['a Windows path', 'C:\\data\\w.bin', /absolute/], ['a share', '\\\\server\\w.bin', /absolute/],
    ['a path that goes up', '../secret.bin', /leaves the folder/], ['a path that goes down and up', 'below/../../secret.bin', /leaves the folder/], ['a path that goes up with other slashes', '..\\secret.bin', /leaves the folder/],
    ['a name with NUL', 'external.bin\u0000.txt', /no file name/], ['a folder', 'below', /no regular file/], ['what is not there', 'absent.bin', /does not exist/], ['a file taken for a folder', 'external.bin/w', /does not exist/],
  ];
  it.each(refused)('refuses %s', (_what, location, reason) => {
    expect(check(withLocation(location))).toEqual([expect.stringMatching(new RegExp(`^EXTERNAL_DATA w: .*${reason.source}`))]);
    const files = openExternalFiles(modelPath);
    expect(() => files.read(location, 0, 48)).toThrowError(expect.objectContaining({ code: 'BAD_MODEL', message: expect.stringMatching(reason) }));
    files.close();
  });

  it.skipIf(process.platform === 'win32')('refuses links that leave the folder, of files and of folders, and takes one that stays', () => {
    symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'));
    symlinkSync(root, join(folder, 'out'));
    symlinkSync('external.bin', join(folder, 'inside.bin'));
    expect(check(withLocation('link.bin'))).toEqual([expect.stringContaining('a link that leaves the folder')]);
    expect(check(withLocation('out/secret.bin'))).toEqual([expect.stringContaining('a link that leaves the folder')]);
    expect(check(withLocation('inside.bin'))).toEqual([]);
  });

  it('reads a second name of a file in the folder, which is a file as any other', () => {
    linkSync(join(folder, 'external.bin'), join(folder, 'twin.bin'));
    expect(check(withLocation('twin.bin'))).toEqual([]);
  });

  it('names the tensor whose bytes are not all there, or whose place makes no sense', () => {
    writeFileSync(join(folder, 'external.bin'), new Uint8Array(40));
    expect(check(withLocation('external.bin'))).toEqual([expect.stringMatching(/^EXTERNAL_DATA w: .*"w".*byte 48.*only 40/)]);
    expect(check(withLocation('external.bin', { offset: '-4' }))).toEqual([expect.stringMatching(/"w".*"-4"/)]);
    expect(check(withLocation('external.bin', { length: '9007199254740993' }))).toEqual([expect.stringMatching(/"w"/)]);
    expect(externalRefs(withLocation('external.bin', { offset: '16' }))).toMatchObject([{ location: 'external.bin', offset: 16, length: null }]);
    const files = openExternalFiles(modelPath);
    expect(() => files.read('external.bin', 0, 48)).toThrowError(expect.objectContaining({ code: 'BAD_MODEL' }));
    files.close();
  });
});

it('copies them where a copy of the model looks for them, subfolders included, and nothing from outside of the folder', async () => {
  const [external, target] = [openExternalFiles(modelPath), join(root, 'copy')];
  try {
    expect(await copyDataFiles({ external }, ['external.bin', 'below/w.bin'], target)).toEqual([join(target, 'external.bin'), join(target, 'below', 'w.bin')]);
    expect(readFileSync(join(target, 'below', 'w.bin'))).toEqual(readFileSync(join(folder, 'below', 'w.bin')));
    await expect(copyDataFiles({ external }, ['../secret.bin'], target)).rejects.toMatchObject({ code: 'BAD_MODEL' });
  } finally { external.close(); }
});
