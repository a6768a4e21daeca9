// Static quantization of small graphs: what each rule marks, whose range and parameters a tensor gets, and what stays in float.
import { describe, expect, it } from 'vitest';
import { makeNode } from '#core/onnx/graph/attributes';
import { readTensor } from '#core/onnx/tensors/readTensor';
import type { ModelProto, NodeProto } from '#core/onnx/schema/onnx_pb';
import { info, node, noise, tinyGraph, tinyModel, weight, type TinyGraph } from '#test/fakes/tinyModel';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { planStatic, writePlanned, type StaticPlan } from './quantizeStatic.ts';
import { rangeKey, type Range, type StaticOptions } from './StaticOptions.ts';

const options: StaticOptions = { activations: 'uint8', weights: 'int8', perChannel: true, symmetricActivations: false, reduceRange: false, operators: 'all', keep: new Map() };
/** Every observed tensor gets a range of its own, so that a wrong owner shows. */
const rangesFor = (plan: StaticPlan): Map<string, Range> => new Map(plan.observe.map((key, i) => [key, { low: -1 - i, high: 2 + i }]));

function quantize(graph: TinyGraph | ModelProto, changes: Partial<StaticOptions> = {}, opset = 17) {
  const settings = { ...options, ...changes };
  const plan = planStatic('graph' in graph ? graph as ModelProto : tinyModel(graph as TinyGraph, opset), settings); // told apart by their fields
  const observed = plan.observe.map((key) => key.split('\u0000')[1]);
  const result = writePlanned(plan, rangesFor(plan), settings);
  return { ...result, plan, observed, graph: result.model.graph! };
}
type Result = ReturnType<typeof quantize>;
const of = (result: Result, opType: string): NodeProto[] => result.graph.node.filter((one) => one.opType === opType);
const values = (result: Result, name: string): number[] => Array.from(readTensor(result.graph.initializer.find((t) => t.name === name)!).data as ArrayLike<number>);
const quantizerOf = (result: Result, tensor: string): NodeProto => result.graph.node.find((one) => one.opType === 'QuantizeLinear' && one.input[0] === tensor)!;

const conv: TinyGraph = {
  inputs: { x: [1, 2, 4, 4] }, outputs: { y: [1, 3, 4, 4] },
  weights: [weight('w', [3, 2, 1, 1], [1, -2, 0.5, 0.25, 4, 3]), weight('b', [3], [1, -1, 0.5])],
  nodes: [node('Conv', ['x', 'w', 'b'], ['c']), node('Relu', ['c'], ['y'])],
};

describe('a weight that is read as it is and transposed', () => {
  const tied: TinyGraph = { inputs: { x: [2, 4] }, outputs: { y: [2, 4] }, weights: [weight('w', [4, 4], noise(16, 1))], nodes: ['a', 'b', 'c', 'y'].map((name, i) => node(i % 2 ? 'Gemm' : 'MatMul', [['x', 'a', 'b', 'c'][i]!, 'w'], [name], i % 2 ? { transB: { int: 1 } } : {})) };
  const weightAxes = (result: Result) => of(result, 'DequantizeLinear').filter(({ input }) => input[0]!.startsWith('w')).map(({ attribute }) => Number(attribute.find(({ name }) => name === 'axis')?.i));

  it('becomes two, each with scales along its own columns: the integer kernels take them there whatever the axis says', () => {
    expect(new Set(weightAxes(quantize(tied)))).toEqual(new Set([0, 1]));
  });

  it('stays one with one scale, and in parity mode, as the reference writes it', () => {
    expect(weightAxes(quantize(tied, { perChannel: false }))).toHaveLength(1);
    expect(weightAxes(quantize(tied, { parity: true }))).toHaveLength(1);
  });
});

