// Metrics of an anomaly score: average precision, and what per-region overlap is made of; AUROC is in classification.ts, the overlap in regionOverlap.ts.

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
