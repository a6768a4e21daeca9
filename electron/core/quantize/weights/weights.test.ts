// The recipes that need no data, on small graphs: what replaces a node, what stays and why, and that nothing is lost on the way.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { makeNode } from '#core/onnx/graph/attributes';
import { readTensor } from '#core/onnx/tensors/readTensor';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { info, node, noise, tinyGraph, tinyModel, weight, type TinyGraph } from '#test/fakes/tinyModel';
import { constantsToInitializers } from '../graph/constantsToInitializers.ts';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { fromFloat16Bits } from '../numerics/float16.ts';
import { roundNearest } from '../blocks/roundNearest.ts';
import { unpackNBits } from '#test/fakes/unpackNBits';
import { dynamicOperators } from './dynamicOperators.ts';
import { quantizeDynamic, type DynamicOptions } from './quantizeDynamic.ts';
import { quantizeBlocks } from './quantizeBlocks.ts';
import { packWeights } from './packWeights.ts';
import { toFloat16 } from './toFloat16.ts';

const none: ReadonlyMap<string, string> = new Map();
const dynamic: DynamicOptions = { perChannel: true, reduceRange: false, operators: new Set(dynamicOperators), parity: false, keep: none };
const operators = (model: ModelProto): string[] => model.graph!.node.map(({ opType }) => opType);
const stored = (model: ModelProto, name: string) => readTensor(model.graph!.initializer.find((t) => t.name === name)!).data as ArrayLike<number>;

const twoProducts: TinyGraph = {
  inputs: { x: [2, 64] }, outputs: { y: [2, 32], z: [2, 32] }, weights: [weight('w', [64, 32], noise(2048, 1)), weight('v', [64, 32], noise(2048, 2)), weight('b', [32], noise(32, 3))],
  nodes: [node('MatMul', ['x', 'w'], ['y']), node('Gemm', ['x', 'v', 'b'], ['z'], { beta: { float: 2 } })],
};

