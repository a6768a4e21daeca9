// How many samples prove a rate, and what rate a count proves: exact one-sided binomial bounds.
import { exactUpperBound } from './intervals.ts';
import { binomialCdf } from './special.ts';

/**
 * Fewest samples in which `failures` failures still prove a rate below `maxRate` at `confidence`: the least n with P(X <= failures | n, maxRate) <= 1 - confidence.
 * Without failures this is ceil(ln(1 - confidence) / ln(1 - maxRate)).
 */
export function samplesNeeded(maxRate: number, confidence: number, failures: number): number {
  const proves = (n: number) => binomialCdf(failures, n, maxRate) <= 1 - confidence;
  let high = failures + 1;
  while (!proves(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (proves(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The rate that `failures` in `samples` prove not to be exceeded, at the confidence. */
export const provenRate = (failures: number, samples: number, confidence: number): number => exactUpperBound(failures, samples, confidence).high;
