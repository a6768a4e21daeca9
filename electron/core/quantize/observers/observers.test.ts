// Observers: equal to the reference where they must be, better than min-max where they may be, and independent of how the stream is cut.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleZeroPoint } from '../numerics/scaleZeroPoint.ts';
import { dequantize, quantizeWith } from '../numerics/quantizeValues.ts';
import type { Range } from '../static/StaticOptions.ts';
import { chooseRange, defaultPercentile, type RangeMethod } from './chooseRange.ts';
import { newReferenceHistogram, observeReference, referencePercentileRange } from './referencePercentile.ts';
import { newHistogram, observe } from './streamHistogram.ts';

interface Golden { percentile: { rows: number; data: string; percentile: number; symmetric: boolean; low: number; high: number }[] }
const golden = JSON.parse(readFileSync('test/golden/quantize/numerics.json', 'utf8')) as Golden;
const options = { steps: 255, percentile: defaultPercentile, symmetric: false };

function squaredError(values: Float32Array, { low, high }: Range, type: 'uint8' | 'uint4' = 'uint8'): number {
  const params = [scaleZeroPoint(low, high, { type, symmetric: false })];
  const back = dequantize({ values: quantizeWith(values, [values.length], null, params, type), params, axis: null }, [values.length]);
  return values.reduce((sum, x, i) => sum + (x - back[i]!) ** 2, 0);
}

/** A sum of uniforms, from -1.5 to 1.5, seeded. */
function bell(count: number, seed = 12345): Float32Array {
  let state = seed;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  return Float32Array.from({ length: count }, () => next() + next() + next() - 1.5);
}

/** The same with a few far outliers. */
const heavyTail = (count: number, outlier: number): Float32Array => bell(count).map((x, i) => (i % 5000 === 17 ? outlier : x));

it('percentile in parity mode equals the reference on every distribution', () => {
  for (const { rows, data, percentile, symmetric, low, high } of golden.percentile) {
    const all = new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer);
    const magnitudes = all.map(Math.abs);
    const histogram = newReferenceHistogram(Math.min(...all), Math.max(...all), Math.min(...magnitudes), Math.max(...magnitudes), symmetric);
    for (let row = 0; row < rows; row++) observeReference(histogram, all.subarray((row * all.length) / rows, ((row + 1) * all.length) / rows));
    expect([percentile, symmetric, referencePercentileRange(histogram, percentile)]).toEqual([percentile, symmetric, { low, high }]);
  }
});

describe('streaming histogram', () => {
  it('does not depend on how the stream is cut, and counts every value', () => {
    fc.assert(fc.property(fc.float32Array({ minLength: 2, maxLength: 300, noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 299 }), (values, cut) => {
      const whole = newHistogram();
      observe(whole, values);
      const parts = newHistogram();
      observe(parts, values.subarray(0, cut));
      observe(parts, values.subarray(cut));
      expect([parts.min, parts.max, parts.zeros, parts.limit, parts.total]).toEqual([whole.min, whole.max, whole.zeros, whole.limit, whole.total]);
      expect(whole.counts.reduce((a, b) => a + b, 0) + whole.zeros).toBe(values.length);
    }));
  });

  it.each([33_001, 40_002, 777])('counts each of %i values into its own bin, and exact zeros apart', (count) => {
    const values = heavyTail(count, 2).map((x, i) => (i % 3 === 0 ? 0 : i % 7 === 0 ? -0 : x));
    values[4] = 1e-30; // not zero, though in the same bin
    const histogram = newHistogram();
    observe(histogram, values);
    const expected = new Map<number, number>();
    for (const x of values) if (x !== 0) { const bin = Math.min(8191, Math.floor((x * 4096) / histogram.limit + 4096)); expected.set(bin, (expected.get(bin) ?? 0) + 1); }
    expect([...histogram.counts.entries()].filter(([, n]) => n !== 0)).toEqual([...expected].sort(([a], [b]) => a - b));
    expect([histogram.zeros, histogram.total, histogram.limit]).toEqual([values.filter((x) => x === 0).length, count, 2]);
  });

  it('knows extremes and zeros of any values, and finds what is not finite wherever it stands', () => {
    fc.assert(fc.property(fc.float32Array({ minLength: 1, maxLength: 70, noNaN: true, noDefaultInfinity: true }), fc.nat(69), fc.constantFrom(NaN, -NaN, Infinity, -Infinity), (values, at, broken) => {
      const histogram = newHistogram();
      observe(histogram, values);
      const plain = Array.from(values, (x) => x + 0); // -0 is 0
      expect([histogram.min + 0, histogram.max + 0, histogram.zeros, histogram.total]).toEqual([Math.min(...plain), Math.max(...plain), plain.filter((x) => x === 0).length, plain.length]);
      const spoilt = values.slice();
      spoilt[at % values.length] = broken;
      const other = newHistogram();
      observe(other, spoilt);
      expect([other.nonFinite, other.total]).toEqual([1, values.length - 1]);
    }), { numRuns: 400 });
  });
  it('counts NaN and infinity and keeps the rest', () => {
    const histogram = newHistogram();
    observe(histogram, new Float32Array([1, NaN, -2, Infinity]));
    expect([histogram.min, histogram.max, histogram.nonFinite, histogram.total]).toEqual([-2, 1, 2, 2]);
  });
});

