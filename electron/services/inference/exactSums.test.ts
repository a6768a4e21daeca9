// Answers of INT8 models must not depend on the processor: each case is one that VPMADDUBSW gets wrong, or that the runtime's remedy for it cannot take.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import type { ModelProto, TensorProto } from '#core/onnx/schema/onnx_pb';
import { dataTypes, tensorOver } from '#core/quantize/graph/protos';
import { node, tinyGraph, tinyModel, weight, type TinyGraph } from '#test/fakes/tinyModel';
import { exactSumsObstacle, modelForExactSums } from './exactSums.ts';
import { exactSumsCopy } from './exactSumsCopy.ts';
import { obstacleIn } from './exactSumsObstacle.ts';
import { createNativeSession } from './nativeSession.ts';
import { lacksVnni } from './pairSumsSaturate.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-sums-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

const [k, n] = [32, 8];
const integers = (dims: readonly number[], name = 'w'): TensorProto => tensorOver(name, dataTypes.int8, dims, Int8Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => (i % 7 === 0 ? -127 : 127)));
const zeros = (dims: readonly number[], name = 'wz'): TensorProto => tensorOver(name, dataTypes.int8, dims, new Int8Array(dims.reduce((a, b) => a * b, 1)));
const scales = (dims: readonly number[], name = 'ws'): TensorProto => weight(name, dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.001));
const activation = [weight('xs', [], Float32Array.of(1 / 64)), tensorOver('xz', dataTypes.uint8, [], Uint8Array.of(128)), weight('os', [], Float32Array.of(0.05))];
const quantized = (name: string, to: string, scale: string) => [node('QuantizeLinear', [name, scale, 'xz'], [`${to}q`]), node('DequantizeLinear', [`${to}q`, scale, 'xz'], [to])];

function store(graph: Pick<TinyGraph, 'nodes' | 'weights'>, dims: { readonly x: readonly number[]; readonly y: readonly number[] } = { x: [4, k], y: [4, n] }): string {
  const model: ModelProto = tinyModel({ inputs: { x: dims.x }, outputs: { y: dims.y }, ...graph }, 21);
  model.irVersion = 10n;
  const path = join(root, `${count++}.onnx`);
  writeFileSync(path, encodeModel(model));
  return path;
}

async function answers(path: string, dims: readonly number[], optimization: 'disabled' | 'all'): Promise<number[]> {
  const session = await createNativeSession({ path, threads: 1, optimization, spinning: false });
  try {
    const data = new Float32Array(dims.reduce((a, b) => a * b)).fill(1.9); // 250 of 255
    return [...(await session.run({ x: { type: 'float32', dims, data } }))['y']!.data as Float32Array];
  } finally { await session.release(); }
}

const matrix = (weights: readonly TensorProto[], dequantize: ReturnType<typeof node>) => ({ weights: [...activation, ...weights], nodes: [...quantized('x', 'xd', 'xs'), dequantize, node('MatMul', ['xd', 'wd'], ['yf']), ...quantized('yf', 'y', 'os')] });