describe('dynamic INT8', () => {
  it('quantizes an activation once for all its readers, and adds the bias of a Gemm in float', () => {
    const { model, quantized } = quantizeDynamic(tinyModel(twoProducts), dynamic);
    expect(operators(model).filter((type) => type === 'DynamicQuantizeLinear')).toHaveLength(1);
    expect(operators(model).filter((type) => type === 'MatMulInteger')).toHaveLength(2);
    expect(quantized.map((one) => one.node)).toEqual(['y', 'z']);
    expect(model.graph!.initializer.map(({ name }) => name)).not.toContain('w');
    expect(Array.from(stored(model, 'b_times_beta'))).toEqual(Array.from(noise(32, 3), (x) => Math.fround(x * 2)));
  });

  it('stores a table of embeddings as U8 and makes only the picked rows float; a small table stays', () => {
    const table = (rows: number) => {
      const model = tinyModel({ outputs: { y: [2, 64] }, weights: [weight('t', [rows, 64], noise(rows * 64, 4))], nodes: [node('Gather', ['t', 'ids'], ['y'])] });
      model.graph!.input.push(info('ids', [2], dataTypes.int64));
      return quantizeDynamic(model, dynamic);
    };
    const { model, quantized } = table(100);
    expect(quantized.map((one) => one.operator)).toEqual(['Gather']);
    expect(operators(model)).toEqual(['Gather', 'DequantizeLinear']);
    expect(model.graph!.initializer.reduce((sum, { rawData }) => sum + rawData.length, 0)).toBe(6400 + 4 + 1);
    expect(table(10).quantized).toEqual([]);
  });

  it('gives convolution weights U8 around 128, one scale per channel: one zero point serves all', () => {
    const { model } = quantizeDynamic(tinyModel({ inputs: { x: [1, 2, 4, 4] }, outputs: { y: [1, 3, 4, 4] }, weights: [weight('w', [3, 2, 1, 1], [1, -2, 0.5, 0.25, 4, 3])], nodes: [node('Conv', ['x', 'w'], ['y'])] }), dynamic);
    expect(Array.from(stored(model, 'w_zero_point'))).toEqual([128]);
    expect(stored(model, 'w_scale')).toHaveLength(3);
  });

  it('serves pruned channels with the zero point of the others, wherever they are', () => {
    for (const channels of [[0, 0, 4, -2], [4, -2, 0, 0], [0, 0, 0, 0]]) {
      const { model } = quantizeDynamic(tinyModel({ inputs: { x: [1, 2, 4, 4] }, outputs: { y: [1, 2, 4, 4] }, weights: [weight('w', [2, 2, 1, 1], channels)], nodes: [node('Conv', ['x', 'w'], ['y'])] }), dynamic);
      const [zeroPoint] = Array.from(stored(model, 'w_zero_point'));
      const scales = stored(model, 'w_scale');
      Array.from(stored(model, 'w_quantized'), (q, i) => expect((q - zeroPoint!) * scales[Math.floor(i / 2)]!).toBeCloseTo(channels[i]!, 1));
    }
  });

  it('says why a product of two activations, and an excluded node, stay in float', () => {
    const { kept } = quantizeDynamic(tinyModel({ ...twoProducts, inputs: { x: [2, 64], a: [64, 32] }, nodes: [node('MatMul', ['x', 'a'], ['y']), twoProducts.nodes[1]!] }), { ...dynamic, keep: new Map([['z', 'excluded by the user']]) });
    expect(kept).toEqual([{ node: 'y', reason: 'its right side is not a constant weight' }, { node: 'z', reason: 'excluded by the user' }]);
  });

  it('names the node whose weight is not finite', () => {
    const broken = tinyModel({ ...twoProducts, weights: [weight('w', [64, 32], new Float32Array(2048).fill(NaN)), ...twoProducts.weights!.slice(1)] });
    expect(() => quantizeDynamic(broken, dynamic)).toThrow(expect.objectContaining({ code: 'BAD_MODEL', message: expect.stringContaining('the node "y"') as string }) as Error);
    expect(() => packWeights(broken, { keep: none, forms: new Map() })).toThrow(expect.objectContaining({ code: 'BAD_MODEL' }) as Error);
  });

  it('finds weights around an If from inside its branches', () => {
    const branch = (name: string) => tinyGraph({ outputs: { [name]: [2, 32] }, nodes: [node('MatMul', ['x', 'w'], [name])] }, name);
    const model = tinyModel({ inputs: { x: [2, 64] }, outputs: { y: [2, 32] }, weights: [weight('w', [64, 32], noise(2048, 1))], nodes: [makeNode('If', ['which'], ['y'], { name: 'choose', attributes: { then_branch: branch('t'), else_branch: branch('e') } })] });
    model.graph!.input.push(info('which', [], dataTypes.bool));
    const result = quantizeDynamic(model, dynamic);
    expect(result.quantized.map((one) => one.node)).toEqual(['choose/then_branch/t', 'choose/else_branch/e']);
    expect(result.model.graph!.initializer.map(({ name }) => name)).not.toContain('w');
  });
});

describe('weights in blocks', () => {
  const blocks32 = { bits: 4, blockSize: 32, symmetric: false, format: 'nbits', embeddings: true, keep: none } as const;

  it('takes Gemm as well as MatMul', () => {
    const { model, quantized } = quantizeBlocks(tinyModel(twoProducts), { ...blocks32, symmetric: true }, () => roundNearest);
    expect(operators(model).filter((type) => type === 'MatMulNBits')).toHaveLength(2);
    expect(quantized).toHaveLength(2);
  });

  it('errs by at most half a step of its block, and one step at the end that 4 bits lack', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1e6 }), fc.boolean(), (k, n, seed, symmetric) => {
      const data = noise(k * n, seed);
      const { model } = quantizeBlocks(tinyModel({ inputs: { x: [1, k] }, outputs: { y: [1, n] }, weights: [weight('w', [k, n], data)], nodes: [node('MatMul', ['x', 'w'], ['y'])] }), { ...blocks32, blockSize: 16, symmetric }, () => roundNearest);
      const scales = stored(model, 'w_Q4_scales') as Float32Array;
      const blocks = Math.ceil(k / 16);
      const back = unpackNBits({ packed: stored(model, 'w_Q4') as Uint8Array, scales, zeroPoints: symmetric ? null : stored(model, 'w_Q4_zero_points') as Uint8Array, blocks }, k, n, 16);
      data.forEach((x, i) => expect(Math.abs(x - back[i]!)).toBeLessThanOrEqual(Math.abs(scales[(i % n) * blocks + Math.floor(Math.floor(i / n) / 16)]!) * (symmetric ? 1.001 : 0.501 + 0.5) + 1e-7));
    }), { numRuns: 60 });
  });
});

