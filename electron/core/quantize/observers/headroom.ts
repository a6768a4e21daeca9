// Ranges for the next sample, not for those that were seen: few samples rarely hold the largest value that will come.
import type { Range } from '../static/StaticOptions.ts';

/** What is known of a tensor's extremes, sample by sample. */
export interface SampleExtremes {
  samples: number;
  /** Values of the tensor in a sample. */
  readonly elements: number;
  /** The largest values of single samples, in falling order. */
  highs: number[];
  /** The smallest ones, in rising order. */
  lows: number[];
}

const keptExtremes = 8;
/** Of the range: more would cost more than 3 dB. */
const mostHeadroom = 0.5;

export const newSampleExtremes = (elements: number): SampleExtremes => ({ samples: 0, elements, highs: [], lows: [] });

/** @param low smallest value of the sample @param high largest one */
export function observeSampleExtremes(extremes: SampleExtremes, low: number, high: number): void {
  extremes.samples++;
  if (extremes.highs.length < keptExtremes || high > extremes.highs.at(-1)!) extremes.highs = [...extremes.highs, high].sort((a, b) => b - a).slice(0, keptExtremes);
  if (extremes.lows.length < keptExtremes || low < extremes.lows.at(-1)!) extremes.lows = [...extremes.lows, low].sort((a, b) => a - b).slice(0, keptExtremes);
}

/**
 * The range that is expected to err least, in the mean square, on a sample that was not seen: a wider one rounds all values more coarsely, and clips the largest less.
 * Tails of the samples' extremes are taken as exponential above one of the largest (peaks over a threshold: Pickands 1975, with shape 0).
 * A side on which the method of the range has clipped, or that ends at zero, stays; so do tensors of so many values that one clipped value weighs little.
 * @param range in the tensor's unit @param steps integer steps of the type: 255 for 8 bits
 */
export function withHeadroom(range: Range, extremes: SampleExtremes, steps: number): Range {
  const span = Math.max(range.high, 0) - Math.min(range.low, 0);
  const step = span / steps;
  const above = (end: number, tops: readonly number[]) => (end > 0 && tops.length > 1 && end >= tops[0]! - step ? room(tops, extremes, span, steps) : 0);
  return { low: range.low - above(-range.low, extremes.lows.map((x) => -x)), high: range.high + above(range.high, extremes.highs) };
}

/** By how much the end of a range moves out. @param tops in falling order */
function room(tops: readonly number[], { samples, elements }: SampleExtremes, span: number, steps: number): number {
  const count = Math.max(1, Math.min(tops.length - 1, Math.floor(samples / 2)));
  const threshold = tops[count]!;
  const excess = tops.slice(0, count).reduce((sum, top) => sum + top - threshold, 0) / count;
  if (!(excess > 0)) return 0;
  // Derivatives by the room: of (span + room)^2 / 12 steps^2, and of the expected square of what is clipped off one value in a sample.
  const rounding = (extra: number) => (span + extra) / (6 * steps * steps);
  const clipping = (extra: number) => (count / samples) * (2 * excess / elements) * Math.exp(-(tops[0]! - threshold + extra) / excess);
  let [least, most] = [0, span * mostHeadroom];
  if (rounding(0) >= clipping(0)) return 0;
  if (rounding(most) <= clipping(most)) return most;
  for (let i = 0; i < 40; i++) {
    const middle = (least + most) / 2;
    if (rounding(middle) < clipping(middle)) least = middle; else most = middle;
  }
  return least;
}
