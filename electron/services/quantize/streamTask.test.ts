// Models with external data: small ones are read into memory, large ones go through tensor by tensor with the same result.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { decodeModel } from '#core/onnx/decodeModel';
import { encodeModel } from '#core/onnx/encodeModel';
import { readTensorBytes } from '#core/onnx/tensors/readTensor';
import { roundNearest } from '#core/quantize/blocks/roundNearest';
import { quantizeBlocks } from '#core/quantize/weights/quantizeBlocks';
import { node, noise, tinyModel, weight } from '#test/fakes/tinyModel';
import { createNativeSession } from '../inference/nativeSession.ts';
import { openExternalFiles } from '../models/externalFiles.ts';
import { theLab } from './lab.ts';
import { prepareTask } from './prepareTask.ts';
import { streamTask } from './streamTask.ts';
import { openWeightStore } from './weightStore.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-stream-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const model = tinyModel({
  inputs: { x: [2, 64] }, outputs: { y: [2, 64] },
  weights: [weight('w', [64, 96], noise(6144, 1)), weight('v', [96, 64], noise(6144, 2)), weight('b', [64], noise(64, 3)), weight('k', [2048], noise(2048, 4))],
  nodes: [node('MatMul', ['x', 'w'], ['h']), node('Relu', ['h'], ['r']), node('Gemm', ['r', 'v', 'b'], ['g']), node('ReduceSum', ['k'], ['s'], { keepdims: { int: 0 } }), node('Add', ['g', 's'], ['y'])],
});
/** The same model with its weights in a file beside it. */
function external(name: string): string {
  const folder = mkdtempSync(join(root, `${name}-`));
  const path = join(folder, 'model.onnx');
  writeFileSync(path, encodeModel(openWeightStore(join(folder, 'model.data')).refer(model, { add: true })));
  return path;
}
const options = { bits: 4, blockSize: 32, symmetric: true, format: 'nbits', embeddings: true, keep: new Map<string, string>() } as const;

it('streaming gives the weights that quantizing in memory gives, needs none of the original files, and runs', async () => {
  const path = external('streamed');
  const workDir = mkdtempSync(join(root, 'work-'));
  const result = await streamTask({ path, workDir, dataName: 'out.data', setting: { kind: 'blocks', options, rounding: 'nearest' }, threads: 1 });
  rmSync(join(path, '..'), { recursive: true });
  const expected = quantizeBlocks(model, options, () => roundNearest).model;
  const files = openExternalFiles(result.path);
  const got = new Map(decodeModel(readFileSync(result.path)).graph!.initializer.map((t) => [t.name, readTensorBytes(t, files)]));
  for (const tensor of expected.graph!.initializer) expect([tensor.name, Buffer.compare(got.get(tensor.name)!, tensor.rawData)]).toEqual([tensor.name, 0]);
  files.close();
  expect([result.quantized.map((one) => one.node), result.notRun, result.layers.length]).toEqual([['h', 'g'], null, 2]);
  expect(result.sqnrDb!).toBeGreaterThan(15);
  const session = await createNativeSession({ path: result.path, threads: 1 });
  await session.release();
});

it('nothing is left behind where nothing can be quantized', async () => {
  const path = external('refused');
  const workDir = mkdtempSync(join(root, 'work-'));
  await expect(streamTask({ path, workDir, dataName: 'out.data', setting: { kind: 'blocks', options: { ...options, keep: new Map([['h', 'by the user'], ['g', 'by the user']]) }, rounding: 'nearest' }, threads: 1 })).rejects.toMatchObject({ code: 'NOTHING_TO_QUANTIZE' });
  expect(readdirSync(workDir)).toEqual([]);
});

it('smaller external data is read into the prepared model, and said', async () => {
  const prepared = await prepareTask({ path: external('held'), workDir: mkdtempSync(join(root, 'work-')), threads: 1, parity: false, opset: 13, exclude: [], run: true });
  expect(prepared).toMatchObject({ tooLarge: false, floatWeightBytes: expect.any(Number) as number });
  expect(prepared.changes.join(' ')).toContain('read from the files beside the model');
  expect(theLab().weights.resolve(theLab().model).graph!.initializer.find((t) => t.name === 'w')!.rawData).toEqual(model.graph!.initializer[0]!.rawData);
});
