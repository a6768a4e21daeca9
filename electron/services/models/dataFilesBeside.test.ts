// Data files that travel with a copied model.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from '#core/onnx/schema/onnx_pb';
import { node, tinyModel, weight } from '#test/fakes/tinyModel';
import { dataFilesBeside } from './dataFilesBeside.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-beside-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const options = { force: false, signal: new AbortController().signal };

function external(location: string): string {
  const folder = mkdtempSync(join(root, 'from-'));
  const model = tinyModel({ inputs: { x: [1] }, outputs: { y: [1] }, weights: [weight('w', [1], [2])], nodes: [node('Mul', ['x', 'w'], ['y'])] });
  const [w] = model.graph!.initializer;
  w!.rawData = new Uint8Array();
  w!.floatData = [];
  w!.dataLocation = TensorProto_DataLocation.EXTERNAL;
  w!.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: location })];
  writeFileSync(join(folder, 'm.onnx'), encodeModel(model));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'w.bin'), Float32Array.of(2));
  return join(folder, 'm.onnx');
}

it('lands beside the copy, and in none of its names before that is committed', async () => {
  const to = join(root, 'a');
  const files = await dataFilesBeside(external('data/w.bin'), join(to, 'out.onnx'), options);
  expect(readdirSync(join(to, 'data'))).not.toContain('w.bin');
  await files.commit();
  expect(readFileSync(join(to, 'data', 'w.bin'))).toHaveLength(4);
  await files.discard(); // what follows failed
  expect(readdirSync(join(to, 'data'))).toEqual([]);
});

it('is shared where the copy lies beside the original, refused where another file has its name, or where it leaves the folder', async () => {
  const from = external('data/w.bin');
  await (await dataFilesBeside(from, join(from, '..', 'copy.onnx'), options)).discard();
  expect(readFileSync(join(from, '..', 'data', 'w.bin'))).toHaveLength(4);
  const to = join(root, 'b');
  mkdirSync(join(to, 'data'), { recursive: true });
  writeFileSync(join(to, 'data', 'w.bin'), 'other');
  await expect(dataFilesBeside(from, join(to, 'out.onnx'), options)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(readFileSync(join(to, 'data', 'w.bin'), 'utf8')).toBe('other');
  await expect(dataFilesBeside(external('../w.bin'), join(to, 'out.onnx'), options)).rejects.toMatchObject({ code: 'BAD_MODEL' });
});
