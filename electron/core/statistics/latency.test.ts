// Percentiles equal numpy's, stability and drift follow their rules, the median's interval covers what it promises.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStable, medianInterval, quantileSorted, summarizeLatency, theilSenSlope } from './latency.ts';
import { seededRandom } from '../arrays/randomFeeds.ts';

describe('latency', () => {
  it('interpolates quantiles as numpy.quantile does', () => {
    // numpy.quantile([1, 2, 4, 8, 16], [.5, .9, .95, .99]) = 4, 12.8, 14.4, 15.68
    const sorted = [1, 2, 4, 8, 16];
    expect([0.5, 0.9, 0.95, 0.99].map((q) => Number(quantileSorted(sorted, q).toFixed(10)))).toEqual([4, 12.8, 14.4, 15.68]);
  });

  it('summarises samples in any order, and keeps the order of the percentiles', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }), (values) => {
      const { p50, p90, p95, p99, p999, max, mean, samples } = summarizeLatency(Float64Array.from(values));
      expect([p50, p90, p95, p99, p999, max]).toEqual([p50, p90, p95, p99, p999, max].sort((a, b) => a - b));
      expect(max).toBe(Math.max(...values));
      expect(samples).toBe(values.length);
      expect(mean).toBeLessThanOrEqual(max * (1 + 1e-12));
    }));
  });

  it('calls a run stable only when the last windows agree in the middle and in the tail', () => {
    const rule = { windows: 3, tolerance: 0.1 };
    const window = (p50: number, p95: number) => ({ p50, p95 });
    expect(isStable([window(1, 2), window(1, 2)], rule)).toBe(false);
    expect(isStable([window(9, 9), window(1, 2), window(1.05, 2.1), window(0.98, 1.95)], rule)).toBe(true);
    expect(isStable([window(1, 2), window(1, 2), window(1, 3)], rule)).toBe(false);
  });

  it('finds a drift through outliers', () => {
    const points = Array.from({ length: 21 }, (_value, x) => ({ x, y: 5 + 0.25 * x + (x % 7 === 0 ? 100 : 0) }));
    expect(theilSenSlope(points)).toBeCloseTo(0.25, 6);
    expect(theilSenSlope(points.slice(0, 2))).toBeNull();
  });

  it('covers the true median in about 95 of 100 samples', () => {
    const random = seededRandom(7);
    let covered = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const { low, high } = medianInterval(Array.from({ length: 25 }, () => -Math.log(1 - random())));
      if (low <= Math.LN2 && Math.LN2 <= high) covered += 1;
    }
    expect(covered / 2000).toBeGreaterThan(0.945);
    expect(covered / 2000).toBeLessThan(0.975);
  });
});
