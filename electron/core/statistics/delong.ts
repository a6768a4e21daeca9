// Confidence interval of one area under the ROC curve: DeLong, and a score interval where DeLong has no width.
import type { Interval } from '#shared/contract/validation';
import { normalQuantile } from './special.ts';

export interface RocArea { /** Area, 0 to 1. */ readonly area: number; /** DeLong's variance of the area. */ readonly variance: number; readonly positives: number; readonly negatives: number }

/**
 * Area under the ROC curve, ties counted half (Mann and Whitney), and its variance by DeLong, DeLong and Clarke-Pearson (1988): with V10 the share of
 * negatives that a positive beats, and V01 the share of positives that beat a negative, Var = S10 / m + S01 / n with sample variances S.
 * By mid-ranks (Sun and Xu 2014), in n log n steps. Null where one kind of sample is missing; NaN as variance where one kind has a single sample.
 */
export function rocArea(scores: ArrayLike<number>, positive: ArrayLike<boolean>): RocArea | null {
  const n = scores.length;
  const order = Int32Array.from({ length: n }, (_, at) => at).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let positives = 0;
  for (let at = 0; at < n; at++) if (positive[at]) positives++;
  const negatives = n - positives;
  if (positives === 0 || negatives === 0) return null;
  const v10: number[] = [], v01: number[] = [];
  let below = 0, positivesBelow = 0; // negatives and positives of a lower score
  for (let from = 0; from < n;) {
    let to = from, tiedPositives = 0;
    for (; to < n && scores[order[to] ?? 0] === scores[order[from] ?? 0]; to++) if (positive[order[to] ?? 0]) tiedPositives++;
    if (to === from) to++; // NaN equals nothing, not even itself
    const tiedNegatives = to - from - tiedPositives;
    for (let at = from; at < to; at++) {
      if (positive[order[at] ?? 0]) v10.push((below + tiedNegatives / 2) / negatives);
      else v01.push((positives - positivesBelow - tiedPositives / 2) / positives);
    }
    below += tiedNegatives; positivesBelow += tiedPositives;
    from = to;
  }
  const area = mean(v10);
  return { area, variance: spread(v10, area) / positives + spread(v01, area) / negatives, positives, negatives };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: readonly number[], around: number): number => (values.length < 2 ? Number.NaN : values.reduce((sum, value) => sum + (value - around) ** 2, 0) / (values.length - 1));

/**
 * Two-sided interval of the area. DeLong's normal interval, cut at 0 and 1. Where its variance is 0, as at a perfect separation, it would have no width and
 * prove anything: then Newcombe's method 5 (Statistics in Medicine 25, 2006, 559-573), the score interval on Hanley and McNeil's variance.
 */
export function areaInterval({ area, variance, positives, negatives }: RocArea, confidence = 0.95): Interval {
  const z = normalQuantile((1 + confidence) / 2), n = positives + negatives;
  if (variance > 1e-18) {
    const half = z * Math.sqrt(variance);
    return { low: Math.max(0, area - half), high: Math.min(1, area + half), confidence, method: 'DeLong', n };
  }
  // (area - t)^2 = z^2 Var(t), by bisection between the area and the end of the scale.
  const away = (t: number) => (area - t) ** 2 - z * z * hanleyMcNeil(t, positives, negatives);
  const bound = (end: number) => {
    let [inside, outside] = [area, end];
    if (away(end) <= 0) return end;
    for (let step = 0; step < 100; step++) { const middle = (inside + outside) / 2; if (away(middle) <= 0) inside = middle; else outside = middle; }
    return inside;
  };
  return { low: area <= 0 ? 0 : bound(0), high: area >= 1 ? 1 : bound(1), confidence, method: 'Newcombe, method 5', n };
}

/** Variance of an area t after Hanley and McNeil (1982), with both sample sizes in the brackets replaced by their mean (Newcombe's method 5). */
function hanleyMcNeil(t: number, positives: number, negatives: number): number {
  return (t * (1 - t) * (1 + ((positives + negatives) / 2 - 1) * ((1 - t) / (2 - t) + t / (1 + t)))) / (positives * negatives);
}
