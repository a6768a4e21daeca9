// From an observed distribution to the range that is quantized: min-max, percentile, least squared error, or least KL divergence.
import type { Range } from '../static/StaticOptions.ts';
import { binCount, type StreamHistogram } from './streamHistogram.ts';

export type RangeMethod = 'minmax' | 'percentile' | 'mse' | 'entropy';

export interface RangeOptions {
  /** Integer steps of the type: 255 for 8 bits. */
  readonly steps: number;
  /** Share of values kept, in percent; the rest is cut half on each side. */
  readonly percentile: number;
  readonly symmetric: boolean;
}

export const defaultPercentile = 99.999;

/** @returns a range within [min, max] that contains 0, or exactly min and max for min-max */
export function chooseRange(histogram: StreamHistogram, method: RangeMethod, options: RangeOptions): Range {
  if (histogram.total === 0) return { low: 0, high: 0 };
  const whole = { low: histogram.min, high: histogram.max };
  if (histogram.limit === 0) return whole;
  switch (method) {
    case 'minmax': return whole;
    case 'percentile': return percentileRange(histogram, whole, options);
    case 'mse': return leastErrorRange(histogram, whole, options);
    case 'entropy': return leastDivergenceRange(histogram, whole, options);
  }
}

const edge = (histogram: StreamHistogram, bin: number): number => ((bin - binCount / 2) / (binCount / 2)) * histogram.limit;
const binOf = (histogram: StreamHistogram, x: number): number => Math.max(0, Math.min(binCount - 1, Math.floor((x / histogram.limit) * (binCount / 2) + binCount / 2)));
const within = (whole: Range, low: number, high: number): Range => ({ low: Math.max(Math.min(whole.low, 0), Math.min(low, 0)), high: Math.min(Math.max(whole.high, 0), Math.max(high, 0)) });

function percentileRange(histogram: StreamHistogram, whole: Range, { percentile, symmetric }: RangeOptions): Range {
  const cut = ((100 - percentile) / 200) * histogram.total;
  const { counts } = histogram;
  let low = 0;
  for (let sum = 0; low < binCount; low++) { sum += counts[low]! + (low === binCount / 2 ? histogram.zeros : 0); if (sum > cut) break; }
  let high = binCount - 1;
  for (let sum = 0; high >= 0; high--) { sum += counts[high]! + (high === binCount / 2 ? histogram.zeros : 0); if (sum > cut) break; }
  const range = within(whole, edge(histogram, low), edge(histogram, high + 1));
  const reach = Math.max(-range.low, range.high);
  return symmetric ? within(whole, -reach, reach) : range;
}

/**
 * Expected squared error of a range, searched over pairs of bin edges: values inside err by step^2 / 12 (uniform rounding noise, Bennett 1948), those
 * within half a step of zero by themselves (they become 0), those outside by their distance. Prefix sums make each pair O(1).
 */
function leastErrorRange(histogram: StreamHistogram, whole: Range, { steps, symmetric }: RangeOptions): Range {
  const n = new Float64Array(binCount + 1);
  const s1 = new Float64Array(binCount + 1);
  const s2 = new Float64Array(binCount + 1);
  for (let i = 0; i < binCount; i++) {
    const c = histogram.counts[i]!;
    const x = (edge(histogram, i) + edge(histogram, i + 1)) / 2;
    n[i + 1] = n[i]! + c;
    s1[i + 1] = s1[i]! + c * x;
    s2[i + 1] = s2[i]! + c * x * x;
  }
  // squared distance to `to` of the values in bins [from, until)
  const outside = (from: number, until: number, to: number) => Math.max(0, s2[until]! - s2[from]! - 2 * to * (s1[until]! - s1[from]!) + to * to * (n[until]! - n[from]!));
  const inside = (lowBin: number, highBin: number, step: number): number => {
    const from = Math.max(lowBin, binOf(histogram, -step / 2));
    const until = Math.min(highBin, binOf(histogram, step / 2) + 1);
    const lost = until > from ? s2[until]! - s2[from]! : 0;
    const rounded = n[highBin]! - n[lowBin]! - (until > from ? n[until]! - n[from]! : 0);
    return lost + rounded * step * step / 12;
  };
  const cost = (lowBin: number, highBin: number): number => {
    const low = Math.max(whole.low, edge(histogram, lowBin));
    const high = Math.min(whole.high, edge(histogram, highBin));
    const step = (Math.max(high, 0) - Math.min(low, 0)) / steps;
    return inside(lowBin, highBin, step) + outside(0, lowBin, low) + outside(highBin, binCount, high);
  };
  const middle = binCount / 2;
  let low = Math.min(middle, binOf(histogram, whole.low));
  let high = Math.max(middle, binOf(histogram, whole.high) + 1);
  if (symmetric) {
    let best = Math.max(middle - low, high - middle);
    let bestCost = Infinity;
    for (let reach = best; reach > 0; reach--) {
      const step = (2 * reach / middle * histogram.limit) / steps;
      const c = inside(middle - reach, middle + reach, step) + outside(0, middle - reach, edge(histogram, middle - reach)) + outside(middle + reach, binCount, edge(histogram, middle + reach));
      if (c < bestCost) { bestCost = c; best = reach; }
    }
    return within(whole, edge(histogram, middle - best), edge(histogram, middle + best));
  }
  // The cost is smooth in each edge: take turns until neither moves.
  for (let round = 0; round < 20; round++) {
    const before = [low, high];
    let best = cost(low, high);
    for (let l = binOf(histogram, whole.low); l <= middle; l++) { const c = cost(l, high); if (c < best) { best = c; low = l; } }
    for (let h = binOf(histogram, whole.high) + 1; h >= middle; h--) { const c = cost(low, h); if (c < best) { best = c; high = h; } }
    if (before[0] === low && before[1] === high) break;
  }
  return within(whole, edge(histogram, low), edge(histogram, high));
}

