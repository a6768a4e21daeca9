// Histograms of latencies: as another implementation of HdrHistogram has them, percentiles within the stated error of the samples, counts exact.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hdrAxisLabel, hdrCurve, hdrHighestEquivalent, hdrHighestNs, hdrIndexOf, hdrLowestAt, hdrPercentileMs, hdrRelativeError, hgrmText } from '#shared/hdrHistogram';
import { correctOmission, latencyHistogram, mergeHistograms } from './latencyHistogram.ts';

interface Seen { readonly total: number; readonly percentilesNs: readonly number[]; readonly text: string }
interface Golden { readonly percentiles: readonly number[]; readonly cases: readonly { readonly name: string; readonly intervalMs: number; readonly valuesNs: readonly number[]; readonly raw: Seen; readonly corrected: Seen }[] }
const golden = JSON.parse(readFileSync(new URL('../../../test/golden/statistics/hdrHistogram.json', import.meta.url), 'utf8')) as Golden; // written by the script beside it
const milliseconds = (valuesNs: readonly number[]) => Float64Array.from(valuesNs, (value) => value / 1e6);
/** That library prints the largest sample itself where it saw it; HdrHistogram prints the highest value of its bucket, and so do we. */
const lines = (text: string) => text.trimEnd().split('\n').filter((line) => !line.startsWith('#[Max'));
const latencies = fc.array(fc.oneof(fc.double({ min: 0.001, max: 100, noNaN: true }), fc.double({ min: 0.001, max: 3_600_000, noNaN: true })), { minLength: 1, maxLength: 300 });

describe('latency histogram', () => {
  it.each(golden.cases)('equals the other implementation: $name', ({ intervalMs, valuesNs, raw, corrected }) => {
    const histogram = latencyHistogram(milliseconds(valuesNs));
    for (const [ours, theirs] of [[histogram, raw], [correctOmission(histogram, intervalMs), corrected]] as const) {
      expect(ours.total).toBe(theirs.total);
      expect(golden.percentiles.map((percentile) => Math.round((hdrPercentileMs(ours, percentile) ?? 0) * 1e6))).toEqual(theirs.percentilesNs);
      expect(lines(hgrmText(ours))).toEqual(lines(theirs.text));
    }
  });

  it('keeps each percentile within a thousandth of the sample behind it, never below it', () => {
    fc.assert(fc.property(latencies, fc.double({ min: 0, max: 100, noNaN: true }), (values, percentile) => {
      const sorted = values.map((value) => Math.round(value * 1e6)).sort((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil((percentile / 100) * sorted.length - 1e-9)) - 1] ?? 0;
      const found = Math.round((hdrPercentileMs(latencyHistogram(Float64Array.from(values)), percentile) ?? 0) * 1e6);
      expect(found).toBeGreaterThanOrEqual(exact);
      expect(found).toBeLessThanOrEqual(exact * (1 + hdrRelativeError));
    }));
  });

  it('counts every sample, in ascending buckets that do not overlap', () => {
    fc.assert(fc.property(latencies, (values) => {
      const { buckets, total } = latencyHistogram(Float64Array.from(values));
      expect(total).toBe(values.length);
      expect(buckets.reduce((sum, [, n]) => sum + n, 0)).toBe(total);
      buckets.forEach(([low], index) => index > 0 && expect(low).toBeGreaterThan(hdrHighestEquivalent(buckets[index - 1]?.[0] ?? 0)));
    }));
  });

  it('merges in any order and grouping to the histogram of all samples', () => {
    fc.assert(fc.property(latencies, latencies, latencies, (a, b, c) => {
      const [x, y, z] = [a, b, c].map((values) => latencyHistogram(Float64Array.from(values))) as [ReturnType<typeof latencyHistogram>, ReturnType<typeof latencyHistogram>, ReturnType<typeof latencyHistogram>]; // three in, three out
      const all = latencyHistogram(Float64Array.from([...a, ...b, ...c]));
      expect(mergeHistograms(mergeHistograms(x, y), z)).toEqual(all);
      expect(mergeHistograms(z, mergeHistograms(y, x))).toEqual(all);
    }));
  });

  it('puts every nanosecond up to an hour into a bucket no wider than a thousandth, and more than an hour into the last', () => {
    fc.assert(fc.property(fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 41 }).chain((power) => fc.integer({ min: -1, max: 1 }).map((step) => Math.max(0, 2 ** power + step))), fc.maxSafeInteger().map((value) => Math.abs(value) % hdrHighestNs)), (value) => {
      const low = hdrLowestAt(hdrIndexOf(value));
      expect(low).toBeLessThanOrEqual(value);
      expect(hdrHighestEquivalent(value)).toBeGreaterThanOrEqual(value);
      expect(hdrHighestEquivalent(value) - low).toBeLessThanOrEqual(low * hdrRelativeError);
      expect(hdrIndexOf(low)).toBe(hdrIndexOf(value));
    }));
    expect(latencyHistogram(Float64Array.of(4_000_000)).buckets).toEqual([[hdrLowestAt(hdrIndexOf(hdrHighestNs)), 1]]);
  });

  it('adds the waits of parts that came during a long run, and nothing to runs within the takt', () => {
    const histogram = latencyHistogram(Float64Array.of(1, 1, 1, 100));
    const corrected = correctOmission(histogram, 10);
    expect(corrected.total).toBe(4 + 9); // 90, 80 … 10 ms
    expect(hdrPercentileMs(corrected, 50)).toBeGreaterThan(30);
    expect(correctOmission(histogram, 200)).toEqual(histogram);
  });

  it('labels its axis with nines and ends the curve where one sample is left', () => {
    expect([0, 1, 2, 3, 4].map(hdrAxisLabel)).toEqual(['0', '90', '99', '99.9', '99.99']);
    const curve = hdrCurve(latencyHistogram(Float64Array.from({ length: 1000 }, (_, index) => index + 1)));
    expect(curve[curve.length - 1]?.x).toBeCloseTo(3, 9);
    expect(curve[curve.length - 1]?.valueMs).toBeGreaterThanOrEqual(1000);
  });
});
