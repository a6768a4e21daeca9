// Average precision of boxes by the COCO rules: greedy matching, 101 recall points, IoU from 0.50 to 0.95, at most 100 boxes an image and class.

/** x, y of the upper left corner, width, height. */
export type Box = readonly [number, number, number, number];
export interface TruthBox { readonly image: number; readonly category: number; readonly box: Box }
export interface FoundBox extends TruthBox { readonly score: number }
export interface DetectionMetrics { readonly map50: number | null; readonly map5095: number | null; readonly classes: readonly { readonly category: number; readonly truths: number; readonly ap50: number; readonly ap5095: number }[] }

const thresholds = Array.from({ length: 10 }, (_, at) => 0.5 + at * 0.05);
const recallPoints = Array.from({ length: 101 }, (_, at) => at / 100);
const mostBoxes = 100;

export function boxIou(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]), height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (a[2] * a[3] + b[2] * b[3] - both);
}

/** Classes without a true box have no average precision and are left out of the means; null where no class has one. */
export function detectionMetrics(truths: readonly TruthBox[], found: readonly FoundBox[]): DetectionMetrics {
  const categories = [...new Set(truths.map(({ category }) => category))].sort((a, b) => a - b);
  const classes = categories.map((category) => {
    const own = <T extends TruthBox>(boxes: readonly T[]) => byImage(boxes.filter((each) => each.category === category));
    const trueBoxes = own(truths);
    const foundBoxes = new Map([...own(found)].map(([image, boxes]) => [image, [...boxes].sort((a, b) => b.score - a.score).slice(0, mostBoxes)]));
    const count = [...trueBoxes.values()].reduce((sum, boxes) => sum + boxes.length, 0);
    const precisions = thresholds.map((threshold) => averagePrecisionOf(matches(trueBoxes, foundBoxes, threshold), count));
    return { category, truths: count, ap50: precisions[0] ?? 0, ap5095: precisions.reduce((sum, value) => sum + value, 0) / precisions.length };
  });
  const mean = (values: readonly number[]) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
  return { map50: mean(classes.map(({ ap50 }) => ap50)), map5095: mean(classes.map(({ ap5095 }) => ap5095)), classes };
}

function byImage<T extends TruthBox>(boxes: readonly T[]): Map<number, T[]> {
  const images = new Map<number, T[]>();
  for (const box of boxes) { const list = images.get(box.image); if (list) list.push(box); else images.set(box.image, [box]); }
  return images;
}

/** Each found box, best first, takes the free true box that it overlaps most, where that is at least the threshold; of equals the later one, as pycocotools does. */
function matches(truths: ReadonlyMap<number, readonly TruthBox[]>, found: ReadonlyMap<number, readonly FoundBox[]>, threshold: number): { score: number; hit: boolean }[] {
  const out: { score: number; hit: boolean }[] = [];
  for (const image of [...new Set([...truths.keys(), ...found.keys()])].sort((a, b) => a - b)) {
    const free = new Set(truths.get(image) ?? []);
    for (const { box, score } of found.get(image) ?? []) {
      let best: TruthBox | null = null, most = Math.min(threshold, 1 - 1e-10);
      for (const truth of free) { const iou = boxIou(box, truth.box); if (iou >= most) { most = iou; best = truth; } }
      if (best) free.delete(best);
      out.push({ score, hit: best !== null });
    }
  }
  return out.sort((a, b) => b.score - a.score);
}

function averagePrecisionOf(found: readonly { readonly hit: boolean }[], truths: number): number {
  let hits = 0;
  const recall: number[] = [], precision: number[] = [];
  found.forEach(({ hit }, rank) => { if (hit) hits++; recall.push(hits / truths); precision.push(hits / (rank + 1)); });
  // Precision never rises towards more recall: each point takes the best that comes after it.
  for (let at = precision.length - 2; at >= 0; at--) precision[at] = Math.max(precision[at] ?? 0, precision[at + 1] ?? 0);
  let sum = 0, at = 0;
  for (const point of recallPoints) {
    while (at < recall.length && (recall[at] ?? 0) < point) at++;
    sum += precision[at] ?? 0;
  }
  return sum / recallPoints.length;
}
