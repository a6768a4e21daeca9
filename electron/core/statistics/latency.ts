// Summaries of latency samples: percentiles from all samples, stability over windows, and drift over time.
import type { LatencySummary } from '#shared/contract/benchmarks';

/**
 * Quantile by linear interpolation between order statistics (Hyndman and Fan, type 7; numpy's default).
 * @param sorted ascending, not empty. @param q in [0, 1].
 */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

export function median(values: ArrayLike<number>): number {
  return quantileSorted(Float64Array.from(values).sort(), 0.5);
}

/** @param samples latencies in ms, in any order, not empty. */
export function summarizeLatency(samples: Float64Array): LatencySummary {
  const sorted = Float64Array.from(samples).sort();
  let sum = 0;
  for (const sample of sorted) sum += sample;
  const at = (q: number) => quantileSorted(sorted, q);
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: sorted[sorted.length - 1]!, mean: sum / sorted.length, samples: sorted.length };
}

export interface StabilityRule { readonly windows: number; readonly tolerance: number }

/** Stable when over the last `windows` windows both p50 and p95 stay within ±tolerance of their mean (the rule of perf_analyzer, on percentiles). */
export function isStable(windows: readonly { readonly p50: number; readonly p95: number }[], rule: StabilityRule): boolean {
  const last = windows.slice(-rule.windows);
  if (last.length < rule.windows) return false;
  return (['p50', 'p95'] as const).every((key) => {
    const mean = last.reduce((sum, window) => sum + window[key], 0) / last.length;
    return last.every((window) => Math.abs(window[key] - mean) <= rule.tolerance * mean);
  });
}

/** Theil-Sen slope: the median of the slopes of all pairs of points; not moved by outliers. Null below three points. */
export function theilSenSlope(points: readonly { readonly x: number; readonly y: number }[]): number | null {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) for (const b of points.slice(index + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  return points.length < 3 || slopes.length === 0 ? null : median(slopes);
}

/**
 * Interval for the median by order statistics (sign test, distribution-free), at 95 % or the next that the sample size allows.
 * @param values not empty
 */
export function medianInterval(values: ArrayLike<number>): { readonly median: number; readonly low: number; readonly high: number } {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  // The largest k with P(Binomial(n, 1/2) < k) <= 2.5 %: the interval then runs from the k-th smallest to the k-th largest.
  let k = 0;
  let tail = 0;
  let probability = 0.5 ** n;
  while (tail + probability <= 0.025 && k < n / 2) {
    tail += probability;
    k += 1;
    probability *= (n - k + 1) / k;
  }
  const from = Math.max(0, k - 1);
  return { median: quantileSorted(sorted, 0.5), low: sorted[from]!, high: sorted[n - 1 - from]! };
}
