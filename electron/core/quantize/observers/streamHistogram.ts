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

/** Adds a tensor's values. Order does not matter: any split of the stream gives the same histogram. */
export function observe(histogram: StreamHistogram, values: Float32Array): void {
  const extremes = extremesOf(values);
  if (extremes === null) return observeBroken(histogram, values);
  histogram.min = Math.min(histogram.min, extremes.min);
  histogram.max = Math.max(histogram.max, extremes.max);
  histogram.total += values.length;
  const reach = Math.max(-histogram.min, histogram.max);
  if (values.length && reach > histogram.limit) widen(histogram, reach);
  if (histogram.limit === 0) { histogram.zeros += values.length; return undefined; }
  const zeros = zerosIn(values);
  histogram.zeros += zeros;
  if (zeros < values.length) countInto(histogram, values, zeros);
  return undefined;
}

/** Four values a turn, each with variables of its own: one would wait for the other's sum otherwise. Null where a value, or the sum, is not finite. */
function extremesOf(values: Float32Array): { readonly min: number; readonly max: number } | null {
  let [minA, minB, maxA, maxB] = [Infinity, Infinity, -Infinity, -Infinity];
  let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const a = values[i]!;
    const b = values[i + 1]!;
    const c = values[i + 2]!;
    const d = values[i + 3]!;
    if (a < minA) minA = a;
    if (a > maxA) maxA = a;
    if (b < minB) minB = b;
    if (b > maxB) maxB = b;
    if (c < minA) minA = c;
    if (c > maxA) maxA = c;
    if (d < minB) minB = d;
    if (d > maxB) maxB = d;
    sumA += a;
    sumB += b;
    sumC += c;
    sumD += d;
  }
  for (let i = whole; i < values.length; i++) {
    const a = values[i]!;
    if (a < minA) minA = a;
    if (a > maxA) maxA = a;
    sumA += a;
  }
  const sum = sumA + sumB + sumC + sumD;
  return sum - sum === 0 ? { min: Math.min(minA, minB), max: Math.max(maxA, maxB) } : null;
}

/** Exact zeros of both signs, from the bits and without a branch: behind a ReLU no processor guesses it. */
function zerosIn(values: Float32Array): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let others = 0;
  for (let i = 0; i < bits.length; i++) { const magnitude = bits[i]! << 1; others += (magnitude | -magnitude) >>> 31; }
  return values.length - others;
}

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

/** NaN and infinity are counted and left out. (A sum that overflows lands here too: then nothing is left out.) */
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
