// Static INT8 inside loops, with the runtime as judge: what is observed there is what an unrolled model computes, and the quantized bodies answer like the float ones.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import type { GraphProto, ModelProto } from '#core/onnx/schema/onnx_pb';
import { inferElementTypes } from '#core/quantize/graph/elementTypes';
import { dataTypes, tensorOver } from '#core/quantize/graph/protos';
import { exposeTensors, type Exposure } from '#core/quantize/observers/exposeTensors';
import { planStatic, writePlanned } from '#core/quantize/static/quantizeStatic';
import { rangeKey, type Range, type StaticOptions } from '#core/quantize/static/StaticOptions';
import { sqnrDb } from '#test/fakes/sqnrDb';
import { info, node, noise, tinyGraph, tinyModel, weight } from '#test/fakes/tinyModel';
import { createNativeSession } from '../inference/nativeSession.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-loops-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

const [size, steps] = [8, 5];
const x = noise(steps * size, 1);
const w = noise(size * size, 2, 0.6);
const flag = (name: string, value: number) => tensorOver(name, dataTypes.bool, [], Uint8Array.of(value));

async function run(model: ModelProto, dims: readonly number[]): Promise<Record<string, Float32Array>> {
  const path = join(root, `${count++}.onnx`);
  writeFileSync(path, encodeModel(model));
  const session = await createNativeSession({ path, threads: 1, spinning: false });
  try {
    const results = await session.run({ x: { type: 'float32', dims, data: x.slice(0, dims.reduce((a, b) => a * b)) } });
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array])); // float models
  } finally { await session.release(); }
}

/** state -> relu(state · w), `steps` times, each state collected; in every other step through a branch. */
function loopModel(body: Partial<Pick<GraphProto, 'node'>> = {}): ModelProto {
  const inner = tinyGraph({ outputs: { next: [1, size], kept: [1, size] }, weights: [weight('w', [size, size], w)], nodes: body.node ?? [node('MatMul', ['state', 'w'], ['product']), node('Relu', ['product'], ['next']), node('Identity', ['next'], ['kept']), node('Identity', ['go'], ['on'])] });
  inner.input = [info('i', [], dataTypes.int64), info('go', [], dataTypes.bool), info('state', [1, size])];
  inner.output = [info('on', [], dataTypes.bool), ...inner.output];
  const model = tinyModel({
    inputs: { x: [1, size] }, outputs: { last: [1, size], all: [steps, 1, size] }, weights: [tensorOver('n', dataTypes.int64, [], BigInt64Array.of(BigInt(steps))), flag('yes', 1)],
    nodes: [node('Loop', ['n', 'yes', 'x'], ['last', 'all'], { body: inner }, 'loop')],
  });
  return model;
}

function scanModel(): ModelProto {
  const inner = tinyGraph({ inputs: { state: [1, size], each: [1, size] }, outputs: { next: [1, size], kept: [1, size] }, weights: [weight('w', [size, size], w)], nodes: [node('MatMul', ['state', 'w'], ['product']), node('Add', ['product', 'each'], ['next']), node('Identity', ['next'], ['kept'])] });
  return tinyModel({ inputs: { x: [steps, 1, size] }, outputs: { last: [1, size], all: [steps, 1, size] }, weights: [weight('zero', [1, size], new Float32Array(size))], nodes: [node('Scan', ['zero', 'x'], ['last', 'all'], { body: inner, num_scan_inputs: { int: 1 }, scan_output_axes: { ints: [0] } }, 'scan')] });
}

/** The products that the body computes, one row a step. */
function products(next: (product: number, step: number, column: number) => number, start: Float32Array): number[][] {
  const rows: number[][] = [];
  let state = Array.from(start);
  for (let step = 0; step < steps; step++) {
    const row = Array.from({ length: size }, (_, column) => state.reduce((sum, value, i) => sum + value * w[i * size + column]!, 0));
    rows.push(row);
    state = row.map((value, column) => next(value, step, column));
  }
  return rows;
}
const loopProducts = () => products((value) => Math.max(0, value), x.slice(0, size));
const scanProducts = () => products((value, step, column) => value + x[step * size + column]!, new Float32Array(size));