describe('Conv', () => {
  it('takes integer weights per output channel and an INT32 bias scaled by input and weight', () => {
    const result = quantize(conv);
    expect(values(result, 'w_scale')).toEqual([2 / 127, 0.5 / 127, 4 / 127].map(Math.fround));
    expect(values(result, 'w_quantized')).toEqual([64, -127, 127, 64, 127, 95]);
    const inputScale = values(result, 'x_scale')[0]!;
    values(result, 'b_quantized').forEach((q, i) => {
      const step = inputScale * values(result, 'w_scale')[i]!;
      expect(Math.abs(q * step - [1, -1, 0.5][i]!)).toBeLessThanOrEqual(step * 0.501);
    });
  });

  it('takes over a ReLU that alone reads it: the clipping is done by the range', () => {
    const result = quantize(conv);
    expect(of(result, 'Relu')).toEqual([]);
    expect(result.observed).toEqual(['x', 'y']);
  });

  it('leaves a ReLU where another node reads its input too', () => {
    expect(of(quantize({ ...conv, outputs: { y: [1, 3, 4, 4], z: [1, 3, 4, 4] }, nodes: [...conv.nodes, node('Exp', ['c'], ['z'])] }), 'Relu')).toHaveLength(1);
  });

  it('has one scale per tensor where that is asked for', () => { expect(values(quantize(conv, { perChannel: false }), 'w_scale')).toEqual([Math.fround(4 / 127)]); });

  it('per channel below opset 13 uses the operators of the runtime: the standard ones have no axis there', () => {
    expect(new Set(quantize(conv, {}, 11).graph.node.filter(({ opType }) => opType.endsWith('Linear')).map(({ domain }) => domain))).toEqual(new Set(['com.microsoft']));
    expect(new Set(quantize(conv, {}, 13).graph.node.filter(({ opType }) => opType.endsWith('Linear')).map(({ domain }) => domain))).toEqual(new Set(['']));
  });

  it('raises a weight scale under which the bias would overflow INT32', () => {
    const result = quantize({ ...conv, weights: [weight('w', [3, 2, 1, 1], [1e-7, 1e-7, 1, 1, 1, 1]), weight('b', [3], [100, 1, 1])] });
    const [raised] = values(result, 'w_scale');
    expect(raised!).toBeGreaterThan(1e-7 / 127);
    expect(Math.max(...values(result, 'b_quantized').map(Math.abs))).toBeLessThanOrEqual(2 ** 31 - 1);
    expect(values(result, 'b_quantized')[0]! * Math.fround(values(result, 'x_scale')[0]! * raised!)).toBeCloseTo(100, 3);
  });

  it('gives each node its own bias where two share one', () => {
    const result = quantize({ ...conv, outputs: { y: [1, 3, 4, 4], z: [1, 3, 4, 4] }, weights: [...conv.weights!, weight('v', [3, 2, 1, 1], noise(6, 1))], nodes: [...conv.nodes, node('Conv', ['x', 'v', 'b'], ['z'])] });
    expect(result.choices.filter(({ kind }) => kind === 'bias').map(({ tensor }) => tensor)).toEqual(['b_copy', 'b_copy1']);
  });

  it('refuses weights that are not finite, by name', () => {
    expect(() => quantize({ ...conv, weights: [weight('w', [3, 2, 1, 1], [1, NaN, 1, 1, 1, 1]), conv.weights![1]!] })).toThrow(/"w"/u);
  });

  it('is kept in float, with the reason, where the user says so', () => {
    const { plan } = quantize({ ...conv, outputs: { z: [1, 3, 4, 4] }, weights: [...conv.weights!, weight('v', [3, 3, 1, 1], noise(9, 2))], nodes: [...conv.nodes, node('Conv', ['y', 'v'], ['z'])] }, { keep: new Map([['c', 'excluded by the user']]) });
    expect(plan.kept).toEqual([{ node: 'c', reason: 'excluded by the user' }]);
    expect(plan.quantized.map((one) => one.node)).toContain('z');
    expect(plan.quantized.map((one) => one.node)).not.toContain('c');
  });
});

it('Gemm with transposed weights has its channels on axis 0, and its beta goes into the bias', () => {
  const result = quantize({
    inputs: { x: [1, 2] }, outputs: { y: [1, 3] }, weights: [weight('w', [3, 2], [1, 1, 2, 2, 4, 4]), weight('b', [3], [1, 1, 1])],
    nodes: [node('Gemm', ['x', 'w', 'b'], ['y'], { transB: { int: 1 }, beta: { float: 0.5 } })],
  });
  expect(values(result, 'w_scale')).toEqual([1, 2, 4].map((reach) => Math.fround(reach / 127)));
  expect(of(result, 'Gemm')[0]!.attribute.find(({ name }) => name === 'beta')!.f).toBe(1);
  values(result, 'b_quantized').forEach((q, i) => {
    const step = values(result, 'x_scale')[0]! * values(result, 'w_scale')[i]!;
    expect(values(result, 'b_quantized_scale')[i]!).toBeCloseTo(step, 10);
    expect(Math.abs(q * step - 0.5)).toBeLessThanOrEqual(step * 0.501);
  });
});

