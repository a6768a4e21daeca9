// What happens to the numbers of a sensor row: noise on every value, and values that are missing.
import type { Feeds, TensorValue } from '#shared/tensor';

/** Mean and spread of each position of each input, over samples of the set. */
export type FeedSpread = ReadonlyMap<string, { readonly mean: Float64Array; readonly deviation: Float64Array }>;

export interface FeedDisturbance {
  readonly kind: string;
  readonly unit: string;
  readonly severities: readonly number[];
  readonly apply: (feeds: Feeds, spread: FeedSpread, severity: number, random: () => number) => Feeds;
}

export const feedDisturbances: readonly FeedDisturbance[] = [
  {
    kind: 'noise', unit: '% of the standard deviation of each value', severities: [5, 10, 25, 50],
    apply: (feeds, spread, severity, random) => mapFloats(feeds, spread, (value, { deviation }) => value + (severity / 100) * deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
  },
  {
    kind: 'missing values', unit: '% of values missing, their mean put in', severities: [5, 10, 20, 40],
    apply: (feeds, spread, severity, random) => mapFloats(feeds, spread, (value, { mean }) => (random() * 100 < severity ? mean : value)),
  },
];

const floatsOf = ({ data }: TensorValue): Float32Array | Float64Array | null => (data instanceof Float32Array || data instanceof Float64Array ? data : null);

/** Welford's running mean and variance, in the order of the samples. Whole numbers and text are not disturbed. */
export function spreadOf(samples: Iterable<Feeds>): FeedSpread {
  const sums = new Map<string, { count: number; mean: Float64Array; squares: Float64Array }>();
  for (const feeds of samples) {
    for (const [name, tensor] of Object.entries(feeds)) {
      const floats = floatsOf(tensor);
      if (!floats) continue;
      const sum = sums.get(name) ?? { count: 0, mean: new Float64Array(floats.length), squares: new Float64Array(floats.length) };
      sums.set(name, sum);
      if (sum.mean.length !== floats.length) continue;
      sum.count += 1;
      for (let at = 0; at < floats.length; at++) {
        const value = floats[at] ?? 0;
        const before = value - (sum.mean[at] ?? 0);
        sum.mean[at] = (sum.mean[at] ?? 0) + before / sum.count;
        sum.squares[at] = (sum.squares[at] ?? 0) + before * (value - (sum.mean[at] ?? 0));
      }
    }
  }
  return new Map([...sums].map(([name, { count, mean, squares }]) => [name, { mean, deviation: squares.map((square) => Math.sqrt(square / Math.max(1, count - 1))) }]));
}

function mapFloats(feeds: Feeds, spread: FeedSpread, change: (value: number, of: { readonly mean: number; readonly deviation: number }) => number): Feeds {
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => {
    const [of, floats] = [spread.get(name), floatsOf(tensor)];
    if (!of || !floats || of.mean.length !== floats.length) return [name, tensor];
    const data = floats.slice();
    for (let at = 0; at < data.length; at++) data[at] = change(data[at] ?? 0, { mean: of.mean[at] ?? 0, deviation: of.deviation[at] ?? 0 });
    return [name, { ...tensor, data }];
  }));
}
