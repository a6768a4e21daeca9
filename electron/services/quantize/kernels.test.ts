// The runtime's own kernels as judge of what the quantizer writes: they must compute with the values that were meant.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeModel } from '#core/onnx/decodeModel';
import { encodeModel } from '#core/onnx/encodeModel';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { roundBlocks, unpackBlocks } from '#core/quantize/blocks/packBlocks';
import { roundHalfQuadratic } from '#core/quantize/blocks/roundHalfQuadratic';
import { roundNearest } from '#core/quantize/blocks/roundNearest';
import { layerDifferences } from '#core/quantize/observers/layerDifferences';
import { planStatic, writePlanned } from '#core/quantize/static/quantizeStatic';
import { rangeKey, type StaticOptions } from '#core/quantize/static/StaticOptions';
import { dynamicOperators } from '#core/quantize/weights/dynamicOperators';
import { quantizeDynamic } from '#core/quantize/weights/quantizeDynamic';
import { packWeights } from '#core/quantize/weights/packWeights';
import { toFloat16 } from '#core/quantize/weights/toFloat16';
import { setOpset } from '#core/onnx/graph/opsets';
import { blockwiseOpset, quantizeBlocks, type BlockOptions } from '#core/quantize/weights/quantizeBlocks';
import { sqnrDb } from '#test/fakes/sqnrDb';
import { node, noise, tinyModel, weight, type TinyGraph } from '#test/fakes/tinyModel';
import type { OptimizationLevel } from '#shared/contract/runtimeOptions';
import { createNativeSession } from '../inference/nativeSession.ts';
import { openWeightStore } from './weightStore.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-kernels-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

async function run(model: ModelProto, x: Float32Array, dims: readonly number[], optimization: OptimizationLevel = 'all'): Promise<Float32Array> {
  const path = join(root, `${count++}.onnx`);
  writeFileSync(path, encodeModel(model));
  const session = await createNativeSession({ path, threads: 1, optimization, spinning: false });
  try {
    return (await session.run({ x: { type: 'float32', dims, data: x } }))['y']!.data as Float32Array; // the model's output is float
  } finally { await session.release(); }
}

const blocks: BlockOptions = { bits: 4, blockSize: 16, symmetric: true, format: 'nbits', embeddings: true, keep: new Map() };

describe('weights in blocks', () => {
  it.each(['nbits', 'qdq'] as const)('the operators of %s multiply with the values that unpackBlocks answers, whatever the shape, width and rounding', async (format) => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 1e6 }), fc.boolean(), fc.constantFrom(16 as const, 32 as const, 64 as const), fc.constantFrom(4 as const, 8 as const), fc.constantFrom(roundNearest, roundHalfQuadratic), async (k, n, seed, symmetric, blockSize, bits, round) => {
      const data = noise(k * n, seed);
      const options: BlockOptions = { ...blocks, bits, blockSize, symmetric, format };
      const float = tinyModel({ inputs: { x: [k, k] }, outputs: { y: [k, n] }, weights: [weight('w', [k, n], data)], nodes: [node('MatMul', ['x', 'w'], ['y'])] }, format === 'qdq' ? blockwiseOpset : 17);
      if (format === 'qdq') float.irVersion = 10n;
      const { model } = quantizeBlocks(float, options, () => round);
      const identity = Float32Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 : 0));
      const back = unpackBlocks(roundBlocks(data, k, n, options, round), k, n, options);
      (await run(model, identity, [k, k])).forEach((x, i) => expect(x).toBeCloseTo(back[i]!, 5));
    }), { numRuns: 25 });
  });

  it('GatherBlockQuantized picks the rows that unpackBlocks answers', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 8, max: 40 }), fc.integer({ min: 1, max: 1e6 }), fc.boolean(), fc.constantFrom(16 as const, 32 as const), async (k, n, seed, symmetric, blockSize) => {
      fc.pre(k * n >= 256);
      const data = noise(k * n, seed);
      const options: BlockOptions = { ...blocks, blockSize, symmetric };
      const float = tinyModel({ inputs: { x: [n] }, outputs: { y: [n, k] }, weights: [weight('t', [n, k], data)], nodes: [node('Cast', ['x'], ['ids'], { to: { int: 7 } }), node('Gather', ['t', 'ids'], ['y'])] });
      const { model, quantized } = quantizeBlocks(float, options, () => roundNearest);
      expect(quantized.map(({ operator }) => operator)).toEqual(['Gather']);
      const rounded = roundBlocks(data, k, n, options, roundNearest, 'nk');
      const back = unpackBlocks(rounded, k, n, options);
      (await run(model, Float32Array.from({ length: n }, (_, i) => n - 1 - i), [n])).forEach((x, i) => expect(x).toBeCloseTo(back[(i % k) * n + n - 1 - Math.floor(i / k)]!, 5));
    }), { numRuns: 25 });
  });
});

