// The standard's own node tests of quantization, replayed with our numerics: what we call INT8 is what every ONNX runtime calls INT8.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { IntegerTypeName } from './integerTypes.ts';
import { dequantize, makeIntegerArray, minMax, quantizeWith } from './quantizeValues.ts';
import { scaleZeroPoint, type QuantParams } from './scaleZeroPoint.ts';

interface Value { readonly type: string; readonly dims: readonly number[]; readonly data: readonly number[] }
interface Case { readonly operator: string; readonly attributes: Readonly<Record<string, number>>; readonly inputs: readonly (Value | null)[]; readonly outputs: readonly Value[] }
const { cases } = JSON.parse(readFileSync('test/golden/onnx/quantize_nodes.json', 'utf8')) as { readonly cases: Readonly<Record<string, Case>> };
const of = (operator: string) => Object.entries(cases).filter(([, one]) => one.operator === operator);

/** Scale and zero point of a value's elements: axis null for one, the axis for one per channel, or every element's own (blocks). */
function paramsOf(dims: readonly number[], scale: Value, zeroPoint: Value | null | undefined, attributes: Case['attributes']): { readonly dims: readonly number[]; readonly axis: number | null; readonly params: readonly QuantParams[] } {
  const at = (i: number): QuantParams => ({ scale: scale.data[i]!, zeroPoint: zeroPoint ? zeroPoint.data[zeroPoint.data.length === 1 ? 0 : i]! : 0 });
  if (scale.data.length === 1) return { dims, axis: null, params: [at(0)] };
  const axis = attributes['axis'] ?? 1;
  const block = attributes['block_size'] ?? 0;
  if (block === 0) return { dims, axis, params: scale.data.map((_, i) => at(i)) };
  const count = dims.reduce((a, b) => a * b, 1);
  const params = Array.from({ length: count }, (_, i) => {
    let [rest, index, stride] = [i, 0, 1];
    for (let d = dims.length - 1; d >= 0; d--) {
      const place = rest % dims[d]!;
      rest = Math.floor(rest / dims[d]!);
      index += (d === axis ? Math.floor(place / block) : place) * stride;
      stride *= scale.dims[d]!;
    }
    return at(index);
  });
  return { dims: [count], axis: 0, params };
}

function quantized({ dims, data }: Pick<Value, 'dims' | 'data'>, scale: Value, zeroPoint: Value | null | undefined, type: string, attributes: Case['attributes'] = {}): number[] {
  const how = paramsOf(dims, scale, zeroPoint, attributes);
  return Array.from(quantizeWith(Float32Array.from(data), how.dims, how.axis, how.params, type as IntegerTypeName)); // the goldens hold no other types
}
function restored({ dims, data, type }: Value, scale: Value, zeroPoint: Value | null | undefined, attributes: Case['attributes'] = {}): number[] {
  const how = paramsOf(dims, scale, zeroPoint, attributes);
  const values = makeIntegerArray(type as IntegerTypeName, data.length); // as above
  values.set(data);
  return Array.from(dequantize({ values, params: how.params, axis: how.axis }, how.dims));
}

describe('QuantizeLinear', () => {
  it.each(of('QuantizeLinear'))('%s', (_name, { inputs: [x, scale, zeroPoint], outputs: [y], attributes }) => {
    expect(quantized(x!, scale!, zeroPoint, y!.type, attributes)).toEqual(y!.data);
  });
});

describe('DequantizeLinear', () => {
  it.each(of('DequantizeLinear'))('%s', (_name, { inputs: [x, scale, zeroPoint], outputs: [y], attributes }) => {
    expect(restored(x!, scale!, zeroPoint, attributes)).toEqual(y!.data.map(Math.fround));
  });
});

describe('DynamicQuantizeLinear', () => {
  it.each(of('DynamicQuantizeLinear'))('%s', (_name, { inputs: [x], outputs: [y, scale, zeroPoint] }) => {
    const values = Float32Array.from(x!.data);
    const params = scaleZeroPoint(...minMax(values), { type: 'uint8', symmetric: false });
    expect(params.zeroPoint).toBe(zeroPoint!.data[0]);
    expect(Math.abs(params.scale - scale!.data[0]!)).toBeLessThanOrEqual(2 ** -23 * params.scale); // the standard divides in float32, the reference tool in float64
    expect(Array.from(quantizeWith(values, x!.dims, null, [params], 'uint8'))).toEqual(y!.data);
  });
});

describe('QLinearMatMul', () => {
  it.each(of('QLinearMatMul'))('%s', (_name, { inputs: [a, aScale, aZero, b, bScale, bZero, yScale, yZero], outputs: [y] }) => {
    const [left, right] = [restored(a!, aScale!, aZero), restored(b!, bScale!, bZero)];
    const [m, k, n] = [a!.dims.at(-2)!, a!.dims.at(-1)!, b!.dims.at(-1)!];
    const product = Array.from({ length: (left.length / k) * n }, (_, i) => {
      const [batch, row, column] = [Math.floor(i / (m * n)), Math.floor(i / n) % m, i % n];
      return Array.from({ length: k }, (_unused, j) => left[(batch * m + row) * k + j]! * right[(batch * k + j) * n + column]!).reduce((sum, x) => sum + x, 0);
    });
    expect(quantized({ dims: y!.dims, data: product }, yScale!, yZero, y!.type)).toEqual(y!.data);
  });
});

describe('QLinearConv', () => {
  it.each(of('QLinearConv'))('%s: one channel, kernel of one', (_name, { inputs: [x, xScale, xZero, w, wScale, wZero, yScale, yZero], outputs: [y] }) => {
    const [weight] = restored(w!, wScale!, wZero);
    expect(quantized({ dims: y!.dims, data: restored(x!, xScale!, xZero).map((value) => value * weight!) }, yScale!, yZero, y!.type)).toEqual(y!.data);
  });
});

it('covers all five operators', () => {
  expect(new Set(Object.values(cases).map(({ operator }) => operator)).size).toBe(5);
});
