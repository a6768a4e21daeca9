// Weights that several operators read, as ALBERT's layers and the heads of detectors do: quantized once, stored once, and the runtime runs what was written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Feeds } from '#shared/tensor';
import { encodeModel } from '#core/onnx/encodeModel';
import { makeNode } from '#core/onnx/graph/attributes';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { finishGram, newInputGram, observeGram, type SquareProduct } from '#core/quantize/blocks/inputGram';
import { dataTypes } from '#core/quantize/graph/protos';
import { shareDuplicates } from '#core/quantize/graph/shareDuplicates';
import { rangeKey } from '#core/quantize/static/StaticOptions';
import { packWeights } from '#core/quantize/weights/packWeights';
import { blockwiseOpset, quantizeBlocks, type BlockOptions } from '#core/quantize/weights/quantizeBlocks';
import { quantizeDynamic } from '#core/quantize/weights/quantizeDynamic';
import { sqnrDb } from '#test/fakes/sqnrDb';
import { info, node, noise, tinyGraph, tinyModel, weight } from '#test/fakes/tinyModel';
import { createNativeSession } from '../inference/nativeSession.ts';
import { roundersOf, type Rounding } from './writeTask.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-shared-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const [size, rows, layers] = [64, 8, ['a', 'b', 'c']];
const w = noise(size * size, 3, 0.2);
const x = noise(rows * size, 4);
const names = ['x', ...layers.map((name) => `${name}_relu`)];
const float = tinyModel({
  inputs: { x: [rows, size] }, outputs: { y: [rows, size] }, weights: [weight('w', [size, size], w)],
  nodes: [...layers.flatMap((name, i) => [node('MatMul', [names[i]!, 'w'], [name], {}, name), node('Relu', [name], [names[i + 1]!], {}, `${name}_relu`)]), node('MatMul', [names.at(-1)!, 'w'], ['y'], {}, 'last')],
}, blockwiseOpset);
float.irVersion = 10n;

async function answers(model: ModelProto, name: string, more: Feeds = {}): Promise<Float32Array> {
  const path = join(root, `${name}.onnx`);
  writeFileSync(path, encodeModel(model));
  const session = await createNativeSession({ path, threads: 1, spinning: false });
  try { return (await session.run({ x: { type: 'float32', dims: [rows, size], data: x }, ...more }))['y']!.data as Float32Array; } finally { await session.release(); }
}

const square: SquareProduct = (data, count, k) => {
  const product = new Float32Array(k * k);
  for (let row = 0; row < count; row++) for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) product[i * k + j] = product[i * k + j]! + data[row * k + i]! * data[row * k + j]!;
  return product;
};

/** Different inputs for each product, as each layer has. */
async function grams() {
  const found = new Map<string, ReturnType<typeof newInputGram>>();
  for (const [i, name] of names.entries()) {
    const gram = newInputGram(size);
    await observeGram(gram, noise(200 * size, 10 + i), [200, size], 200, square);
    await finishGram(gram, square);
    found.set(rangeKey('', name), gram);
  }
  return found;
}

const blocks = (options: Partial<BlockOptions>, rounding: Rounding) => async () => quantizeBlocks(float, { bits: 4, blockSize: 16, symmetric: false, format: 'nbits', embeddings: true, keep: new Map(), ...options }, roundersOf(rounding, await grams())).model;

it.each([
  ['dynamic', async () => quantizeDynamic(float, { perChannel: true, reduceRange: false, operators: new Set(['MatMul']), parity: false, keep: new Map() }).model, size * size, 25],
  ['4-bit', blocks({}, 'nearest'), (size * size) / 2, 12],
  ['4-bit-gptq', blocks({}, 'gptq'), (size * size) / 2, 12],
  ['4-bit-onnx-gptq', blocks({ format: 'qdq' }, 'gptq'), (size * size) / 2, 12],
  ['8-bit-onnx', blocks({ format: 'qdq', bits: 8 }, 'nearest'), size * size, 30],
  ['int8', async () => packWeights(float, { keep: new Map(), forms: new Map([...layers, 'last'].map((name) => [name, 'int8'])) }).model, size * size, 30],
] as const)('%s stores a weight of four products once, and the runtime answers with it', async (name, make, bytes, leastDb) => {
  const model = await make();
  shareDuplicates(model);
  const stored = model.graph!.initializer.filter(({ rawData }) => rawData.length >= (size * size) / 2);
  expect(stored.map(({ rawData }) => rawData.length)).toEqual([bytes]);
  expect(new Set(model.graph!.node.map((one) => one.name)).size).toBe(model.graph!.node.length);
  expect(sqnrDb(await answers(float, 'float'), await answers(model, name))).toBeGreaterThan(leastDb);
});

/** The branch that is taken multiplies with the main graph's weight, as does the other. */
function branching(): ModelProto {
  const branch = (name: string, from: string) => tinyGraph({ outputs: { [name]: [rows, size] }, nodes: [node('Relu', [from], [`${name}_r`], {}, 'relu'), node('MatMul', [`${name}_r`, 'w'], [name], {}, 'product')] }, name);
  const model = tinyModel({ inputs: { x: [rows, size] }, outputs: { y: [rows, size] }, weights: [weight('w', [size, size], w)], nodes: [node('MatMul', ['x', 'w'], ['p'], {}, 'product'), makeNode('If', ['which'], ['y'], { name: 'choose', attributes: { then_branch: branch('t', 'p'), else_branch: branch('e', 'x') } })] }, blockwiseOpset);
  model.irVersion = 10n;
  model.graph!.input.push(info('which', [], dataTypes.bool));
  return model;
}

it.each([
  ['dynamic', (model: ModelProto) => quantizeDynamic(model, { perChannel: true, reduceRange: false, operators: new Set(['MatMul']), parity: false, keep: new Map() }).model],
  ['int8', (model: ModelProto) => packWeights(model, { keep: new Map(), forms: new Map(['product', 'choose/then_branch/product', 'choose/else_branch/product'].map((name) => [name, 'int8'])) }).model],
  ['blocks', (model: ModelProto) => quantizeBlocks(model, { bits: 8, blockSize: 16, symmetric: false, format: 'nbits', embeddings: true, keep: new Map() }, roundersOf('nearest', new Map())).model],
  ['blocks-onnx', (model: ModelProto) => quantizeBlocks(model, { bits: 8, blockSize: 16, symmetric: false, format: 'qdq', embeddings: true, keep: new Map() }, roundersOf('nearest', new Map())).model],
] as const)('%s of a weight that the branches of an If read too: the runtime loads it, and both branches answer', async (name, make) => {
  const result = make(branching());
  shareDuplicates(result);
  for (const which of [true, false]) {
    const choice: Feeds = { which: { type: 'bool', dims: [], data: Uint8Array.of(which ? 1 : 0) } };
    expect(sqnrDb(await answers(branching(), 'branches', choice), await answers(result, `branches-${name}`, choice))).toBeGreaterThan(25);
  }
});
