// Reads latencies kept in log-linear buckets of constant relative error: where a bucket begins and ends, percentiles, their curve, and the text format of HdrHistogram.
import type { HdrHistogram } from './contract/benchmarks.ts';

/*
 * Buckets as in Gil Tene's HdrHistogram with 3 significant digits: single nanoseconds up to 2048 ns, then 1024 buckets for each doubling. A bucket
 * is never wider than 1/1024 of its lowest value. The range is 1 ns to 1 hour.
 */
const halfBuckets = 1024;
export const hdrHighestNs = 3_600_000_000_000;
/** Doublings that reach the highest value: what HdrHistogram prints as "Buckets" and "SubBuckets". */
const [doublings, subBuckets] = [32, 2 * halfBuckets];
export const hdrIndexCount = (doublings + 1) * halfBuckets;
/** Largest distance of a percentile from the sample behind it, as a share of the sample. */
export const hdrRelativeError = 1 / halfBuckets;

/** Number of the bucket that holds a whole number of nanoseconds; more than an hour counts as an hour. */
export function hdrIndexOf(valueNs: number): number {
  const value = Math.min(valueNs, hdrHighestNs);
  if (value < subBuckets) return value;
  let doubling = Math.floor(Math.log2(value)) - 10;
  if (value < halfBuckets * 2 ** doubling) doubling--; // log2 may round up just below a power of two
  return (doubling + 1) * halfBuckets + Math.floor(value / 2 ** doubling) - halfBuckets;
}

export function hdrLowestAt(index: number): number {
  if (index < subBuckets) return index;
  return ((index % halfBuckets) + halfBuckets) * 2 ** (Math.floor(index / halfBuckets) - 1);
}

/** The largest value that falls into the same bucket: what percentiles report, so that they never flatter. */
export function hdrHighestEquivalent(valueNs: number): number {
  return hdrLowestAt(hdrIndexOf(valueNs) + 1) - 1;
}

/** Runs longer than that; of the one bucket that the limit falls into, all. */
export const hdrCountAbove = ({ buckets }: HdrHistogram, ms: number): number => buckets.reduce((sum, [lowest, count]) => sum + (hdrHighestEquivalent(lowest) > ms * 1e6 ? count : 0), 0);

/** @param percentile 0 to 100. @returns ms; the sample at rank ceil(percentile × total), up to 1/1024 too large. Null when nothing is recorded. */
export function hdrPercentileMs(histogram: HdrHistogram, percentile: number): number | null {
  return hdrAtRankMs(histogram, Math.max(1, Math.ceil((percentile / 100) * histogram.total - 1e-9)));
}

/** @param rank from 1, of the sorted samples. @returns ms, up to 1/1024 too large; null beyond the last. */
export function hdrAtRankMs({ buckets }: HdrHistogram, rank: number): number | null {
  let count = 0;
  for (const [low, n] of buckets) {
    count += n;
    if (count >= rank) return hdrHighestEquivalent(low) / 1e6;
  }
  return null;
}

export interface PercentileStep { readonly percentile: number; readonly valueNs: number; /** Samples up to this value. */ readonly count: number }

/** The iteration of HdrHistogram's percentile output: so many steps for each halving of the distance to 100 %, and 100 % last. */
export function hdrPercentileSteps({ buckets, total }: HdrHistogram, ticksPerHalfDistance = 5): PercentileStep[] {
  const steps: PercentileStep[] = [];
  let level = 0;
  let count = 0;
  let valueNs = 0;
  for (const [low, n] of buckets) {
    count += n;
    valueNs = hdrHighestEquivalent(low);
    while ((100 * count) / total >= level) {
      steps.push({ percentile: level, valueNs, count });
      level += 100 / (ticksPerHalfDistance * 2 ** (Math.trunc(Math.log(100 / (100 - level)) / Math.log(2)) + 1));
      if (count === total) break;
    }
  }
  return total === 0 ? steps : [...steps, { percentile: 100, valueNs, count: total }];
}

/** A percentile on the axis of HdrHistogram's plots: 0 at 0, 1 at 90, 2 at 99, 3 at 99.9. */
export const hdrAxisOf = (percentile: number): number => -Math.log10(1 - percentile / 100);
/** The percentile at a place of that axis, with the digits that it needs: "0", "90", "99", "99.9". */
export const hdrAxisLabel = (x: number): string => (x <= 0 ? '0' : (100 - 100 * 10 ** -x).toFixed(Math.max(0, Math.ceil(x - 1e-9) - 2)));

/** The curve for a plot, up to the percentile that one sample in all stands for; beyond that there is nothing to see. */
export function hdrCurve(histogram: HdrHistogram): readonly { readonly x: number; readonly valueMs: number }[] {
  const last = 100 * (1 - 1 / Math.max(2, histogram.total));
  const points = hdrPercentileSteps(histogram).filter(({ percentile }) => percentile < last).map(({ percentile, valueNs }) => ({ x: hdrAxisOf(percentile), valueMs: valueNs / 1e6 }));
  const max = hdrPercentileMs(histogram, 100);
  return max === null ? points : [...points, { x: hdrAxisOf(last), valueMs: max }];
}

/** The percentile distribution in ms as HdrHistogram prints it (.hgrm): value, percentile, count up to it, 1/(1-percentile); mean, deviation and maximum below. */
export function hgrmText(histogram: HdrHistogram): string {
  const { buckets, total } = histogram;
  const fixed = (value: number, width: number, digits: number) => value.toFixed(digits).padStart(width);
  const rows = hdrPercentileSteps(histogram).map(({ percentile, valueNs, count }) => `${fixed(valueNs / 1e6, 12, 3)} ${(Math.round(percentile * 1e10) / 1e12).toFixed(12)} ${String(count).padStart(10)}${percentile === 100 ? '' : ` ${fixed(1 / (1 - percentile / 100), 14, 2)}`}`);
  const middles = buckets.map(([low, n]) => ({ value: low + Math.floor((hdrHighestEquivalent(low) - low + 1) / 2), n }));
  const mean = total === 0 ? 0 : middles.reduce((sum, { value, n }) => sum + value * n, 0) / total;
  const deviation = total === 0 ? 0 : Math.sqrt(middles.reduce((sum, { value, n }) => sum + n * (value - mean) ** 2, 0) / total);
  const max = hdrHighestEquivalent(buckets[buckets.length - 1]?.[0] ?? 0);
  return [
    `${'Value'.padStart(12)} ${'Percentile'.padStart(14)} ${'TotalCount'.padStart(10)} ${'1/(1-Percentile)'.padStart(14)}`, '', ...rows,
    `#[Mean    = ${fixed(mean / 1e6, 12, 3)}, StdDeviation   = ${fixed(deviation / 1e6, 12, 3)}]`,
    `#[Max     = ${fixed(total === 0 ? 0 : max / 1e6, 12, 3)}, Total count    = ${String(total).padStart(12)}]`,
    `#[Buckets = ${String(doublings).padStart(12)}, SubBuckets     = ${String(subBuckets).padStart(12)}]`, '',
  ].join('\n');
}