it.each([{ dims: [1, 3], numbers: [1, -1, 2], quantized: true }, { dims: [2, 1], numbers: [1, -1], quantized: false }, { dims: [1], numbers: [1], quantized: false }])('a Gemm whose bias has the shape $dims is still a valid model', ({ dims, numbers, quantized }) => {
  const result = quantize({ inputs: { x: [2, 2] }, outputs: { y: [2, 3] }, weights: [weight('w', [2, 3], [1, 2, 4, 1, 2, 4]), weight('b', dims, numbers)], nodes: [node('Gemm', ['x', 'w', 'b'], ['y'], { beta: { float: 0.5 } })] });
  const restored = result.graph.node.find((one) => one.opType === 'DequantizeLinear' && one.output[0] === 'b');
  expect(restored !== undefined).toBe(quantized);
  if (restored) expect(restored.attribute.find(({ name }) => name === 'axis')?.i).toBe(1n);
  else expect(values(result, 'b').map((value) => value * of(result, 'Gemm')[0]!.attribute.find(({ name }) => name === 'beta')!.f)).toEqual(numbers.map((value) => value / 2));
});

it('MatMul has its channels on the last axis, and two activations where neither side is a weight', () => {
  const one = quantize({ inputs: { x: [2, 2] }, outputs: { y: [2, 3] }, weights: [weight('w', [2, 3], [1, 2, 4, 1, 2, 4])], nodes: [node('MatMul', ['x', 'w'], ['y'])] });
  expect(values(one, 'w_scale')).toEqual([1, 2, 4].map((reach) => Math.fround(reach / 127)));
  expect(quantize({ inputs: { x: [2, 2], z: [2, 2] }, outputs: { y: [2, 2] }, nodes: [node('MatMul', ['x', 'z'], ['y'])] }).observed).toEqual(['x', 'z', 'y']);
});

it('products answer float where that is asked for: nothing is rounded on the way out, and products of two activations stay float', () => {
  const result = quantize({
    inputs: { x: [2, 2], z: [3, 2] }, outputs: { y: [2, 2], g: [2, 3] }, weights: [weight('w', [2, 3], noise(6, 1)), weight('v', [3, 2], noise(6, 2))],
    nodes: [node('MatMul', ['x', 'w'], ['m']), node('MatMul', ['m', 'z'], ['y']), node('Gemm', ['x', 'v'], ['g'], { transB: { int: 1 } })],
  }, { floatProducts: true, operators: 'compute' });
  expect(result.observed).toEqual(['x']);
  expect(result.plan.kept.map((one) => one.node)).toEqual(['y']);
  expect(of(result, 'QuantizeLinear')).toHaveLength(1);
});

it('operators that only move values share the parameters of their input', () => {
  const result = quantize({
    inputs: { x: [1, 2, 4, 4] }, outputs: { y: [3, 2, 2] }, weights: [weight('w', [3, 2, 1, 1], noise(6, 3))],
    nodes: [node('Conv', ['x', 'w'], ['c']), node('MaxPool', ['c'], ['p'], { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } }), node('Squeeze', ['p'], ['s']), node('Transpose', ['s'], ['y'], { perm: { ints: [0, 2, 1] } })],
  });
  expect(result.observed).toEqual(['x', 'c']);
  for (const tensor of ['p', 's', 'y_QuantizeLinear_Input']) expect(quantizerOf(result, tensor).input.slice(1)).toEqual(['c_scale', 'c_zero_point']);
});

it('no range reaches further than the Clip that makes the tensor, also where the Clip is folded away', () => {
  const result = quantize({
    inputs: { x: [1, 2, 4, 4] }, outputs: { y: [1, 3, 4, 4] }, weights: [weight('w', [3, 2, 1, 1], noise(6, 3)), weight('least', [], [0]), weight('most', [], [2.5])],
    nodes: [node('Conv', ['x', 'w'], ['c']), node('Clip', ['c', 'least', 'most'], ['y'])],
  });
  expect([of(result, 'Clip').length, values(result, 'y_scale'), values(result, 'y_zero_point')]).toEqual([0, [Math.fround(2.5 / 255)], [0]]);
});

