// Corrections before quantizing, judged by the runtime: the float function stays the same, and the error after quantizing falls on models made for each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { newChannelStats, observeChannels, weightedNodes, type ChannelStats } from '#core/quantize/correct/channelInputs';
import { correctBiases } from '#core/quantize/correct/correctBiases';
import { equalizeLayers } from '#core/quantize/correct/equalizeLayers';
import { smoothActivations } from '#core/quantize/correct/smoothActivations';
import { exposeTensors } from '#core/quantize/observers/exposeTensors';
import { roundedWeight } from '#core/quantize/correct/roundedWeight';
import { planStatic, writePlanned } from '#core/quantize/static/quantizeStatic';
import type { Range, StaticOptions } from '#core/quantize/static/StaticOptions';
import { sqnrDb } from '#test/fakes/sqnrDb';
import { node, noise, tinyModel, weight, type TinyGraph } from '#test/fakes/tinyModel';
import { createNativeSession } from '../inference/nativeSession.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-corrections-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
interface Samples { readonly dims: readonly number[]; readonly data: readonly Float32Array[] }

async function answers(model: ModelProto, { dims, data }: Samples): Promise<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>[]> {
  const path = join(root, `${count++}.onnx`);
  writeFileSync(path, encodeModel(model));
  const session = await createNativeSession({ path, threads: 1, spinning: false });
  try {
    const all = [];
    for (const x of data) {
      const results = await session.run({ x: { type: 'float32', dims, data: x } });
      all.push(Object.fromEntries(Object.entries(results).map(([name, { data: values, dims: shape }]) => [name, { data: values as Float32Array, dims: shape }]))); // all outputs here are float
    }
    return all;
  } finally { await session.release(); }
}
const outputOf = async (model: ModelProto, samples: Samples): Promise<Float32Array> => Float32Array.from((await answers(model, samples)).flatMap(({ y }) => [...y!.data]));

async function statsOf(model: ModelProto, samples: Samples): Promise<Map<string, ChannelStats>> {
  const nodes = weightedNodes(model);
  const { model: exposed, outputs } = exposeTensors(model, [...new Set(nodes.map(({ key }) => key))], 'values');
  const stats = new Map<string, ChannelStats>();
  for (const results of await answers(exposed, samples)) for (const { key, channels } of nodes) {
    const { data, dims } = results[outputs.get(key)!.min]!;
    if (!stats.has(key)) stats.set(key, newChannelStats(dims[channels === 'last' ? dims.length - 1 : 1]!));
    observeChannels(stats.get(key)!, data, dims, channels);
  }
  return stats;
}

const options: StaticOptions = { activations: 'uint8', weights: 'int8', perChannel: true, symmetricActivations: false, reduceRange: false, operators: 'compute', keep: new Map() };
async function quantized(model: ModelProto, samples: Samples, changes: Partial<StaticOptions> = {}): Promise<ModelProto> {
  const settings = { ...options, ...changes };
  const plan = planStatic(model, settings);
  const { model: exposed, outputs } = exposeTensors(model, plan.observe, 'values');
  const ranges = new Map<string, Range>();
  for (const results of await answers(exposed, samples)) for (const [key, { min }] of outputs) for (const x of results[min]!.data) {
    const { low, high } = ranges.get(key) ?? { low: x, high: x };
    ranges.set(key, { low: Math.min(low, x), high: Math.max(high, x) });
  }
  return writePlanned(plan, ranges, settings).model;
}

const same = (a: Float32Array, b: Float32Array): void => { const reach = Math.max(...a.map(Math.abs)); a.forEach((x, i) => expect(Math.abs(x - b[i]!)).toBeLessThanOrEqual(1e-5 * Math.max(1, reach))); };
const samplesOf = (dims: readonly number[], seed: number, many = 4): Samples => ({ dims, data: Array.from({ length: many }, (_, i) => noise(dims.reduce((a, b) => a * b, 1), seed + i)) });
/** Scales per channel over `powers` decades, as training with batch normalization leaves them. */
const spread = (count: number, seed: number, powers: number): Float32Array => noise(count, seed).map((x) => 10 ** (x * powers / 2));
const uneven = (values: Float32Array, perChannel: number, seed: number, powers: number): Float32Array => { const scales = spread(values.length / perChannel, seed, powers); return values.map((x, i) => x * scales[Math.floor(i / perChannel)]!); };