describe('Gemm with alpha, beta and a transposed weight', () => {
  const gemm: TinyGraph = {
    inputs: { x: [4, 32] }, outputs: { y: [4, 8] }, weights: [weight('w', [8, 32], noise(256, 1)), weight('b', [8], noise(8, 2, 3))],
    nodes: [node('Gemm', ['x', 'w', 'b'], ['y'], { transB: { int: 1 }, alpha: { float: 0.5 }, beta: { float: 2 } })],
  };
  const x = noise(128, 3);
  const options: StaticOptions = { activations: 'uint8', weights: 'int8', perChannel: true, symmetricActivations: false, reduceRange: false, operators: 'all', keep: new Map() };

  it.each(['disabled', 'extended', 'all'] as const)('static: the same answers at optimization level %s', async (optimization) => {
    const plan = planStatic(tinyModel(gemm), options);
    const { model } = writePlanned(plan, new Map(plan.observe.map((key) => [key, { low: -12, high: 12 }])), options);
    expect(sqnrDb(await run(tinyModel(gemm), x, [4, 32]), await run(model, x, [4, 32], optimization))).toBeGreaterThan(25);
  });

  it('dynamic, and 4 bits', async () => {
    const float = await run(tinyModel(gemm), x, [4, 32]);
    expect(sqnrDb(float, await run(quantizeDynamic(tinyModel(gemm), { perChannel: true, reduceRange: false, operators: new Set(['Gemm']), parity: false, keep: new Map() }).model, x, [4, 32]))).toBeGreaterThan(35);
    expect(sqnrDb(float, await run(quantizeBlocks(tinyModel(gemm), { ...blocks, symmetric: false }, () => roundNearest).model, x, [4, 32]))).toBeGreaterThan(18);
  });
});

describe('operators of the runtime itself', () => {
  const hidden = 16, x = noise(2 * 5 * hidden, 21);
  const contrib = (graph: TinyGraph): ModelProto => {
    const model = tinyModel(graph);
    for (const one of model.graph!.node) if (['Attention', 'SkipLayerNormalization'].includes(one.opType)) one.domain = 'com.microsoft';
    setOpset(model, 'com.microsoft', 1);
    return model;
  };
  const transformer = (attributes: NonNullable<Parameters<typeof node>[3]> = {}): ModelProto => contrib({
    inputs: { x: [2, 5, hidden] }, outputs: { y: [2, 5, 8] },
    weights: [weight('w', [hidden, 3 * hidden], noise(3 * hidden * hidden, 22)), weight('b', [3 * hidden], noise(3 * hidden, 23)), weight('g', [hidden], noise(hidden, 24)), weight('v', [hidden, 8], noise(hidden * 8, 25))],
    nodes: [node('Attention', ['x', 'w', 'b'], ['a'], { num_heads: { int: 2 }, ...attributes }), node('SkipLayerNormalization', ['a', 'x', 'g'], ['l']), node('MatMul', ['l', 'v'], ['y'])],
  });
  const dynamic = { perChannel: true, reduceRange: false, operators: new Set(dynamicOperators), parity: false, keep: new Map<string, string>() };

  it.each([['channel', true], ['tensor', false]] as const)('Attention becomes QAttention with a scale for each %s, and what comes after it is known to be float', async (_what, perChannel) => {
    const { model, quantized } = quantizeDynamic(transformer(), { ...dynamic, perChannel });
    expect(quantized.map(({ operator }) => operator)).toEqual(['Attention', 'MatMul']);
    expect(sqnrDb(await run(transformer(), x, [2, 5, hidden]), await run(model, x, [2, 5, hidden]))).toBeGreaterThan(25);
  });

  it('a form of attention that the INT8 kernel lacks stays in float, and says so', () => {
    expect(quantizeDynamic(transformer({ scale: { float: 0.1 } }), dynamic).kept).toEqual([{ node: 'a', reason: 'the INT8 kernel has no such form of attention' }]);
  });

  it('half precision leaves them in float between casts', async () => {
    const { model, kept } = toFloat16(transformer(), new Map());
    expect(kept.map(({ node: name }) => name)).toEqual(['a', 'l']);
    expect(sqnrDb(await run(transformer(), x, [2, 5, hidden]), await run(model, x, [2, 5, hidden]))).toBeGreaterThan(50);
  });
});

