// Room in ranges: where few samples rarely show the largest value, and nowhere else.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Range } from '../static/StaticOptions.ts';
import { newSampleExtremes, observeSampleExtremes, withHeadroom } from './headroom.ts';

const steps = 255;

/** Normally distributed, seeded (Box and Muller). */
function normals(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761) | 1;
  const next = () => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return ((state >>> 0) + 1) / 4294967297; };
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()));
}

function observed(samples: readonly Float32Array[]) {
  const extremes = newSampleExtremes(samples[0]!.length);
  let range: Range = { low: 0, high: 0 };
  for (const sample of samples) {
    const [low, high] = [Math.min(...sample), Math.max(...sample)];
    observeSampleExtremes(extremes, low, high);
    range = { low: Math.min(range.low, low), high: Math.max(range.high, high) };
  }
  return { extremes, range };
}

/** Mean square of what rounding into the range and clipping at its ends does to the values. */
function error(values: Float32Array, { low, high }: Range): number {
  const step = (high - low) / steps;
  return values.reduce((sum, x) => sum + (Math.max(low, Math.min(high, Math.round(x / step) * step)) - x) ** 2, 0) / values.length;
}

it('of few samples with few values the error on further samples falls to less than half, be their tails light or heavy', () => {
  for (const shape of [1, 2, 3]) {
    let [without, withRoom] = [0, 0];
    for (let trial = 0; trial < 40; trial++) {
      const sample = (i: number) => normals(32, 1 + trial * 1000 + i).map((x) => Math.sign(x) * Math.abs(x) ** shape);
      const { extremes, range } = observed(Array.from({ length: 16 }, (_, i) => sample(i)));
      for (let i = 16; i < 216; i++) {
        without += error(sample(i), range);
        withRoom += error(sample(i), withHeadroom(range, extremes, steps));
      }
    }
    expect(withRoom / without).toBeLessThan(0.4);
  }
});

it('tensors of many values get none, and the more samples were seen the less the others get', () => {
  const large = observed(Array.from({ length: 16 }, (_, i) => normals(40_000, i + 1)));
  expect(withHeadroom(large.range, large.extremes, steps)).toEqual(large.range);
  const room = (count: number) => { const { extremes, range } = observed(Array.from({ length: count }, (_, i) => normals(32, i + 1))); return withHeadroom(range, extremes, steps).high - range.high; };
  expect(room(16)).toBeGreaterThan(room(2000));
});

it('a side that ends at zero stays, and one that the method has clipped', () => {
  const { extremes, range } = observed(Array.from({ length: 16 }, (_, i) => normals(32, i + 1).map((x) => Math.max(0, x))));
  const wide = withHeadroom(range, extremes, steps);
  expect([wide.low, wide.high > range.high]).toEqual([0, true]);
  const clipped = { low: 0, high: range.high * 0.8 };
  expect(withHeadroom(clipped, extremes, steps)).toEqual(clipped);
  // all samples reach the same end, as behind a Sigmoid or with pixels
  const level = observed(Array.from({ length: 16 }, () => Float32Array.of(0, 0.5, 1)));
  expect(withHeadroom(level.range, level.extremes, steps)).toEqual({ low: 0, high: 1 });
});

it('a range is never narrowed, nor widened by more than half of it at each end, and does not depend on the order of the samples', () => {
  fc.assert(fc.property(fc.array(fc.float32Array({ minLength: 3, maxLength: 3, noNaN: true, noDefaultInfinity: true, min: -1e4, max: 1e4 }), { minLength: 1, maxLength: 20 }), (samples) => {
    const { extremes, range } = observed(samples);
    const { low, high } = withHeadroom(range, extremes, steps);
    const most = (range.high - range.low) * 0.5 + 1e-6;
    expect([low <= range.low, high >= range.high, range.low - low <= most, high - range.high <= most]).toEqual([true, true, true, true]);
    const turned = observed([...samples].reverse());
    expect(withHeadroom(turned.range, turned.extremes, steps)).toEqual({ low, high });
  }));
});