/** Conv, depthwise Conv, Conv with ReLUs between: the block of a MobileNet. Its channels are even until scales move between the layers, which ReLU does not mind. */
const block = (seed: number, padded: boolean): TinyGraph => {
  const [s, t] = [spread(8, seed + 1, 3), spread(8, seed + 4, 3)];
  return {
    inputs: { x: [1, 4, 8, 8] }, outputs: { y: [1, 6, -1, -1] },
    weights: [
      weight('w1', [8, 4, 1, 1], noise(32, seed).map((x, i) => x * s[i >> 2]!)), weight('b1', [8], noise(8, seed + 2).map((x, i) => x * s[i]!)),
      weight('w2', [8, 1, 3, 3], noise(72, seed + 3).map((x, i) => (x * t[Math.floor(i / 9)]!) / s[Math.floor(i / 9)]!)), weight('b2', [8], noise(8, seed + 5, 0.1).map((x, i) => x * t[i]!)),
      weight('w3', [6, 8, 1, 1], noise(48, seed + 6).map((x, i) => x / t[i % 8]!)),
    ],
    nodes: [
      node('Conv', ['x', 'w1', 'b1'], ['c1']), node('Relu', ['c1'], ['r1']),
      node('Conv', ['r1', 'w2', 'b2'], ['c2'], { group: { int: 8 }, ...(padded ? { pads: { ints: [1, 1, 1, 1] } } : {}) }), node('Relu', ['c2'], ['r2']),
      node('Conv', ['r2', 'w3'], ['y']),
    ],
  };
};
/** LayerNormalization, products, ReLU, product; one wide channel in the normalization, as in transformers. */
const transformer = (seed: number, residual: boolean): TinyGraph => {
  const gain = noise(32, seed, 0.2).map((x) => 1 + x);
  gain[3] = 60;
  const evened = (values: Float32Array) => values.map((x, i) => (Math.floor(i / 16) === 3 ? x / 60 : x)); // all channels matter alike
  return {
    inputs: { x: [1, 6, 32] }, outputs: { y: [1, 6, 32] },
    weights: [weight('g', [32], gain), weight('s', [32], noise(32, seed + 1, 0.1)), weight('w1', [32, 16], evened(noise(512, seed + 2, 0.3))), weight('w2', [32, 16], evened(noise(512, seed + 3, 0.3))), weight('b', [16], noise(16, seed + 4)), weight('w3', [16, 32], noise(512, seed + 5))],
    nodes: [
      node('LayerNormalization', ['x', 'g', 's'], ['n'], { axis: { int: -1 } }), node('MatMul', ['n', 'w1'], ['a']), node('MatMul', ['n', 'w2'], ['p']), node('Add', ['p', 'b'], ['q']),
      node('Relu', ['q'], ['r']), node('Add', ['a', 'r'], ['t']), node('MatMul', ['t', 'w3'], ['u']), ...(residual ? [node('Add', ['u', 'n'], ['y'])] : [node('Identity', ['u'], ['y'])]),
    ],
  };
};

describe('cross-layer equalisation', () => {
  it('leaves the function as it is, with and without padding and absorbed biases', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), async (seed, padded) => {
      const model = tinyModel(block(seed, padded));
      const samples = samplesOf([1, 4, 8, 8], seed + 20);
      const { model: equal, pairs } = equalizeLayers(model, await statsOf(model, samples));
      expect(pairs).toBe(2);
      same(await outputOf(model, samples), await outputOf(equal, samples));
    }), { numRuns: 12 });
  });

  it('takes the error of quantizing per tensor down where channels are uneven', async () => {
    const model = tinyModel(block(7, true));
    const samples = samplesOf([1, 4, 8, 8], 40);
    const float = await outputOf(model, samples);
    const error = async (one: ModelProto) => sqnrDb(float, await outputOf(await quantized(one, samples, { perChannel: false }), samples));
    const [before, after] = [await error(model), await error(equalizeLayers(model).model)];
    expect(after).toBeGreaterThan(before + 10);
  });

  it('moves a bias that keeps every value positive into the next layer, unless that one pads', async () => {
    const graph = block(9, false);
    const model = tinyModel({ ...graph, weights: graph.weights!.map((t) => (t.name === 'b1' ? weight('b1', [8], new Float32Array(8).fill(300)) : t)) });
    const samples = samplesOf([1, 4, 8, 8], 60);
    const { model: equal, absorbed } = equalizeLayers(model, await statsOf(model, samples));
    expect(absorbed).toBeGreaterThan(0);
    same(await outputOf(model, samples), await outputOf(equal, samples));
    expect(equalizeLayers(tinyModel({ ...block(9, true), weights: model.graph!.initializer }), await statsOf(model, samples)).absorbed).toBe(absorbed - 1);
  });

  it('leaves layers alone whose values are read elsewhere, or that share a weight', () => {
    const graph = block(3, false);
    expect(equalizeLayers(tinyModel({ ...graph, outputs: { ...graph.outputs, r1: [1, 8, 8, 8] } })).pairs).toBe(1);
    expect(equalizeLayers(tinyModel({ ...graph, nodes: [...graph.nodes, node('Abs', ['w2'], ['z'])], outputs: { ...graph.outputs, z: [8, 1, 3, 3] } })).pairs).toBe(0);
  });
});

