// A histogram over a stream of tensors that widens as it must and keeps no values: memory does not depend on the number of samples.

/** Bins over [-limit, limit]; a power-of-two limit lets two bins merge into one exactly when it doubles. */
export const binCount = 8192;

export interface StreamHistogram {
  counts: Float64Array;
  /** 0 until the first non-zero value is seen. */
  limit: number;
  min: number;
  max: number;
  /** Exact zeros: every quantization represents them without error. Not in `counts`. */
  zeros: number;
  /** Finite values seen, zeros included. */
  total: number;
  nonFinite: number;
}

export const newHistogram = (): StreamHistogram => ({ counts: new Float64Array(binCount), limit: 0, min: Infinity, max: -Infinity, zeros: 0, total: 0, nonFinite: 0 });

function widen(histogram: StreamHistogram, reach: number): void {
  // below 2^-100 a range quantizes to nothing anyway, and its inverse would overflow
  const wanted = Math.max(2 ** -100, 2 ** Math.ceil(Math.log2(reach)));
  if (histogram.limit === 0) { histogram.limit = wanted; return; }
  while (histogram.limit < reach) {
    const merged = new Float64Array(binCount);
    const quarter = binCount / 4;
    for (let i = 0; i < binCount; i++) merged[quarter + (i >> 1)] = merged[quarter + (i >> 1)]! + histogram.counts[i]!;
    histogram.counts = merged;
    histogram.limit *= 2;
  }
}

/** Adds a tensor's values. Order does not matter: any split of the stream gives the same histogram. @returns the extremes of these values; null where there are none, or some that are not finite */
export function observe(histogram: StreamHistogram, values: Float32Array): { readonly low: number; readonly high: number } | null {
  if (values.length === 0) return null;
  const seen = lookAt(values);
  if (seen === null) {
    observeBroken(histogram, values);
    return null;
  }
  histogram.min = Math.min(histogram.min, seen.min);
  histogram.max = Math.max(histogram.max, seen.max);
  histogram.total += values.length;
  histogram.zeros += seen.zeros;
  const reach = Math.max(-histogram.min, histogram.max);
  if (reach > histogram.limit) widen(histogram, reach);
  if (seen.zeros < values.length) countInto(histogram, values, seen.zeros);
  return { low: seen.min, high: seen.max };
}

/** Orders the bits of floats as integers are ordered, and is its own inverse: those of a negative number are turned around. */
const inOrder = (bits: number): number => bits ^ ((bits >> 31) >>> 1);
const infinity = 0x7f80_0000;
const minusInfinity = inOrder(infinity | 0x8000_0000);
const one = new Float32Array(1);
const oneBits = new Int32Array(one.buffer);
/** Of both zeros the one without a sign. */
const floatOf = (key: number): number => { oneBits[0] = inOrder(key); return one[0]! + 0; };

/**
 * Extremes and exact zeros of both signs, from the bits: floats are widened to doubles before they are compared, and behind a ReLU no processor guesses a branch on them.
 * Four values a turn, with variables of their own: one would wait for the other otherwise. Null where a value is not finite, for NaN lies beyond infinity in this order.
 */
function lookAt(values: Float32Array): { readonly min: number; readonly max: number; readonly zeros: number } | null {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let [lowA, lowB, highA, highB] = [0x7fff_ffff, 0x7fff_ffff, -0x8000_0000, -0x8000_0000];
  let [othersA, othersB, othersC, othersD] = [0, 0, 0, 0];
  const whole = bits.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const x = bits[i]!;
    const y = bits[i + 1]!;
    const z = bits[i + 2]!;
    const w = bits[i + 3]!;
    const a = inOrder(x);
    const b = inOrder(y);
    const c = inOrder(z);
    const d = inOrder(w);
    if (a < lowA) lowA = a;
    if (a > highA) highA = a;
    if (b < lowB) lowB = b;
    if (b > highB) highB = b;
    if (c < lowA) lowA = c;
    if (c > highA) highA = c;
    if (d < lowB) lowB = d;
    if (d > highB) highB = d;
    othersA = (othersA + isOther(x)) | 0;
    othersB = (othersB + isOther(y)) | 0;
    othersC = (othersC + isOther(z)) | 0;
    othersD = (othersD + isOther(w)) | 0;
  }
  for (let i = whole; i < bits.length; i++) {
    const a = inOrder(bits[i]!);
    if (a < lowA) lowA = a;
    if (a > highA) highA = a;
    othersA += isOther(bits[i]!);
  }
  const [low, high] = [Math.min(lowA, lowB), Math.max(highA, highB)];
  if (high >= infinity || low <= minusInfinity) return null;
  return { min: floatOf(low), max: floatOf(high), zeros: values.length - othersA - othersB - othersC - othersD };
}

/** 1 for all but the two zeros. */
const isOther = (bits: number): number => { const magnitude = bits << 1; return (magnitude | -magnitude) >>> 31; };

/** Four tables that take turns, so that equal neighbours need not wait for each other; summed into the histogram, where zeros are taken out of the middle bin again. */
const lanes = new Uint32Array(4 * binCount);

function countInto({ counts, limit }: StreamHistogram, values: Float32Array, zeros: number): void {
  const scale = binCount / 2 / limit;
  const middle = binCount / 2;
  // A value at the limit itself would fall behind the last bin: `binCount` is 2^13, and bin >> 13 is 1 there alone.
  if (values.length < lanes.length) { // summing four tables would cost more
    for (let i = 0; i < values.length; i++) { const bin = (values[i]! * scale + middle) | 0; counts[bin - (bin >> 13)]!++; }
    counts[middle] = counts[middle]! - zeros;
    return;
  }
  lanes.fill(0);
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const a = (values[i]! * scale + middle) | 0;
    const b = (values[i + 1]! * scale + middle) | 0;
    const c = (values[i + 2]! * scale + middle) | 0;
    const d = (values[i + 3]! * scale + middle) | 0;
    lanes[a - (a >> 13)]!++;
    lanes[b - (b >> 13) + binCount]!++;
    lanes[c - (c >> 13) + 2 * binCount]!++;
    lanes[d - (d >> 13) + 3 * binCount]!++;
  }
  for (let i = whole; i < values.length; i++) { const a = (values[i]! * scale + middle) | 0; lanes[a - (a >> 13)]!++; }
  for (let bin = 0; bin < binCount; bin++) {
    const count = lanes[bin]! + lanes[bin + binCount]! + lanes[bin + 2 * binCount]! + lanes[bin + 3 * binCount]!;
    if (count > 0) counts[bin] = counts[bin]! + count;
  }
  counts[middle] = counts[middle]! - zeros;
}

/** NaN and infinity are counted and left out. */
function observeBroken(histogram: StreamHistogram, values: Float32Array): void {
  const finite = values.filter((x) => Number.isFinite(x));
  histogram.nonFinite += values.length - finite.length;
  for (let i = 0; i < finite.length; i += 4096) observePart(histogram, finite.subarray(i, i + 4096));
}

function observePart(histogram: StreamHistogram, values: Float32Array): void {
  for (const x of values) {
    histogram.total++;
    if (x < histogram.min) histogram.min = x;
    if (x > histogram.max) histogram.max = x;
    if (x === 0) { histogram.zeros++; continue; }
    if (Math.abs(x) > histogram.limit) widen(histogram, Math.abs(x));
    const bin = Math.min(binCount - 1, Math.floor((x * (binCount / 2)) / histogram.limit + binCount / 2));
    histogram.counts[bin] = histogram.counts[bin]! + 1;
  }
}
