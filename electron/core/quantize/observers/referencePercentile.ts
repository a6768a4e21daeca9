// The percentile range exactly as the Python reference computes it, in two passes: extremes first, then a histogram over them.
import type { Range } from '../static/StaticOptions.ts';

const f = Math.fround;
const bins = 2048;

export interface ReferenceHistogram {
  readonly symmetric: boolean;
  readonly counts: Float64Array;
  readonly edges: Float32Array;
  readonly min: number;
  readonly max: number;
}

/**
 * @param min,max extremes of all values; @param absMin,absMax of their magnitudes (used when symmetric)
 * Source: numpy.histogram with equal bins on float32 data (its arithmetic is float32 throughout).
 */
export function newReferenceHistogram(min: number, max: number, absMin: number, absMax: number, symmetric: boolean): ReferenceHistogram {
  const reach = Math.max(Math.abs(min), Math.abs(max));
  let first = symmetric ? absMin : -reach;
  let last = symmetric ? absMax : reach;
  if (first === last) { first = f(first - 0.5); last = f(last + 0.5); }
  const step = f(f(last - first) / bins);
  const edges = Float32Array.from({ length: bins + 1 }, (_, i) => (i === bins ? last : f(f(i * step) + first)));
  return { symmetric, counts: new Float64Array(bins), edges, min, max };
}

export function observeReference({ symmetric, counts, edges }: ReferenceHistogram, values: Float32Array): void {
  const first = edges[0]!;
  const last = edges[bins]!;
  const width = f(last - first);
  for (let i = 0; i < values.length; i++) {
    const x = symmetric ? Math.abs(values[i]!) : values[i]!;
    if (!(x >= first && x <= last)) continue;
    let bin = Math.trunc(f(f(f(x - first) / width) * bins));
    if (bin === bins) bin--;
    if (x < edges[bin]!) bin--;
    else if (bin !== bins - 1 && x >= edges[bin + 1]!) bin++;
    counts[bin] = counts[bin]! + 1;
  }
}

/** Source: onnxruntime.quantization 1.32 HistogramCollector.compute_percentile. */
export function referencePercentileRange({ symmetric, counts, edges, min, max }: ReferenceHistogram, percentile: number): Range {
  let total = 0;
  for (const c of counts) total += c;
  const cumulative = new Float64Array(bins);
  for (let i = 0, sum = 0; i < bins; i++) { sum += counts[i]! / total; cumulative[i] = sum; }
  const search = (p: number) => { const at = cumulative.findIndex((c) => c >= p); return at < 0 ? bins : at; };
  const side = (100 - percentile) / 200;
  const high = edges[symmetric ? search(percentile / 100) : search(1 - side)]!;
  const low = symmetric ? -high : edges[search(side)]!;
  return { low: low < min ? min : low, high: high > max ? max : high };
}
