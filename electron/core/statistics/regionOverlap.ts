// Per-region overlap of any number of maps: exact while they are few enough to be held, beyond that in bins of scores with a bound on the error.
import { overlapCurve, regionsOf, type AnomalyMap } from './anomaly.ts';

/** Pixels of maps that are held whole, about 5 bytes each; exact computing takes another 8. */
export const mostPixelsHeld = 16_000_000;
/** Bits of a score's bin: sign, exponent and 13 bits of the fraction, so that a bin is at most 1/8192 of its score wide. */
const binBits = 22;

const float = new Float32Array(1), bits = new Uint32Array(float.buffer);
/** Rises with the score (as float32), from 0; NaN, no answer, is the lowest. */
function keyOf(score: number): number {
  float[0] = Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score + 0; // not -0
  const raw = bits[0] ?? 0;
  return (raw >>> 31 === 1 ? ~raw : raw | 0x80000000) >>> 0;
}

/**
 * Per-region overlap (Bergmann et al. 2021): for each threshold the mean share of every 8-connected anomalous region that is found, integrated over
 * the false positive rate of normal pixels up to `limit` and divided by it. Null without a region or without a normal pixel. Exact, in steps: scores are put
 * into buckets of near ones, which are sorted one by one. Takes 8 bytes a pixel beside the maps.
 */
export function* overlapSteps(maps: readonly AnomalyMap[], limit = 0.3): Generator<void, number | null> {
  const buckets = 1 << 16;
  const normalEnd = new Uint32Array(buckets + 1), regionEnd = new Uint32Array(buckets + 1);
  let regions = 0;
  for (const { mask, scores } of maps) {
    for (let pixel = 0; pixel < mask.length; pixel++) (mask[pixel] ? regionEnd : normalEnd)[(keyOf(scores[pixel] ?? 0) >>> 16) + 1]!++;
    yield;
  }
  for (let bucket = 0; bucket < buckets; bucket++) { normalEnd[bucket + 1]! += normalEnd[bucket] ?? 0; regionEnd[bucket + 1]! += regionEnd[bucket] ?? 0; }
  const normals = normalEnd[buckets] ?? 0;
  const normal = new Float64Array(normals), found = new Float64Array(regionEnd[buckets] ?? 0), share = new Float64Array(found.length);
  const normalAt = normalEnd.slice(0, buckets), regionAt = regionEnd.slice(0, buckets);
  for (const map of maps) {
    const { of, area, count } = regionsOf(map);
    regions += count;
    for (let pixel = 0; pixel < of.length; pixel++) {
      const given = map.scores[pixel] ?? 0, score = Number.isNaN(given) ? Number.NEGATIVE_INFINITY : given, bucket = keyOf(given) >>> 16, region = of[pixel] ?? 0;
      if (region === 0) normal[normalAt[bucket]!++] = score;
      else { const at = regionAt[bucket]!++; found[at] = score; share[at] = 1 / (area[region] ?? 1); }
    }
    yield;
  }
  if (regions === 0 || normals === 0) return null;
  let sorted = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const [from, to] = [normalEnd[bucket] ?? 0, normalEnd[bucket + 1] ?? 0], [first, end] = [regionEnd[bucket] ?? 0, regionEnd[bucket + 1] ?? 0];
    if (to - from > 1) normal.subarray(from, to).sort();
    if (end - first > 1) {
      const order = Int32Array.from({ length: end - first }, (_, at) => first + at).sort((a, b) => (found[a] ?? 0) - (found[b] ?? 0));
      const [scores, shares] = [Float64Array.from(order, (at) => found[at] ?? 0), Float64Array.from(order, (at) => share[at] ?? 0)];
      found.set(scores, first); share.set(shares, first);
    }
    sorted += to - from + end - first;
    if (sorted > 100_000) { sorted = 0; yield; }
  }
  const curve = overlapCurve(limit);
  let alarms = 0, taken = 0, sum = 0;
  for (let steps = 0; alarms < normals || taken < found.length; steps++) {
    // The next threshold is the highest score that is left; all pixels of that score pass it together.
    const threshold = Math.max(normal[normals - 1 - alarms] ?? Number.NEGATIVE_INFINITY, found[found.length - 1 - taken] ?? Number.NEGATIVE_INFINITY);
    while (alarms < normals && (normal[normals - 1 - alarms] ?? 0) >= threshold) alarms++;
    while (taken < found.length && (found[found.length - 1 - taken] ?? 0) >= threshold) { sum += share[found.length - 1 - taken] ?? 0; taken++; }
    if (curve.reaches(alarms / normals, sum / regions)) break;
    if (steps % 500_000 === 499_999) yield;
  }
  return curve.mean();
}

export interface BinnedOverlap { readonly value: number; /** The exact value lies within value ± error. */ readonly error: number }
export interface OverlapBins { add(map: AnomalyMap): void; /** Null without a region or without a normal pixel. */ result(limit?: number): BinnedOverlap | null }

/** 64 MB, whatever the number of maps. */
export function overlapBins(): OverlapBins {
  const normal = new Float64Array(1 << binBits), share = new Float64Array(1 << binBits);
  let normals = 0, regions = 0;
  return {
    add: (map) => {
      const { of, area, count } = regionsOf(map);
      regions += count;
      for (let pixel = 0; pixel < of.length; pixel++) {
        const bin = keyOf(map.scores[pixel] ?? 0) >>> (32 - binBits), region = of[pixel] ?? 0;
        if (region === 0) { normal[bin]!++; normals++; } else share[bin]! += 1 / (area[region] ?? 1);
      }
    },
    result: (limit = 0.3) => {
      if (regions === 0 || normals === 0) return null;
      const curve = overlapCurve(limit);
      let alarms = 0, found = 0, error = 0;
      for (let bin = normal.length - 1; bin >= 0; bin--) {
        const [more, gained] = [normal[bin] ?? 0, share[bin] ?? 0];
        if (more === 0 && gained === 0) continue;
        // At its ends the curve is exact. Between them it rises somehow from corner to corner, and the straight line halves what is open; a line that is cut at the limit may be all beside it.
        const width = Math.min(more / normals, Math.max(0, limit - alarms / normals)), height = gained / regions;
        alarms += more; found += gained;
        const isPast = curve.reaches(alarms / normals, found / regions);
        error += (width * height) / (isPast ? 1 : 2);
        if (isPast) break;
      }
      return { value: curve.mean(), error: error / limit };
    },
  };
}