describe('ranges', () => {
  it('stay inside what was seen and contain zero', () => {
    fc.assert(fc.property(fc.float32Array({ minLength: 1, maxLength: 100, noNaN: true, noDefaultInfinity: true, min: -1e5, max: 1e5 }), fc.constantFrom<RangeMethod>('percentile', 'mse', 'entropy'), fc.boolean(), (values, method, symmetric) => {
      const histogram = newHistogram();
      observe(histogram, values);
      const { low, high } = chooseRange(histogram, method, { ...options, symmetric });
      return low >= Math.min(histogram.min, 0) - 1e-6 && high <= Math.max(histogram.max, 0) + 1e-6 && low <= high;
    }));
  });

  it('least squared error beats min-max on a long tail, and is never much worse', () => {
    for (const outlier of [40, 8, 1.4]) {
      const values = heavyTail(40_000, outlier);
      const histogram = newHistogram();
      observe(histogram, values);
      expect(squaredError(values, chooseRange(histogram, 'mse', options))).toBeLessThanOrEqual(1.02 * squaredError(values, chooseRange(histogram, 'minmax', options)));
    }
    // few steps, many values: here cutting the tail pays
    const tail = heavyTail(100_000, 1).map((x) => Math.sign(x) * Math.abs(x) ** 3);
    const histogram = newHistogram();
    observe(histogram, tail);
    const fourBits = { ...options, steps: 15 };
    expect(squaredError(tail, chooseRange(histogram, 'mse', fourBits), 'uint4')).toBeLessThan(0.8 * squaredError(tail, chooseRange(histogram, 'minmax', fourBits), 'uint4'));
  });

  it('entropy clips few values, however far from zero they lie', () => {
    for (const [seed, offset] of [0, 1, 2, -2, 2, 2, 5, 10, 10].entries()) {
      const values = bell(40_000, seed).map((x) => offset + 0.3 * x);
      const histogram = newHistogram();
      observe(histogram, values);
      const { low, high } = chooseRange(histogram, 'entropy', options);
      expect(values.filter((x) => x < low || x > high).length).toBeLessThanOrEqual(0.01 * values.length);
    }
  });

  it('entropy and percentile cut far outliers that min-max keeps', () => {
    const values = heavyTail(400_000, 40);
    const histogram = newHistogram();
    observe(histogram, values);
    expect(chooseRange(histogram, 'minmax', options).high).toBe(40);
    expect(chooseRange(histogram, 'entropy', options).high).toBeLessThan(8);
    expect(chooseRange(histogram, 'percentile', { ...options, percentile: 99.9 }).high).toBeLessThan(2);
  });
});
