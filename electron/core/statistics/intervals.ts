// Confidence intervals of a proportion and of the difference of two paired proportions.
import type { Interval } from '#shared/contract/validation';
import { betaQuantile, normalQuantile } from './special.ts';

/** Wilson score interval, two-sided (Wilson 1927). n = 0 gives [0, 1]. */
export function wilson(successes: number, n: number, confidence = 0.95): Interval {
  if (n === 0) return { low: 0, high: 1, confidence, method: 'Wilson, two-sided', n };
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { low: successes === 0 ? 0 : Math.max(0, centre - half), high: successes === n ? 1 : Math.min(1, centre + half), confidence, method: 'Wilson, two-sided', n };
}

/** Exact Clopper-Pearson interval, two-sided (Clopper and Pearson 1934). */
export function clopperPearson(successes: number, n: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1),
    high: successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes),
    confidence, method: 'Clopper-Pearson, two-sided', n,
  };
}

/** Exact upper bound, one-sided: the rate that `events` in `n` prove at the confidence. 0 in 598 proves less than 0.5 % at 95 %. */
export function exactUpperBound(events: number, n: number, confidence = 0.95): Interval {
  return { low: 0, high: n === 0 || events >= n ? 1 : betaQuantile(confidence, events + 1, n - events), confidence, method: 'Clopper-Pearson, one-sided', n };
}

/**
 * Interval of (share of a) - (share of b) for paired answers: Agresti and Min (2005), the Wald interval after adding 1/2 to each of the four cells.
 * onlyA: right in a and wrong in b; onlyB: the other way round.
 */
export function pairedDifference(onlyA: number, onlyB: number, n: number, confidence = 0.95): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  const size = n + 2, b = onlyA + 0.5, c = onlyB + 0.5;
  const centre = (b - c) / size;
  const half = (z * Math.sqrt(b + c - ((b - c) * (b - c)) / size)) / size;
  return { low: Math.max(-1, centre - half), high: Math.min(1, centre + half), confidence, method: 'Agresti-Min, paired', n };
}
