// Bootstrap intervals: bias-corrected and accelerated (BCa), from a generator of random numbers that the caller seeds.
import type { Interval } from '#shared/contract/validation';
import { normalCdf, normalQuantile } from './special.ts';

/** sfc32 (Doty-Humphrey, PractRand), seeded from one integer; the same seed gives the same numbers everywhere. */
export function seededRandom(seed: number): () => number {
  let a = 0x9e3779b9, b = 0x243f6a88, c = 0xb7e15162, d = seed >>> 0;
  const next = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let warm = 0; warm < 15; warm++) next();
  return next;
}

export interface BootstrapOptions { readonly confidence?: number; readonly resamples?: number; readonly seed?: number }

/**
 * BCa interval (Efron 1987) of a statistic of independent samples. The statistic sees the indices that were drawn.
 * The jackknife of the acceleration uses at most 2,000 leave-out groups, so that long series stay affordable.
 */
export function bootstrapBca(n: number, statistic: (indices: Int32Array) => number, options: BootstrapOptions = {}): Interval {
  const { confidence = 0.95, resamples = 2000, seed = 20250101 } = options;
  const random = seededRandom(seed);
  const all = Int32Array.from({ length: n }, (_, index) => index);
  const point = statistic(all);
  const method = `BCa bootstrap, ${resamples} resamples`;
  if (n < 2) return { low: point, high: point, confidence, method, n };
  const drawn = new Int32Array(n);
  const values = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    for (let index = 0; index < n; index++) drawn[index] = Math.floor(random() * n);
    values[resample] = statistic(drawn);
  }
  return { ...bcaBounds(values.sort(), point, jackknifeAcceleration(n, statistic), confidence), confidence, method, n };
}

/** Bounds from sorted values of the draws; an acceleration of 0 corrects the bias alone. */
export function bcaBounds(sorted: Float64Array, point: number, acceleration: number, confidence: number): { readonly low: number; readonly high: number } {
  let below = 0, ties = 0;
  for (const value of sorted) { if (value < point) below++; else if (value === point) ties++; }
  const draws = sorted.length;
  const bias = normalQuantile(Math.min(1 - 1 / (2 * draws), Math.max(1 / (2 * draws), (below + ties / 2) / draws)));
  const bound = (tail: number) => {
    const z = bias + normalQuantile(tail);
    return quantileSorted(sorted, normalCdf(bias + z / (1 - acceleration * z)));
  };
  return { low: bound((1 - confidence) / 2), high: bound((1 + confidence) / 2) };
}

function jackknifeAcceleration(n: number, statistic: (indices: Int32Array) => number): number {
  const groups = Math.min(n, 2000);
  const left: number[] = [];
  for (let group = 0; group < groups; group++) {
    const from = Math.floor((group * n) / groups), to = Math.floor(((group + 1) * n) / groups);
    const kept = new Int32Array(n - (to - from));
    for (let index = 0, at = 0; index < n; index++) if (index < from || index >= to) kept[at++] = index;
    left.push(statistic(kept));
  }
  return accelerationOf(left);
}

/** From the statistic with each sample, or each group of them, left out. */
export function accelerationOf(left: ArrayLike<number>): number {
  let mean = 0, cubes = 0, squares = 0;
  for (let at = 0; at < left.length; at++) mean += (left[at] ?? 0) / left.length;
  for (let at = 0; at < left.length; at++) { const away = mean - (left[at] ?? 0); cubes += away ** 3; squares += away ** 2; }
  const spread = 6 * squares ** 1.5; // 0 also where the squares of what differs are too small for a number
  return spread === 0 ? 0 : cubes / spread;
}

/** Linear interpolation between order statistics (type 7). */
export function quantileSorted(sorted: Float64Array, p: number): number {
  const at = Math.min(1, Math.max(0, p)) * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? 0, above = sorted[Math.min(sorted.length - 1, low + 1)] ?? below;
  return below + (at - low) * (above - below);
}
