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
  let min = histogram.min;
  let max = histogram.max;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (x < min) min = x;
    if (x > max) max = x;
    sum += x;
  }
  if (sum - sum !== 0) return observeBroken(histogram, values);
  histogram.min = min;
  histogram.max = max;
  histogram.total += values.length;
  const reach = Math.max(-min, max);
  if (values.length && reach > histogram.limit) widen(histogram, reach);
  const { counts, limit } = histogram;
  if (limit === 0) { histogram.zeros += values.length; return undefined; }
  const scale = binCount / 2 / limit;
  const middle = binCount / 2;
  let zeros = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (x === 0) { zeros++; continue; }
    let bin = (x * scale + middle) | 0;
    if (bin >= binCount) bin = binCount - 1;
    counts[bin] = counts[bin]! + 1;
  }
  histogram.zeros += zeros;
  return undefined;
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