describe('a Clip stays where a range cannot do its work', () => {
  const clip = (inputs: readonly string[], changes: Partial<StaticOptions> = {}): Result => quantize({
    inputs: { x: [1, 2, 4, 4], given: [] }, outputs: { y: [1, 3, 4, 4] }, weights: [weight('w', [3, 2, 1, 1], noise(6, 3)), weight('least', [], [0.2]), weight('most', [], [0.8]), weight('below', [], [-3])],
    nodes: [node('Conv', ['x', 'w'], ['c']), node('Clip', ['c', ...inputs], ['y'])],
  }, changes);

  it('because zero lies outside of its bounds, or because a bound is computed', () => {
    for (const bounds of [['least', 'most'], ['', 'below'], ['', 'given'], ['given', 'most']]) expect(of(clip(bounds), 'Clip')).toHaveLength(1);
    for (const bounds of [[], ['below'], ['', 'most'], ['below', 'most']]) expect(of(clip(bounds), 'Clip')).toHaveLength(0);
  });

  it('but in parity mode, where the reference folds it too', () => { expect(of(clip(['least', 'most'], { parity: true }), 'Clip')).toHaveLength(0); });

  it('and bounds of a Clip of whole numbers are not read as floats', () => {
    const model = tinyModel({ outputs: { y: [1, 4] }, weights: [weight('t', [8, 2], noise(16, 1)), weight('w', [2, 4], noise(8, 2))], nodes: [node('Clip', ['ids', 'lo', 'hi'], ['safe']), node('Gather', ['t', 'safe'], ['e']), node('MatMul', ['e', 'w'], ['y'])] });
    model.graph!.input.push(info('ids', [1], dataTypes.int64));
    model.graph!.initializer.push(...['lo', 'hi'].map((name, i) => tensorOver(name, dataTypes.int64, [], BigInt64Array.of([0n, 7n][i]!))));
    expect(of(quantize(model), 'Clip')).toHaveLength(1);
  });
});

it('a tensor that is an output keeps its own range beside its ReLU, but in parity mode', () => {
  const graph: TinyGraph = { ...conv, outputs: { c: [1, 3, 4, 4], y: [1, 3, 4, 4] } };
  expect(quantize(graph).observed).toContain('c');
  expect(quantize(graph, { parity: true }).observed).not.toContain('c');
});

it('a Resize that answers values beyond its input has parameters of its own, but in parity mode', () => {
  const resize = (attributes: Parameters<typeof node>[3], changes: Partial<StaticOptions> = {}) => quantize({
    inputs: { x: [1, 2, 4, 4] }, outputs: { y: [1, 3, 8, 8] }, weights: [weight('w', [3, 2, 1, 1], noise(6, 3)), weight('roi', [8], [0, 0, -0.3, -0.3, 1, 1, 1.3, 1.3]), weight('s', [4], [1, 1, 2, 2])],
    nodes: [node('Conv', ['x', 'w'], ['c']), node('Resize', ['c', 'roi', 's'], ['y'], attributes)],
  }, changes).observed;
  const crop = { coordinate_transformation_mode: 'tf_crop_and_resize' };
  expect(resize({ ...crop, extrapolation_value: { float: -20 } })).toContain('y');
  expect(resize({ mode: 'cubic' })).toContain('y');
  expect(resize({ mode: 'cubic' }, { parity: true })).not.toContain('y');
  expect(resize(crop)).not.toContain('y');
  expect(resize({ mode: 'linear' })).not.toContain('y');
});

it('Softmax has the range 0 to 1 without being observed', () => {
  const result = quantize({ inputs: { x: [1, 4] }, outputs: { y: [1, 4] }, nodes: [node('Softmax', ['x'], ['y'])] });
  expect(result.observed).toEqual(['x']);
  expect(values(result, 'y_scale')).toEqual([Math.fround(1 / 255)]);
});

it('quantizes inside the branches of an If, and names them by their place', () => {
  const branch = (name: string, seed: number) => tinyGraph({ outputs: { [name]: [1, 3, 4, 4] }, weights: [weight(`${name}.w`, [3, 2, 1, 1], noise(6, seed))], nodes: [node('Conv', ['x', `${name}.w`], [name])] }, name);
  const model = tinyModel({ inputs: { x: [1, 2, 4, 4] }, outputs: { y: [1, 3, 4, 4] }, nodes: [makeNode('If', ['which'], ['y'], { name: 'choose', attributes: { then_branch: branch('t', 4), else_branch: branch('e', 5) } })] });
  model.graph!.input.push(info('which', [], dataTypes.bool));
  const { plan } = quantize(model);
  expect(plan.quantized.map((one) => one.node)).toEqual(['choose/then_branch/t', 'choose/else_branch/e']);
  expect(plan.observe).toContain(rangeKey('choose/then_branch/', 't'));
});

it('leaves the given model as it is, and refuses one that holds nothing to quantize', () => {
  const model = tinyModel(conv);
  const before = JSON.stringify(model.graph!.node.map(({ opType, input, output }) => [opType, input, output]));
  quantize(model);
  expect(JSON.stringify(model.graph!.node.map(({ opType, input, output }) => [opType, input, output]))).toBe(before);
  expect(() => quantize({ inputs: { x: [1] }, outputs: { y: [1] }, nodes: [node('Exp', ['x'], ['y'])] })).toThrow(expect.objectContaining({ code: 'NOTHING_TO_QUANTIZE' }) as Error);
});