const divergenceBins = 2048;
const divergenceLevels = 128;
const candidates = 160;
/** Of the values other than zero. */
const mostClipped = 0.01;

/**
 * The threshold whose clipped distribution loses least information when its bins are merged into few levels.
 * Source: Migacz, 8-bit inference with TensorRT (GTC 2017); here with 2,048 bins, so that there are candidates to choose from, on both sides of zero
 * at once, zeros left out (they are exact), and with smoothing of empty bins.
 * A threshold below most values is no candidate: what it cuts off falls into one bin, and one bin is always described without loss. Values far from zero,
 * as those behind a maximum pooling, would be clipped all together.
 */
function leastDivergenceRange(histogram: StreamHistogram, whole: Range, { symmetric }: RangeOptions): Range {
  const reach = Math.max(-whole.low, whole.high);
  const lowSpan = symmetric ? reach : Math.max(0, -whole.low);
  const highSpan = symmetric ? reach : Math.max(0, whole.high);
  const span = lowSpan + highSpan;
  const bins = new Float64Array(divergenceBins);
  for (let i = 0; i < binCount; i++) {
    const c = histogram.counts[i]!;
    if (c === 0) continue;
    const x = (edge(histogram, i) + edge(histogram, i + 1)) / 2;
    const at = Math.max(0, Math.min(divergenceBins - 1, Math.floor(((x + lowSpan) / span) * divergenceBins)));
    bins[at] = bins[at]! + c;
  }
  const sums = sumsOf(bins);
  let best: Range = whole;
  let least = Infinity;
  for (let i = 0; i <= candidates; i++) {
    const threshold = reach * (1 - i / (candidates + 1));
    const [low, high] = [Math.min(lowSpan, threshold), Math.min(highSpan, threshold)];
    const from = Math.round((divergenceBins * (lowSpan - low)) / span);
    const until = Math.round((divergenceBins * (lowSpan + high)) / span);
    if (until - from < divergenceLevels || sums.mass[until]! - sums.mass[from]! < (1 - mostClipped) * sums.mass.at(-1)!) break;
    const kl = divergence(sums, from, until);
    if (kl < least) { least = kl; best = within(whole, -low, high); }
  }
  return best;
}

/** Sums over the bins before each: of their mass, of how many are filled, and of mass * ln(mass). */
interface BinSums { readonly mass: Float64Array; readonly filled: Float64Array; readonly entropy: Float64Array }

const timesLog = (mass: number): number => (mass > 0 ? mass * Math.log(mass) : 0);

function sumsOf(bins: Float64Array): BinSums {
  const [mass, filled, entropy] = [new Float64Array(bins.length + 1), new Float64Array(bins.length + 1), new Float64Array(bins.length + 1)];
  for (const [i, bin] of bins.entries()) {
    mass[i + 1] = mass[i]! + bin;
    filled[i + 1] = filled[i]! + (bin > 0 ? 1 : 0);
    entropy[i + 1] = entropy[i]! + timesLog(bin);
  }
  return { mass, filled, entropy };
}

/**
 * KL(p || q) of the bins [from, until): p has what lies outside in its first and last bin, q is the mean of the filled bins of each level.
 * Within a level q is one number, so that with sums over the bins a level costs the same however many bins it has.
 */
function divergence({ mass, filled, entropy }: BinSums, from: number, until: number): number {
  const size = until - from;
  const total = mass.at(-1)!, kept = mass[until]! - mass[from]!;
  if (total === 0 || kept === 0) return Infinity;
  const [first, last] = [mass[from + 1]!, total - mass[until - 1]!];
  // Of p: what is cut off counts as filled where it falls on an empty bin.
  const lone = (bin: number, withTail: number) => (withTail > 0 && filled[bin + 1] === filled[bin] ? 1 : 0);
  let cross = 0;
  for (let level = 0; level < divergenceLevels; level++) {
    const start = from + Math.floor((level * size) / divergenceLevels), end = from + Math.floor(((level + 1) * size) / divergenceLevels);
    const own = mass[end]! - mass[start]!;
    let [p, count] = [own, filled[end]! - filled[start]!];
    if (level === 0) { p += mass[from]!; count += lone(from, first); }
    if (level === divergenceLevels - 1) { p += total - mass[until]!; count += lone(until - 1, last); }
    if (count > 0) cross += p * Math.log(Math.max(own / count / kept, 1e-10));
  }
  return (timesLog(first) + entropy[until - 1]! - entropy[from + 1]! + timesLog(last) - cross) / total - Math.log(total);
}
