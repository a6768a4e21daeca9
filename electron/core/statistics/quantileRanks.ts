// Between which of the sorted samples a quantile lies, whatever the distribution.
import { binomialCdf } from './special.ts';

/** From 1; null at an end that so few samples do not bound. */
export interface QuantileRanks { readonly low: number | null; readonly high: number | null }

/**
 * The quantile lies between the samples of these ranks with at least `confidence`, two-sided with equal tails, for independent samples of any one distribution.
 * Source: order statistics (H. A. David, H. N. Nagaraja, Order Statistics, 2003, section 7.1), as scipy.stats.quantile_test(…).confidence_interval().
 * @param n samples @param q above 0 and below 1
 */
export function quantileRanks(n: number, q: number, confidence = 0.95): QuantileRanks {
  const tail = (1 - confidence) / 2;
  /** The smallest k of 0 to n whose probability P(X <= k) reaches `p`. */
  const reach = (p: number): number => {
    let [from, to] = [0, n];
    while (from < to) { const middle = Math.floor((from + to) / 2); if (binomialCdf(middle, n, q) >= p) to = middle; else from = middle + 1; }
    return from;
  };
  const [low, high] = [reach(tail), reach(1 - tail) + 1];
  return { low: low >= 1 ? low : null, high: high <= n ? high : null };
}
