// Metrics of an anomaly score: average precision, and per-region overlap where there are masks; AUROC is in classification.ts.

/** Average precision (area under the precision-recall steps, without interpolation), ties sharing a step; null with no anomaly. */
export function averagePrecision(scores: ArrayLike<number>, anomalous: ArrayLike<boolean>): number | null {
  const order = Array.from({ length: scores.length }, (_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const positives = Array.from(anomalous).filter(Boolean).length;
  if (positives === 0) return null;
  let hits = 0, before = 0, area = 0;
  order.forEach((sample, rank) => {
    if (anomalous[sample]) hits++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[sample]) return;
    area += ((hits - before) / positives) * (hits / (rank + 1));
    before = hits;
  });
  return area;
}

export interface AnomalyMap { readonly width: number; readonly height: number; /** Not 0: anomalous. */ readonly mask: ArrayLike<number>; readonly scores: ArrayLike<number> }

/**
 * Per-region overlap (Bergmann et al. 2021): for each threshold the mean share of every 8-connected anomalous region that is found, integrated over
 * the false positive rate of normal pixels up to `limit` and divided by it. Null without a region or without a normal pixel.
 */
export function perRegionOverlap(maps: readonly AnomalyMap[], limit = 0.3): number | null {
  // A set has millions of pixels, nearly all of them normal: those are plain numbers, which sort without a comparison function.
  const all = new Float64Array(maps.reduce((sum, { mask }) => sum + mask.length, 0));
  const inRegions: { readonly score: number; readonly share: number }[] = [];
  let normals = 0, regions = 0;
  for (const map of maps) {
    const sizes = regionsOf(map);
    regions += sizes.count;
    for (let pixel = 0; pixel < map.mask.length; pixel++) {
      const region = sizes.of[pixel] ?? 0, given = map.scores[pixel] ?? 0, score = Number.isNaN(given) ? Number.NEGATIVE_INFINITY : given; // no answer is no alarm
      // A pixel of a region adds its part of that region; a normal one a false alarm.
      if (region === 0) all[normals++] = score;
      else inRegions.push({ score, share: 1 / (sizes.area[region] ?? 1) });
    }
  }
  if (regions === 0 || normals === 0) return null;
  const normal = all.subarray(0, normals).sort();
  inRegions.sort((a, b) => b.score - a.score);
  const curve = overlapCurve(limit);
  let alarms = 0, found = 0;
  for (let at = 0; alarms < normals || at < inRegions.length;) {
    // The next threshold is the highest score that is left; all pixels of that score pass it together.
    const threshold = Math.max(normal[normals - 1 - alarms] ?? Number.NEGATIVE_INFINITY, inRegions[at]?.score ?? Number.NEGATIVE_INFINITY);
    while (alarms < normals && (normal[normals - 1 - alarms] ?? 0) >= threshold) alarms++;
    for (let next = inRegions[at]; next !== undefined && next.score >= threshold; next = inRegions[++at]) found += next.share;
    if (curve.reaches(alarms / normals, found / regions)) break;
  }
  return curve.mean();
}

/** Overlap over the false positive rate, in steps of rising rate: its mean up to the limit. */
export function overlapCurve(limit: number): { /** True once the limit is passed, which cuts the last step; nothing may follow. */ reaches(rate: number, overlap: number): boolean; mean(): number } {
  let area = 0, rate = 0, overlap = 0;
  return {
    reaches(nextRate, nextOverlap) {
      const isPast = nextRate > limit;
      const toRate = isPast ? limit : nextRate;
      const toOverlap = isPast ? overlap + ((nextOverlap - overlap) * (limit - rate)) / (nextRate - rate) : nextOverlap;
      area += ((toRate - rate) * (overlap + toOverlap)) / 2;
      rate = toRate; overlap = toOverlap;
      return isPast;
    },
    mean: () => (area + (limit - rate) * overlap) / limit,
  };
}

/** Region of each pixel from 1, 0 for normal, and the area of each region. */
export function regionsOf({ width, height, mask }: AnomalyMap): { of: Int32Array; area: number[]; count: number } {
  const of = new Int32Array(width * height);
  const area = [0];
  const stack: number[] = [];
  for (let start = 0; start < of.length; start++) {
    if (!mask[start] || of[start] !== 0) continue;
    const region = area.length;
    area.push(0);
    of[start] = region;
    stack.push(start);
    for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
      area[region]!++;
      const x = pixel % width, y = Math.floor(pixel / width);
      for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) {
        const nx = x + dx, ny = y + dy, next = ny * width + nx;
        if (nx < 0 || ny < 0 || nx >= width || ny >= height || !mask[next] || of[next] !== 0) continue;
        of[next] = region;
        stack.push(next);
      }
    }
  }
  return { of, area, count: area.length - 1 };
}