describe('a stack of matrices', () => {
  const stack: TinyGraph = { inputs: { x: [3, 4, 16] }, outputs: { y: [3, 4, 8] }, weights: [weight('w', [3, 16, 8], noise(384, 31))], nodes: [node('MatMul', ['x', 'w'], ['y'])] };
  it.each(['disabled', 'all'] as const)('is quantized with one scale, which the integer product takes, at optimization level %s', async (optimization) => {
    const options: StaticOptions = { activations: 'uint8', weights: 'int8', perChannel: true, symmetricActivations: false, reduceRange: true, operators: 'compute', floatProducts: true, keep: new Map() };
    const x = noise(192, 32);
    const plan = planStatic(tinyModel(stack), options);
    const { model } = writePlanned(plan, new Map(plan.observe.map((key) => [key, { low: -1, high: 1 }])), options);
    expect(sqnrDb(await run(tinyModel(stack), x, [3, 4, 16]), await run(model, x, [3, 4, 16], optimization))).toBeGreaterThan(30);
  });
});

describe('pruned channels', () => {
  const [zeros, values] = [new Float32Array(4 * 27), noise(4 * 27, 41)];
  const pruned: TinyGraph = { inputs: { x: [1, 3, 8, 8] }, outputs: { y: [1, 8, 6, 6] }, weights: [weight('w', [8, 3, 3, 3], [...zeros, ...values]), weight('b', [8], [0.011, -0.013, 0.5, 0, 0.1, 0.2, 0.3, 0.4])], nodes: [node('Conv', ['x', 'w', 'b'], ['y'])] };
  const x = noise(192, 42);

  it.each([['their own biases', false, 1e-4], ['the reference', true, 0.01]] as const)('answer their biases to the accuracy of %s', async (_what, parity, most) => {
    const options: StaticOptions = { activations: 'uint16', weights: 'int8', perChannel: true, symmetricActivations: false, reduceRange: false, operators: 'compute', floatProducts: true, parity, keep: new Map() };
    const plan = planStatic(tinyModel(pruned, 21), options);
    const { model } = writePlanned(plan, new Map(plan.observe.map((key) => [key, { low: -4, high: 4 }])), options);
    model.irVersion = 10n;
    const answers = await run(model, x, [1, 3, 8, 8]);
    const errors = [0.011, -0.013, 0.5].map((b, channel) => Math.abs(answers[channel * 36]! - b));
    expect(Math.max(...errors)).toBeLessThan(most);
    if (parity) expect(Math.max(...errors)).toBeGreaterThan(1e-5);
  });
});

