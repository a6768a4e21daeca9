import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorProto } from '#core/onnx/schema/onnx_pb';
import { node, noise, tinyModel, weight } from '#test/fakes/tinyModel';
import { dataTypes, tensorOver } from './graph/protos.ts';
import { pairsBeyond, saturatingLayers } from './pairSums.ts';
import { quantizeDynamic } from './weights/quantizeDynamic.ts';

/** What VPMADDUBSW makes of two activations and two weights. */
const saturated = (a: number, w: number, b: number, v: number): number => Math.max(-32768, Math.min(32767, a * w + b * v));

describe('pairs of weights', () => {
  it('are beyond 16 bits exactly where some two activations make the instruction saturate', () => {
    fc.assert(fc.property(fc.integer({ min: -128, max: 127 }), fc.integer({ min: -128, max: 127 }), (w, v) => {
      const corners = [0, 255].flatMap((a) => [0, 255].map((b) => saturated(a, w, b, v) !== a * w + b * v));
      expect(pairsBeyond(Int8Array.of(w, v), 1, 2, 1)).toEqual({ beyond: corners.includes(true) ? 1 : 0, pairs: 1 });
    }), { numRuns: 2000 });
  });

  it('of 7 bits are never beyond', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 2, maxLength: 40 }), (values) => { expect(pairsBeyond(Int8Array.from(values), 1, values.length, 1).beyond).toBe(0); }));
  });

  it('are neighbours along k, whatever lies between them; a last one alone fits', () => {
    const rows = Int8Array.of(127, 1, 127, 1, 127, 1); // [3, 2]: columns of 127 and of 1
    expect(pairsBeyond(rows, 1, 3, 2)).toEqual({ beyond: 1, pairs: 2 });
    expect(pairsBeyond(rows, 3, 2, 1)).toEqual({ beyond: 0, pairs: 3 });
  });
});

const wide = (dims: readonly number[]): TensorProto => tensorOver('w', dataTypes.int8, dims, new Int8Array(dims.reduce((a, b) => a * b)).fill(120));
function layers(opType: string, dims: readonly number[], { zero = dataTypes.uint8 as number, attributes = {} }: { readonly zero?: number; readonly attributes?: Parameters<typeof node>[3] } = {}): string[] {
  const point = zero === dataTypes.uint16 ? Uint16Array.of(1) : Uint8Array.of(1);
  const model = tinyModel({
    outputs: { y: [1] }, inputs: { x: [1] }, weights: [wide(dims), weight('s', [], [1]), tensorOver('z', zero, [], point)],
    nodes: [node('QuantizeLinear', ['x', 's', 'z'], ['q']), node('DequantizeLinear', ['q', 's', 'z'], ['d']), node('DequantizeLinear', ['w', 's'], ['wd']), node(opType, ['d', 'wd'], ['y'], attributes, 'product')],
  });
  return saturatingLayers(model).map(({ node: name, share }) => `${name} ${share}`);
}

describe('layers', () => {
  it.each([['MatMul', [4, 2]], ['Conv', [2, 4, 3, 3]], ['Gemm', [4, 2]]] as const)('with large weights are listed: %s', (opType, dims) => { expect(layers(opType, dims)).toEqual(['product 1']); });

  it.each([
    ['of one channel a group, which the runtime adds in 32 bits', 'Conv', [4, 1, 3, 3], {}],
    ['with activations of 16 bits', 'MatMul', [4, 2], { zero: dataTypes.uint16 }],
    ['whose neighbours along k are one', 'Gemm', [4, 1], { attributes: { transB: { int: 1 } } }],
  ] as const)('%s are not', (_why, opType, dims, options) => { expect(layers(opType, dims, options)).toEqual([]); });

  it('of a dynamic model are listed in 8 bits, and not in 7', () => {
    const float = tinyModel({ inputs: { x: [4, 64] }, outputs: { y: [4, 64] }, weights: [weight('w', [64, 64], noise(4096, 1))], nodes: [node('MatMul', ['x', 'w'], ['y'], {}, 'product')] });
    const listed = [false, true].map((reduceRange) => saturatingLayers(quantizeDynamic(float, { perChannel: true, reduceRange, operators: new Set(['MatMul']), parity: false, keep: new Map() }).model).length);
    expect(listed).toEqual([1, 0]);
  });
});