describe('packed weights', () => {
  it('keep the node and restore its weight by operators that the runtime folds, once for all readers', () => {
    const { model } = packWeights(tinyModel({ ...twoProducts, nodes: [node('MatMul', ['x', 'w'], ['y']), node('MatMul', ['x', 'w'], ['z'])] }), { keep: none, forms: new Map() });
    expect(operators(model).sort()).toEqual(['Cast', 'MatMul', 'MatMul', 'Mul']);
    expect(model.graph!.initializer.map(({ dataType }) => dataType)).toEqual(expect.arrayContaining([dataTypes.float, dataTypes.int8]));
  });

  it('take the form that was asked for, node by node, and say which stayed', () => {
    const { model, kept, quantized } = packWeights(tinyModel(twoProducts), { keep: none, forms: new Map([['y', 'float16'], ['z', 'float32']]) });
    expect(Array.from(stored(model, 'w_float16'), fromFloat16Bits).every((x, i) => Math.abs(x - noise(2048, 1)[i]!) <= 2 ** -11)).toBe(true);
    expect([quantized.map((one) => one.node), kept]).toEqual([['y'], [{ node: 'z', reason: 'its weights are sensitive to rounding' }]]);
  });

  it('of a table of embeddings restore only the rows that were picked', () => {
    const model = tinyModel({ outputs: { y: [2, 64] }, weights: [weight('t', [100, 64], noise(6400, 4))], nodes: [node('Gather', ['t', 'ids'], ['y'])] });
    model.graph!.input.push(info('ids', [2], dataTypes.int64));
    expect(operators(packWeights(model, { keep: none, forms: new Map() }).model)).toEqual(['Gather', 'Gather', 'Cast', 'Mul']);
    expect(operators(packWeights(model, { keep: none, forms: new Map([['y', 'float16']]) }).model)).toEqual(['Gather', 'Cast']);
  });
});

describe('half precision', () => {
  it('keeps the types of inputs and outputs, clamps what a half cannot hold, and counts it', () => {
    const { model, clamped } = toFloat16(tinyModel({ inputs: { x: [1, 2] }, outputs: { y: [1, 2] }, weights: [weight('w', [2], [1e6, 0.5])], nodes: [node('Mul', ['x', 'w'], ['y'])] }), none);
    expect(operators(model)).toEqual(['Cast', 'Mul', 'Cast']);
    expect(Array.from(stored(model, 'w'), fromFloat16Bits)).toEqual([65504, 0.5]);
    expect(clamped).toBe(1);
    expect(model.graph!.input[0]!.type!.value).toMatchObject({ value: { elemType: dataTypes.float } });
  });

  it('leaves an input that is an output as well alone', () => {
    const { model } = toFloat16(tinyModel({ inputs: { x: [2, 4] }, outputs: { y: [2, 4], x: [2, 4] }, weights: [weight('w', [4, 4], noise(16, 1))], nodes: [node('MatMul', ['x', 'w'], ['y'])] }), none);
    expect(model.graph!.node.map(({ opType, input, output }) => `${opType} ${input.join()} ${output.join()}`)).toEqual(['Cast x x_float16', 'MatMul x_float16,w y_float16', 'Cast y_float16 y']);
  });

  it('gives operators without a half-precision form float32 again, and says so', () => {
    const { model, kept } = toFloat16(tinyModel({ inputs: { x: [1, 4] }, outputs: { y: [1, 4] }, weights: [], nodes: [node('Relu', ['x'], ['r']), node('CumSum', ['r', 'axis'], ['y'])] }), none);
    expect(kept).toEqual([{ node: 'y', reason: 'CumSum has no half-precision form' }]);
    expect(operators(model)).toContain('CumSum');
  });
});