const cases = [['Loop', loopModel, 'loop/body/', [1, size], loopProducts], ['Scan', scanModel, 'scan/body/', [steps, 1, size], scanProducts]] as const;
const observe = async (model: ModelProto, keys: readonly string[], dims: readonly number[], exposure: Exposure) => {
  const exposed = exposeTensors(model, keys, exposure);
  const results = await run(exposed.model, dims);
  return new Map([...exposed.outputs].map(([key, { min, max }]) => [key, { low: results[min]!, high: results[max]! }]));
};

describe.each(cases)('inside a %s', (_what, make, path, dims, expected) => {
  const key = rangeKey(path, 'product');

  it('the values of all steps are observed, and their extremes', async () => {
    const values = (await observe(make(), [key], dims, 'values')).get(key)!;
    const flat = expected().flat();
    expect(values.low).toHaveLength(steps * size);
    values.low.forEach((value, i) => expect(value).toBeCloseTo(flat[i]!, 4));
    const { low, high } = (await observe(make(), [key], dims, 'extremes')).get(key)!;
    expect(Math.min(...low)).toBeCloseTo(Math.min(...flat), 4);
    expect(Math.max(...high)).toBeCloseTo(Math.max(...flat), 4);
  });

  it('what the model answers itself stays the same', async () => {
    const [plain, exposed] = [await run(make(), dims), await run(exposeTensors(make(), [key], 'values').model, dims)];
    expect([exposed['last'], exposed['all']]).toEqual([plain['last'], plain['all']]);
  });

  it('products are quantized', async () => {
    const options: StaticOptions = { activations: 'uint8', weights: 'int8', perChannel: true, symmetricActivations: false, reduceRange: true, operators: 'compute', floatProducts: true, keep: new Map() };
    const plan = planStatic(make(), options);
    expect(plan.quantized.map(({ node: name }) => name)).toContain(`${path}product`);
    const ranges = new Map<string, Range>([...await observe(make(), plan.observe, dims, 'extremes')].map(([name, { low, high }]) => [name, { low: Math.min(...low), high: Math.max(...high) }]));
    const [float, quantized] = [(await run(make(), dims))['all']!, (await run(writePlanned(plan, ranges, options).model, dims))['all']!];
    expect(sqnrDb(float, quantized)).toBeGreaterThan(25);
  });
});

it.each(cases)('what comes after a %s is known to be float', (_what, make) => {
  const model = make();
  model.graph!.node.push(node('Relu', ['all'], ['y']));
  model.graph!.output = [info('y', [steps, 1, size], 0)];
  expect(inferElementTypes(model.graph!).get('y')).toBe(dataTypes.float);
});

it('a branch inside a loop answers what it computed in the steps that took it', async () => {
  const branch = (name: string, opType: string) => tinyGraph({ outputs: { [name]: [1, size] }, nodes: [node('MatMul', ['state', 'w'], [`${name}_product`]), node(opType, [`${name}_product`], [name])] });
  const model = loopModel({ node: [
    node('Cast', ['i'], ['odd'], { to: { int: dataTypes.bool } }), // false in the first step alone
    node('If', ['odd'], ['next'], { then_branch: branch('a', 'Relu'), else_branch: branch('b', 'Neg') }, 'if'), node('Identity', ['next'], ['kept']), node('Identity', ['go'], ['on']),
  ] });
  const keys = ['then', 'else'].map((which, i) => rangeKey(`loop/body/if/${which}_branch/`, `${'ab'[i]}_product`));
  const seen = await observe(model, keys, [1, size], 'values');
  expect(keys.map((key) => seen.get(key)!.low.length)).toEqual([(steps - 1) * size, size]);
});
