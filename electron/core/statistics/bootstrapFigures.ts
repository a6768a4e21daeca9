// Bootstrap intervals of several figures at once, over images: what a draw needs is how often each image was drawn, so that nothing is matched or sorted anew.
import type { Interval } from '#shared/contract/validation';
import { accelerationOf, bcaBounds, quantileSorted, seededRandom } from './bootstrap.ts';

/** The figures where image i counts weights[i] times; null for each image once. NaN: cannot be told from these images. */
export type WeightedFigures = (weights: Int32Array | null) => ArrayLike<number>;

export interface DrawOptions {
  /** Steps of one evaluation, about: more of them are drawn less often. */
  readonly cost: number;
  readonly most?: number;
  readonly seed?: number;
}
export interface FigureDraws {
  readonly n: number;
  readonly points: readonly number[];
  /** One list a figure, sorted; draws from which it cannot be told are left out. */
  readonly values: readonly Float64Array[];
  /** One list a figure, one entry a group of images that was left out. */
  readonly left: readonly Float64Array[];
}

/** Of all draws, in steps: 2,000 draws where one takes up to 100,000 of them, 200 where it takes a million or more. */
const budget = 200_000_000;
const fewest = 200, most = 2000, fewestGroups = 100;
/** Where fewer draws than this tell the figure, they make no interval. */
const fewestTold = 100;

/** The same images, figures and seed give the same draws. Seconds for a large set: each step is one evaluation, so that who runs it can stop between two. */
export function* drawFigures(n: number, figures: WeightedFigures, options: DrawOptions): Generator<void, FigureDraws> {
  const points = Array.from(figures(null));
  if (n < 2) return { n, points, values: points.map(() => new Float64Array()), left: points.map(() => new Float64Array()) };
  const affordable = Math.floor(budget / Math.max(1, options.cost));
  const draws = Math.max(fewest, Math.min(options.most ?? most, affordable));
  const groups = Math.min(n, Math.max(fewestGroups, Math.min(options.most ?? most, Math.floor(affordable / 2))));
  const random = seededRandom(options.seed ?? 20250101);
  const weights = new Int32Array(n);
  const evaluate = function* (times: number, prepare: (time: number) => void): Generator<void, Float64Array[]> {
    const lists = points.map(() => new Float64Array(times));
    for (let time = 0; time < times; time++) {
      prepare(time);
      const found = figures(weights);
      lists.forEach((list, at) => { list[time] = found[at] ?? Number.NaN; });
      yield;
    }
    return lists;
  };
  const values = yield* evaluate(draws, () => {
    weights.fill(0);
    for (let image = 0; image < n; image++) weights[Math.floor(random() * n)]!++;
  });
  const left = yield* evaluate(groups, (group) => {
    weights.fill(1);
    weights.fill(0, Math.floor((group * n) / groups), Math.floor(((group + 1) * n) / groups));
  });
  return { n, points, values: values.map((list) => list.filter((value) => !Number.isNaN(value)).sort()), left };
}

/** To the end at once. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) { const step = steps.next(); if (step.done === true) return step.value; }
}

/**
 * BCa, and percentile where the figure cannot be told with some of the images left out. The measured value lies within: a bound that a strong bias
 * moves past it would judge more kindly than the value does. Null for one image, and where too few draws tell the figure.
 */
export function intervalOfDraws({ n, points, values, left }: FigureDraws, at: number, confidence: number): Interval | null {
  const [point, sorted, without] = [points[at] ?? Number.NaN, values[at] ?? new Float64Array(), left[at] ?? new Float64Array()];
  if (Number.isNaN(point) || sorted.length < fewestTold) return null;
  const isBca = !without.some(Number.isNaN);
  const { low, high } = isBca ? bcaBounds(sorted, point, accelerationOf(without), confidence)
    : { low: quantileSorted(sorted, (1 - confidence) / 2), high: quantileSorted(sorted, (1 + confidence) / 2) };
  const method = `${isBca ? 'BCa' : 'percentile'} bootstrap, ${sorted.length} resamples${isBca && without.length < n ? `, jackknife of ${without.length} groups` : ''}`;
  return { low: Math.min(low, point), high: Math.max(high, point), confidence, method, n };
}

/** What an interval over `n` samples cannot say, or why there is none. */
export function intervalNote(interval: Interval | null, n: number): { readonly note?: string } {
  if (interval === null) return { note: n < 2 ? 'One sample has no interval.' : 'Too few samples tell this figure for an interval.' };
  return interval.low === interval.high ? { note: 'Every draw of the samples gave this value; the interval does not tell how rare another one is.' } : {};
}