describe('sums of products of 8 bits', () => {
  it.each([
    ['one scale', () => store(matrix([integers([k, n]), scales([]), zeros([])], node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd']))), [4, k]],
    ['a scale for each channel', () => store(matrix([integers([k, n]), scales([n]), zeros([n])], node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: { int: 1 } }))), [4, k]],
    ['a convolution', () => store({ weights: [...activation, integers([n, 4, 3, 3]), scales([n]), zeros([n])], nodes: [...quantized('x', 'xd', 'xs'), node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: { int: 0 } }), node('Conv', ['xd', 'wd'], ['yf']), ...quantized('yf', 'y', 'os')] }, { x: [1, 4, 5, 5], y: [1, n, 3, 3] }), [1, 4, 5, 5]],
  ])('are exact with %s', async (_what, path, dims) => {
    const file = path();
    const plain = await answers(file, dims, 'disabled');
    (await answers(file, dims, 'all')).forEach((x, i) => expect(Math.abs(x - plain[i]!)).toBeLessThanOrEqual(0.0501)); // one step of the output's scale
  });

  it.each([
    ['a weight that two products read', () => store({ weights: [...activation, integers([k, n]), scales([n]), zeros([n])], nodes: [...quantized('x', 'xd', 'xs'), node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: { int: 1 } }), node('MatMul', ['xd', 'wd'], ['a']), ...quantized('a', 'ad', 'os'), node('MatMul', ['xd', 'wd'], ['b']), ...quantized('b', 'bd', 'os'), node('Add', ['ad', 'bd'], ['y'])] })],
    ['a weight that two nodes dequantize', () => store({ weights: [...activation, integers([k, n]), scales([n]), zeros([n])], nodes: [...quantized('x', 'xd', 'xs'), node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: { int: 1 } }), node('DequantizeLinear', ['w', 'ws', 'wz'], ['vd'], { axis: { int: 1 } }), node('MatMul', ['xd', 'wd'], ['a']), ...quantized('a', 'ad', 'os'), node('MatMul', ['xd', 'vd'], ['b']), ...quantized('b', 'bd', 'os'), node('Add', ['ad', 'bd'], ['y'])] })],
    ['two weights with one zero point', () => store({ weights: [...activation, integers([k, n]), integers([k, n], 'v'), scales([]), zeros([])], nodes: [...quantized('x', 'xd', 'xs'), node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd']), node('DequantizeLinear', ['v', 'ws', 'wz'], ['vd']), node('MatMul', ['xd', 'wd'], ['a']), ...quantized('a', 'ad', 'os'), node('MatMul', ['xd', 'vd'], ['b']), ...quantized('b', 'bd', 'os'), node('Add', ['ad', 'bd'], ['y'])] })],
    ['a weight that is an answer too', () => store({ weights: [...activation, integers([k, n]), scales([n]), zeros([n])], nodes: [...quantized('x', 'xd', 'xs'), node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: { int: 1 } }), node('MatMul', ['xd', 'wd'], ['a']), ...quantized('a', 'ad', 'os'), node('ReduceSum', ['wd'], ['s'], { keepdims: { int: 0 } }), node('Add', ['ad', 's'], ['y'])] })],
    ['a weight with a scale for each channel and no zero point', () => store(matrix([integers([k, n]), scales([n])], node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 1 } })))],
  ])('are exact with %s, from a copy in memory', async (_what, path) => {
    const file = path(), bytes = readFileSync(file);
    expect(obstacleIn(bytes)).not.toBeNull();
    expect(exactSumsObstacle(file)).toBeNull();
    const plain = await answers(file, [4, k], 'disabled');
    (await answers(file, [4, k], 'all')).forEach((x, i) => expect(Math.abs(x - plain[i]!)).toBeLessThanOrEqual(0.11)); // two steps of the output's scale
    // Also where this processor needs no copy: it loads, and answers the same.
    const copy = join(root, `${count++}.onnx`);
    writeFileSync(copy, exactSumsCopy(bytes));
    expect(obstacleIn(readFileSync(copy))).toBeNull();
    expect(await answers(copy, [4, k], 'disabled')).toEqual(plain);
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('are exact with a weight of two integer products', async () => {
    const products = ['a', 'b'].flatMap((to) => [node('MatMulInteger', ['q', 'w', 'qz', 'wz'], [`${to}i`]), node('Cast', [`${to}i`], [`${to}f`], { to: { int: 1 } }), node('Mul', [`${to}f`, 's'], [to])]);
    const file = store({ weights: [integers([k, n]), scales([]), zeros([])], nodes: [node('DynamicQuantizeLinear', ['x'], ['q', 'qs', 'qz']), node('Mul', ['qs', 'ws'], ['s']), ...products, node('Add', ['a', 'b'], ['y'])] });
    expect(obstacleIn(readFileSync(file))).toBe('shared weights');
    const weights = integers([k, n]).rawData;
    const exact = (column: number) => 2 * 1.9 * 0.001 * Array.from({ length: k }, (_, row) => (weights[row * n + column]! << 24) >> 24).reduce((sum, w) => sum + w, 0);
    (await answers(file, [4, k], 'all')).forEach((x, i) => expect(x).toBeCloseTo(exact(i % n), 3));
  });

  it.each([
    ['of their own', (out: string) => [integers([k, n]), scales([n]), weight(`unused_${out}`, [1], [0])], []],
    ['of the graph around them', () => [], [integers([k, n]), scales([n])]],
  ])('are exact in branches with weights %s and no zero points', async (_what, inner, outer) => {
    const branch = (out: string) => tinyGraph({ outputs: { [out]: [4, n] }, weights: inner(out), nodes: [...quantized('x', `${out}x`, 'xs'), node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 1 } }), node('MatMul', [`${out}x`, 'wd'], [`${out}f`]), ...quantized(`${out}f`, out, 'os')] });
    const file = (which: number) => store({ weights: [...activation, ...outer, tensorOver('c', dataTypes.bool, [], Uint8Array.of(which))], nodes: [node('If', ['c'], ['y'], { then_branch: branch('a'), else_branch: branch('b') })] });
    for (const path of [file(0), file(1)]) {
      expect(obstacleIn(readFileSync(path))).toBe('no zero point');
      expect(exactSumsObstacle(path)).toBeNull();
      const plain = await answers(path, [4, k], 'disabled');
      (await answers(path, [4, k], 'all')).forEach((x, i) => expect(Math.abs(x - plain[i]!)).toBeLessThanOrEqual(0.0501));
    }
  });

  it('are left out where weights lie in files of their own, or come from a Constant', async () => {
    const outside = { ...integers([k, n]), rawData: new Uint8Array(0), dataLocation: 1 };
    expect(exactSumsObstacle(store(matrix([outside, scales([n])], node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 1 } }))))).toBe('no zero point');
    const constant = store({ weights: [scales([n])], nodes: [node('Constant', [], ['w'], { value: integers([k, n], '') }), node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 1 } }), node('MatMul', ['x', 'wd'], ['y'])] });
    expect(exactSumsObstacle(constant)).toBe('no zero point');
    expect(modelForExactSums(constant)).toBeNull();
    expect(await answers(constant, [4, k], 'all')).toHaveLength(4 * n);
  });

  it('do not keep weights in blocks without zero points from running', async () => {
    const file = store({ weights: [integers([k, n]), scales([2, n])], nodes: [node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 0 }, block_size: { int: 16 } }), node('MatMul', ['x', 'wd'], ['y'])] });
    const plain = await answers(file, [4, k], 'disabled');
    (await answers(file, [4, k], 'all')).forEach((x, i) => expect(x).toBeCloseTo(plain[i]!, 3)); // the runtime may multiply with integers in blocks
  });
});