describe('the bias of a Gemm', () => {
  const gemms = (dims: readonly number[]): TinyGraph => ({
    inputs: { x: [4, 16] }, outputs: { y: [4, 6] },
    weights: [weight('w', [12, 16], uneven(noise(192, 1), 16, 2, 2)), weight('b', dims, noise(dims.reduce((a, b) => a * b, 1), 3)), weight('v', [6, 12], noise(72, 4))],
    nodes: [node('Gemm', ['x', 'w', 'b'], ['h'], { transB: { int: 1 } }), node('Relu', ['h'], ['r']), node('Gemm', ['r', 'v'], ['y'], { transB: { int: 1 } })],
  });

  it.each([[[12], 1], [[1, 12], 1], [[1], 0], [[], 0], [[4, 1], 0], [[4, 12], 0]] as const)('of shape %j: scales move across %i places, and the function stays as it is', async (dims, places) => {
    const model = tinyModel(gemms(dims));
    const samples = samplesOf([4, 16], 30);
    const { model: equal, pairs } = equalizeLayers(model, await statsOf(model, samples));
    expect(pairs).toBe(places);
    same(await outputOf(model, samples), await outputOf(equal, samples));
    same(await outputOf(model, samples), await outputOf(smoothActivations(model, await statsOf(model, samples)).model, samples));
  });
});

describe('SmoothQuant', () => {
  it('leaves the function as it is, folded into the normalization or as a multiplication of its own', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), async (seed, residual) => {
      const model = tinyModel(transformer(seed, residual));
      const samples = samplesOf([1, 6, 32], seed + 20);
      const { model: smooth, folded, inserted } = smoothActivations(model, await statsOf(model, samples));
      expect([folded, inserted]).toEqual(residual ? [0, 1] : [1, 0]);
      same(await outputOf(model, samples), await outputOf(smooth, samples));
    }), { numRuns: 12 });
  });

  it.each([true, false])('takes the error down where one channel is far wider than the others (residual: %s)', async (residual) => {
    const model = tinyModel(transformer(5, residual));
    const samples = samplesOf([1, 6, 32], 70);
    const float = await outputOf(model, samples);
    const error = async (one: ModelProto) => sqnrDb(float, await outputOf(await quantized(one, samples), samples));
    expect(await error(smoothActivations(model, await statsOf(model, samples)).model)).toBeGreaterThan(await error(model) + 3);
  });
});

describe('bias correction', () => {
  const positive = (samples: Samples): Samples => ({ ...samples, data: samples.data.map((x) => x.map((v) => v + 3)) });
  const round = (settings: StaticOptions) => (_one: unknown, data: Float32Array, dims: readonly number[], axis: number) => roundedWeight(data, dims, settings.perChannel ? axis : null);

  it.each([
    ['Conv without a bias', { inputs: { x: [1, 8, 6, 6] }, outputs: { y: [1, 4, 6, 6] }, weights: [weight('w', [4, 8, 1, 1], uneven(noise(32, 1), 8, 2, 2))], nodes: [node('Conv', ['x', 'w'], ['y'])] }, [1, 8, 6, 6]],
    ['depthwise Conv', { inputs: { x: [1, 8, 6, 6] }, outputs: { y: [1, 8, 4, 4] }, weights: [weight('w', [8, 1, 3, 3], uneven(noise(72, 3), 9, 4, 2)), weight('b', [8], noise(8, 5))], nodes: [node('Conv', ['x', 'w', 'b'], ['y'], { group: { int: 8 } })] }, [1, 8, 6, 6]],
    ['transposed Gemm', { inputs: { x: [8, 16] }, outputs: { y: [8, 4] }, weights: [weight('w', [4, 16], uneven(noise(64, 6), 16, 7, 2)), weight('b', [4], noise(4, 8))], nodes: [node('Gemm', ['x', 'w', 'b'], ['y'], { transB: { int: 1 }, beta: { float: 2 } })] }, [8, 16]],
    ['MatMul and Add', { inputs: { x: [8, 16] }, outputs: { y: [8, 4] }, weights: [weight('w', [16, 4], noise(64, 9).map((x, i) => x * [0.01, 1, 0.1, 0.02][i % 4]!)), weight('b', [4], noise(4, 10))], nodes: [node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', 'b'], ['y'])] }, [8, 16]],
  ] as [string, TinyGraph, number[]][])('takes the shifted mean out: %s', async (_name, graph, dims) => {
    const model = tinyModel(graph);
    const samples = positive(samplesOf(dims, 90));
    const settings = { ...options, perChannel: false };
    const { model: corrected, corrected: nodes } = correctBiases(model, await statsOf(model, samples), round(settings));
    expect(nodes).toHaveLength(1);
    const float = await outputOf(model, samples);
    const shift = async (one: ModelProto) => {
      const got = await outputOf(await quantized(one, samples, settings), samples);
      const [, channels = 1, height = 1, width = 1] = graph.outputs['y']!;
      const plane = graph.outputs['y']!.length === 4 ? height * width : 1;
      const sums = new Float64Array(channels);
      float.forEach((x, i) => { const c = Math.floor(i / plane) % channels; sums[c] = sums[c]! + got[i]! - x; });
      return sums.reduce((sum, x) => sum + Math.abs(x), 0);
    };
    expect(await shift(corrected)).toBeLessThan(0.7 * await shift(model));
  });
});
