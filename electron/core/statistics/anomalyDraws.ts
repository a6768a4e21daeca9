// AUROC, average precision and per-region overlap of any draw of the images, from scores that are sorted and pixels that are counted once.
import { overlapCurve, regionsOf, type AnomalyMap } from './anomaly.ts';
import type { WeightedFigures } from './bootstrapFigures.ts';

/** AUROC and average precision; ties share a step. */
export function scoreDraws(scores: readonly number[], anomalous: readonly boolean[]): WeightedFigures {
  const order = Int32Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const isLast = Uint8Array.from(order, (sample, rank) => (scores[order[rank + 1] ?? -1] === scores[sample] ? 0 : 1));
  return (weights) => {
    let positives = 0, negatives = 0;
    for (let sample = 0; sample < order.length; sample++) { const times = weights?.[sample] ?? 1; if (anomalous[sample]) positives += times; else negatives += times; }
    let hits = 0, alarms = 0, hitsBefore = 0, alarmsBefore = 0, below = 0, precision = 0;
    for (let rank = 0; rank < order.length; rank++) {
      const sample = order[rank] ?? 0, times = weights?.[sample] ?? 1;
      if (anomalous[sample]) hits += times; else alarms += times;
      if (isLast[rank] === 0 || (hits === hitsBefore && alarms === alarmsBefore)) continue;
      below += ((alarms - alarmsBefore) * (hits + hitsBefore)) / 2;
      precision += (hits - hitsBefore) * (hits / (hits + alarms));
      hitsBefore = hits; alarmsBefore = alarms;
    }
    return [positives === 0 || negatives === 0 ? Number.NaN : below / positives / negatives, positives === 0 ? Number.NaN : precision / positives];
  };
}

/** Thresholds at which each image's pixels are counted: denser towards few false alarms, where the curve is steep. */
export const overlapThresholds = 256;
/** Normal pixels that the thresholds are chosen from. */
const mostChosenFrom = 200_000;

/** Of each image, at each threshold: normal pixels above it, and the sum of shares of regions that are found. 3 kB an image. */
export interface OverlapCounts { readonly thresholds: Float64Array; readonly alarms: Uint32Array[]; readonly found: Float64Array[]; readonly normals: number[]; readonly regions: number[] }

export const noOverlapCounts = (thresholds: Float64Array): OverlapCounts => ({ thresholds, alarms: [], found: [], normals: [], regions: [] });

export function countOverlap(counts: OverlapCounts, map: AnomalyMap): void {
  const { thresholds } = counts, steps = thresholds.length + 1;
  const alarms = new Uint32Array(steps), found = new Float64Array(steps), { of, area, count } = regionsOf(map);
  let normals = 0;
  for (let pixel = 0; pixel < of.length; pixel++) {
    const region = of[pixel] ?? 0, step = stepOf(map.scores[pixel] ?? 0, thresholds);
    if (region === 0) { normals++; alarms[step]!++; } else found[step]! += 1 / (area[region] ?? 1);
  }
  counts.alarms.push(alarms); counts.found.push(found); counts.normals.push(normals); counts.regions.push(count);
}

/** In steps of one map each. */
export function* countOverlaps(maps: readonly AnomalyMap[]): Generator<void, OverlapCounts> {
  const counts = noOverlapCounts(chooseThresholds(maps));
  for (const map of maps) { countOverlap(counts, map); yield; }
  return counts;
}

/**
 * Per-region overlap at a fixed set of thresholds, which a draw can add up without sorting millions of pixels again. It comes close to the value
 * over all thresholds (`exact`), and is moved by what it differs from it.
 */
export function overlapDraws(counts: OverlapCounts, exact: number, limit = 0.3): WeightedFigures {
  const steps = counts.thresholds.length + 1;
  const at = (weights: Int32Array | null): number => {
    let pixels = 0, all = 0;
    const falseAlarms = new Float64Array(steps), shares = new Float64Array(steps);
    for (let image = 0; image < counts.normals.length; image++) {
      const times = weights?.[image] ?? 1, alarms = counts.alarms[image], found = counts.found[image];
      if (times === 0 || !alarms || !found) continue;
      pixels += times * (counts.normals[image] ?? 0);
      all += times * (counts.regions[image] ?? 0);
      for (let step = 0; step < steps; step++) { falseAlarms[step]! += times * (alarms[step] ?? 0); shares[step]! += times * (found[step] ?? 0); }
    }
    return pixels === 0 || all === 0 ? Number.NaN : areaUpTo(falseAlarms, pixels, shares, all, limit);
  };
  const away = exact - at(null);
  return (weights) => { const value = at(weights) + away; return [Number.isNaN(value) ? value : Math.min(1, Math.max(0, value))]; };
}

function areaUpTo(falseAlarms: Float64Array, pixels: number, shares: Float64Array, regions: number, limit: number): number {
  const curve = overlapCurve(limit);
  let alarms = 0, found = 0;
  for (let step = 0; step < falseAlarms.length; step++) {
    alarms += falseAlarms[step] ?? 0;
    found += shares[step] ?? 0;
    if (curve.reaches(alarms / pixels, found / regions)) break;
  }
  return curve.mean();
}

/** Falling. Step 0 holds what is above the highest, step i what is above threshold i and not above the one before; the last what is below all. */
export function chooseThresholds(maps: readonly AnomalyMap[]): Float64Array {
  const stride = Math.max(1, Math.ceil(maps.reduce((sum, { mask }) => sum + mask.length, 0) / mostChosenFrom));
  const chosen: number[] = [];
  let highest = Number.NEGATIVE_INFINITY, count = 0;
  for (const { mask, scores } of maps) for (let pixel = 0; pixel < mask.length; pixel++) {
    const score = scores[pixel] ?? 0;
    if (mask[pixel] || Number.isNaN(score)) continue;
    if (score > highest) highest = score;
    if (count++ % stride === 0) chosen.push(score);
  }
  const sorted = Float64Array.from(chosen).sort().reverse();
  const picked = Array.from({ length: overlapThresholds }, (_, at) => sorted[Math.round((at / overlapThresholds) ** 2 * (sorted.length - 1))] ?? highest);
  return Float64Array.from(new Set([highest, ...picked])).sort().reverse();
}

function stepOf(score: number, thresholds: Float64Array): number {
  let low = 0, high = thresholds.length;
  while (low < high) { const middle = (low + high) >> 1; if (score > (thresholds[middle] ?? 0)) high = middle; else low = middle + 1; }
  return low;
}