describe('half precision where a type is fixed', () => {
  const w = weight('w', [4, 4], noise(16, 1));
  const half = (nodes: TinyGraph['nodes'], outputs: TinyGraph['outputs'] = { y: [1, 4] }) => toFloat16(tinyModel({ inputs: { x: [1, 4] }, outputs, weights: [w], nodes }), none).model.graph!;
  const reads = (graph: ReturnType<typeof half>, output: string) => graph.node.find((one) => one.output.includes(output))?.input;

  it('leaves a weight that is an output as it is', () => {
    const graph = half([node('MatMul', ['x', 'w'], ['y'])], { y: [1, 4], w: [4, 4] });
    expect(graph.initializer.map(({ name, dataType }) => [name, dataType])).toEqual([['w', dataTypes.float]]);
    expect(reads(graph, 'y_float16')).toEqual(['x_float16', 'w_float16']);
  });

  it('casts what a normalization answers in float32, zeros without a value, and IsInf of older opsets', () => {
    const graph = half([node('LayerNormalization', ['x', 'w'], ['n', 'mean']), node('Shape', ['n'], ['s']), node('ConstantOfShape', ['s'], ['z']), node('IsInf', ['n'], ['i']), node('Where', ['i', 'z', 'mean'], ['y'])]);
    expect(reads(graph, 'mean')).toEqual(['mean_float32']);
    expect(graph.node.find(({ opType }) => opType === 'ConstantOfShape')?.attribute[0]?.t?.dataType).toBe(dataTypes.float16);
    expect(reads(graph, 'i')).toEqual(['n_float32']);
  });

  it('gives blocked operators in branches the float32 values of the graph around them', () => {
    const branch = (name: string, from: string) => tinyGraph({ outputs: { [name]: [1, 4] }, nodes: [node('Max', [from, from], [name])] });
    const graph = half([node('MatMul', ['x', 'w'], ['h']), makeNode('If', ['which'], ['y'], { name: 'if', attributes: { then_branch: branch('t', 'x'), else_branch: branch('e', 'h') } })], { y: [1, 4], h: [1, 4] });
    const inner = graph.node.find(({ opType }) => opType === 'If')!.attribute.map(({ g }) => g!.node.map(({ opType, input }) => `${opType} ${input.join()}`));
    expect(inner).toEqual([['Max x,x', 'Cast t_float32'], ['Cast h_float16', 'Max h_float16_float32,h_float16_float32', 'Cast e_float32']]);
  });

  it('leaves sequences in float32', () => {
    const graph = half([node('SequenceEmpty', [], ['s']), node('SequenceInsert', ['s', 'x'], ['t']), node('ConcatFromSequence', ['t'], ['c'], { axis: { int: 0 } }), node('MatMul', ['c', 'w'], ['y'])]);
    expect([reads(graph, 't'), reads(graph, 'c')]).toEqual([['s', 'x'], ['c_float32']]);
  });
});

it('weights of Constant nodes become initializers, in branches too; a constant that is an output stays', () => {
  const constant = (name: string) => makeNode('Constant', [], [name], { name, attributes: { value: tensorOver('', dataTypes.float, [2], new Float32Array([1, 2])) } });
  const branch = tinyGraph({ outputs: { t: [2] }, nodes: [constant('k'), node('Add', ['x', 'k'], ['t'])] });
  const graph = tinyGraph({ inputs: { x: [2] }, outputs: { c: [2], y: [2] }, nodes: [constant('w'), constant('c'), makeNode('If', ['which'], ['y'], { attributes: { then_branch: branch, else_branch: tinyGraph({ outputs: { e: [2] }, nodes: [node('Add', ['x', 'w'], ['e'])] }) } })] });
  constantsToInitializers(graph);
  expect(graph.initializer.map(({ name }) => name)).toEqual(['w']);
  expect(graph.node.map(({ opType }) => opType)).toEqual(['Constant', 'If']);
  expect(branch.initializer.map(({ name }) => name)).toEqual(['k']);
});
