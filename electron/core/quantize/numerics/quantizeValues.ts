// Turns float values into integers with given scales, one for all or one per channel, and back.
import { AppError } from '#shared/errors';
import { integerTypes, type IntegerTypeName } from './integerTypes.ts';
import { scaleZeroPoint, symmetricZeroPoint, type QuantParams, type ScaleOptions } from './scaleZeroPoint.ts';

export type IntegerArray = Int8Array | Uint8Array | Int16Array | Uint16Array;

export interface QuantizedTensor {
  /** Same order as the input; 4-bit values one per element (packed when written). */
  readonly values: IntegerArray;
  readonly params: readonly QuantParams[];
  /** null for one scale, else the dimension that the scales run along. */
  readonly axis: number | null;
}

const magic = 6755399441055744; // see roundHalfEven.ts; written out because this loop runs over every weight

export function makeIntegerArray(type: IntegerTypeName, length: number): IntegerArray {
  switch (type) {
    case 'int8': case 'int4': return new Int8Array(length);
    case 'uint8': case 'uint4': return new Uint8Array(length);
    case 'int16': return new Int16Array(length);
    case 'uint16': return new Uint16Array(length);
  }
}

/** How a tensor splits around an axis: `outer` blocks of `channels` runs of `inner` values. */
export interface AxisLayout { readonly outer: number; readonly channels: number; readonly inner: number }

/** @throws AppError INTERNAL when the axis is outside the shape */
export function axisLayout(dims: readonly number[], axis: number): AxisLayout {
  const channels = dims[axis];
  if (channels === undefined) throw new AppError('INTERNAL', `Axis ${axis} is outside a tensor of rank ${dims.length}.`);
  return { outer: dims.slice(0, axis).reduce((a, b) => a * b, 1), channels, inner: dims.slice(axis + 1).reduce((a, b) => a * b, 1) };
}

/** Smallest and largest value; [0, 0] for no values. NaN answers [NaN, NaN]. */
export function minMax(data: Float32Array, start = 0, end = data.length): readonly [number, number] {
  if (end <= start) return [0, 0];
  let low = data[start]!;
  let high = low;
  let sum = 0; // NaN and infinity survive a sum: one test at the end replaces one per value
  for (let i = start; i < end; i++) {
    const x = data[i]!;
    if (x < low) low = x; else if (x > high) high = x;
    sum += x;
  }
  if (sum - sum !== 0) for (let i = start; i < end; i++) if (Number.isNaN(data[i])) return [NaN, NaN];
  return [low, high];
}

/** q = clip(round(float32(x / scale)) + zeroPoint) over the FULL range of the type, as the reference clips. */
export function quantizeRun(source: Float32Array, target: IntegerArray, start: number, end: number, { scale, zeroPoint }: QuantParams, type: IntegerTypeName): void {
  const { min, max } = integerTypes[type].full;
  const fround = Math.fround;
  for (let i = start; i < end; i++) {
    const q = fround(source[i]! / scale) + magic - magic + zeroPoint;
    target[i] = q < min ? min : q > max ? max : q;
  }
}

/** Ranges per channel along an axis, in channel order. */
export function channelRanges(data: Float32Array, dims: readonly number[], axis: number): (readonly [number, number])[] {
  const { outer, channels, inner } = axisLayout(dims, axis);
  const ranges: (readonly [number, number])[] = [];
  if (inner === 1) { // the last axis: walk rows, not columns
    const low = new Float32Array(channels).fill(outer ? Infinity : 0);
    const high = new Float32Array(channels).fill(outer ? -Infinity : 0);
    let sum = 0;
    for (let o = 0, i = 0; o < outer; o++) for (let c = 0; c < channels; c++, i++) {
      const x = data[i]!;
      sum += x;
      if (x < low[c]!) low[c] = x;
      if (x > high[c]!) high[c] = x;
    }
    const broken = sum - sum !== 0 && data.some((x) => Number.isNaN(x));
    for (let c = 0; c < channels; c++) ranges.push(broken ? [NaN, NaN] : [low[c]!, high[c]!]);
    return ranges;
  }
  for (let c = 0; c < channels; c++) {
    let low = Infinity;
    let high = -Infinity;
    for (let o = 0; o < outer; o++) {
      const start = (o * channels + c) * inner;
      const [a, b] = minMax(data, start, start + inner);
      if (Number.isNaN(a)) { low = high = NaN; break; }
      if (inner > 0) { low = Math.min(low, a); high = Math.max(high, b); }
    }
    ranges.push(low > high ? [0, 0] : [low, high]);
  }
  return ranges;
}

export function quantizeWith(data: Float32Array, dims: readonly number[], axis: number | null, params: readonly QuantParams[], type: IntegerTypeName): IntegerArray {
  const values = makeIntegerArray(type, data.length);
  if (axis === null) {
    quantizeRun(data, values, 0, data.length, params[0]!, type);
    return values;
  }
  const { outer, channels, inner } = axisLayout(dims, axis);
  if (inner === 1) {
    const { min, max } = integerTypes[type].full;
    const scales = Float64Array.from(params, (p) => p.scale);
    const zeroPoints = Float64Array.from(params, (p) => p.zeroPoint);
    const fround = Math.fround;
    for (let o = 0, i = 0; o < outer; o++) for (let c = 0; c < channels; c++, i++) {
      const q = fround(data[i]! / scales[c]!) + magic - magic + zeroPoints[c]!;
      values[i] = q < min ? min : q > max ? max : q;
    }
    return values;
  }
  for (let o = 0; o < outer; o++) for (let c = 0; c < channels; c++) {
    const start = (o * channels + c) * inner;
    quantizeRun(data, values, start, start + inner, params[c]!, type);
  }
  return values;
}

/**
 * Quantizes a weight from its own range.
 * @param axis null for one scale for the whole tensor
 * @throws AppError BAD_INPUT when a value is not finite
 */
export function quantizeWeight(data: Float32Array, dims: readonly number[], axis: number | null, options: ScaleOptions): QuantizedTensor {
  const ranges = axis === null ? [minMax(data)] : channelRanges(data, dims, axis);
  const own = ranges.map(([low, high]) => scaleZeroPoint(low, high, options));
  // A pruned channel has no range and so no zero point of its own: it takes that of the others, which ConvInteger has only one for.
  const params = axis === null || !options.symmetric ? own : own.map(({ scale }) => ({ scale, zeroPoint: symmetricZeroPoint(options) }));
  return { values: quantizeWith(data, dims, axis, params, options.type), params, axis };
}

/** x = (q - zeroPoint) * scale in float32: what DequantizeLinear answers. */
export function dequantize({ values, params, axis }: QuantizedTensor, dims: readonly number[]): Float32Array {
  const result = new Float32Array(values.length);
  const { channels, inner } = axis === null ? { channels: 1, inner: values.length } : axisLayout(dims, axis);
  for (let i = 0; i < values.length; i++) {
    const { scale, zeroPoint } = params[axis === null ? 0 : Math.floor(i / inner) % channels]!;
    result[i] = (values[i]! - zeroPoint) * scale;
  }
  return result;
}