describe('packed weights', () => {
  const conv: TinyGraph = { inputs: { x: [1, 8, 6, 6] }, outputs: { y: [1, 16, 6, 6] }, weights: [weight('w', [16, 8, 3, 3], noise(1152, 11))], nodes: [node('Conv', ['x', 'w'], ['y'], { pads: { ints: [1, 1, 1, 1] } })] };
  const x = noise(288, 12);

  it.each([['int8', 38], ['float16', 65]] as const)('as %s are what the runtime computes with, with its optimizations on or off', async (form, least) => {
    const { model } = packWeights(tinyModel(conv), { keep: new Map(), forms: new Map([['y', form]]) });
    const float = await run(tinyModel(conv), x, [1, 8, 6, 6]);
    expect(sqnrDb(float, await run(model, x, [1, 8, 6, 6]))).toBeGreaterThan(least);
    expect(sqnrDb(float, await run(model, x, [1, 8, 6, 6], 'disabled'))).toBeGreaterThan(least);
  });

  it('are folded when the model is loaded: nothing restores them at run time', async () => {
    const [path, saved] = [join(root, 'packed.onnx'), join(root, 'folded.onnx')];
    writeFileSync(path, encodeModel(packWeights(tinyModel(conv), { keep: new Map(), forms: new Map() }).model));
    await (await createNativeSession({ path, threads: 1, optimization: 'basic', saveOptimized: saved })).release();
    expect(decodeModel(readFileSync(saved)).graph!.node.map(({ opType }) => opType)).toEqual(['Conv']);
  });
});

describe('layerDifferences', () => {
  it('sums up what a comparison of both models outside the runtime finds, tensor by tensor', async () => {
    const layers: TinyGraph = {
      inputs: { x: [4, 32] }, outputs: { y: [4, 8] }, weights: [weight('w', [32, 16], noise(512, 4)), weight('v', [16, 8], noise(128, 5))],
      nodes: [node('MatMul', ['x', 'w'], ['hidden']), node('Relu', ['hidden'], ['r']), node('MatMul', ['r', 'v'], ['y'])],
    };
    const float = tinyModel(layers);
    const candidate = quantizeBlocks(float, blocks, () => roundNearest).model;
    const pairs = ['hidden', 'y'].map((name) => ({ key: rangeKey('', name), twin: rangeKey('', name) }));
    const { model, outputs } = layerDifferences(float, candidate, pairs);
    const path = join(root, 'layers.onnx');
    writeFileSync(path, encodeModel(model));
    const x = noise(128, 6);
    const session = await createNativeSession({ path, threads: 1, once: true });
    const results = await session.run({ x: { type: 'float32', dims: [4, 32], data: x } });
    await session.release();
    const [a, b] = [await run(float, x, [4, 32]), await run(candidate, x, [4, 32])];
    const sum = (name: string) => (results[name]!.data as Float32Array)[0]!; // a sum of squares is float
    const y = outputs.get(rangeKey('', 'y'))!;
    expect(10 * Math.log10(sum(y.signal) / sum(y.noise))).toBeCloseTo(sqnrDb(a, b), 2);
    expect(sum(outputs.get(rangeKey('', 'hidden'))!.noise)).toBeGreaterThan(0);
  });
});

describe('the weight store', () => {
  const model = tinyModel({ inputs: { x: [4, 64] }, outputs: { y: [4, 64] }, weights: [weight('w', [64, 64], noise(4096, 7)), weight('b', [64], noise(64, 8))], nodes: [node('Gemm', ['x', 'w', 'b'], ['y'])] });

  it('holds large weights once, gives them back, and the runtime computes with them', async () => {
    const folder = mkdtempSync(join(root, 'store-'));
    const store = openWeightStore(join(folder, 'weights.bin'));
    const referring = store.refer(model, { add: true });
    store.refer(model, { add: true });
    expect(statSync(join(folder, 'weights.bin')).size).toBe(4096 * 4);
    expect(referring.graph!.initializer.map(({ rawData }) => rawData.length)).toEqual([0, 64 * 4]);
    expect(store.resolve(referring).graph!.initializer[0]!.rawData).toEqual(model.graph!.initializer[0]!.rawData);
    writeFileSync(join(folder, 'model.onnx'), encodeModel(referring));
    const session = await createNativeSession({ path: join(folder, 'model.onnx'), threads: 1 });
    const x = noise(256, 9);
    expect((await session.run({ x: { type: 'float32', dims: [4, 64], data: x } }))['y']!.data).toEqual(await run(model, x, [4, 64]));
    await session.release();
  });
});