const allows = (path: string): boolean => obstacleIn(readFileSync(path)) === null;

describe('what the file says', () => {
  it('is read from the weights too, and from constants and nested graphs', () => {
    expect(allows(store(matrix([integers([k, n]), scales([])], node('DequantizeLinear', ['w', 'ws'], ['wd']))))).toBe(true); // one scale: a zero point of one value fits
    expect(allows(store(matrix([integers([k, n]), scales([n]), zeros([n])], node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: { int: 1 } }))))).toBe(true);
    const bytes = tensorOver('w', dataTypes.uint8, [k, n], new Uint8Array(k * n));
    expect(allows(store(matrix([bytes, scales([n])], node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 1 } }))))).toBe(true);
    expect(allows(store({ weights: [scales([n])], nodes: [node('Constant', [], ['w'], { value: integers([k, n], '') }), node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 1 } }), node('MatMul', ['x', 'wd'], ['y'])] }))).toBe(false);
    const branch = (name: string) => tinyGraph({ outputs: { [name]: [4, n] }, weights: [integers([k, n]), scales([n])], nodes: [node('DequantizeLinear', ['w', 'ws'], ['wd'], { axis: { int: 1 } }), node('MatMul', ['x', 'wd'], [name])] });
    expect(allows(store({ weights: [tensorOver('c', dataTypes.bool, [], Uint8Array.of(1))], nodes: [node('If', ['c'], ['y'], { then_branch: branch('a'), else_branch: branch('b') })] }))).toBe(false);
  });

  it('is left to the runtime where the file is missing, empty, cut off or no model', () => {
    const whole = store(matrix([integers([k, n]), scales([n])], node('DequantizeLinear', ['w', 'ws'], ['wd'])));
    const files = [['text.onnx', 'no model'], ['empty.onnx', ''], ['cut.onnx', Buffer.from([0x3a, 0xff, 0x7f, 0x0a, 0xff, 0x7f])]] as const;
    for (const [name, content] of files) writeFileSync(join(root, name), content);
    expect([...files.map(([name]) => join(root, name)), root, `${whole}.missing`].map(exactSumsObstacle)).toEqual([null, null, null, null, null]);
  });
});

it('a processor is taken to saturate unless it is known to have VNNI', () => {
  const flags = (text: string) => `processor\t: 0\nflags\t\t: fpu sse4_2 avx avx2 ${text}\n`;
  expect([lacksVnni('x64', flags('')), lacksVnni('x64', flags('avx512f avx512bw')), lacksVnni('x64', flags('avx512_vnni')), lacksVnni('x64', flags('avx_vnni')), lacksVnni('x64', null), lacksVnni('arm64', null)]).toEqual([true, true, false, false, true, false]);
});
