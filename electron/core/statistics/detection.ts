// Average precision of boxes by the COCO rules: greedy matching, crowds, ranges of area, 101 recall points, IoU from 0.50 to 0.95, at most 100 boxes an image and class.

/** x, y of the upper left corner, width, height. */
export type Box = readonly [number, number, number, number];
interface PlacedBox {
  readonly image: number; readonly category: number; readonly box: Box;
  /** In pixels of the picture; without it that of the box. */
  readonly area?: number;
}
export interface TruthBox extends PlacedBox {
  /** Many objects in one box: what is found in it counts neither for nor against. */
  readonly crowd?: boolean;
}
export interface FoundBox extends PlacedBox { readonly score: number }
export interface DetectionMetrics {
  readonly map50: number | null; readonly map5095: number | null;
  /** IoU 0.50 to 0.95 over boxes of less than 32 x 32, up to 96 x 96, and more pixels of the picture. */
  readonly mapSmall: number | null; readonly mapMedium: number | null; readonly mapLarge: number | null;
  readonly classes: readonly { readonly category: number; readonly truths: number; readonly ap50: number; readonly ap5095: number }[];
}

// Both written as numpy.linspace computes them: a recall of exactly 7 in 20 is on the other side of 0.35 otherwise.
const thresholds = Array.from({ length: 10 }, (_, at) => at * ((0.95 - 0.5) / 9) + 0.5);
const recallPoints = Array.from({ length: 101 }, (_, at) => at * 0.01);
const mostBoxes = 100;
type Range = readonly [number, number];
const all: Range = [0, 1e10], small: Range = [0, 32 ** 2], medium: Range = [32 ** 2, 96 ** 2], large: Range = [96 ** 2, 1e10];

export function boxIou(a: Box, b: Box): number {
  const both = overlapOf(a, b);
  return both === 0 ? 0 : both / (a[2] * a[3] + b[2] * b[3] - both);
}

function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]), height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return width <= 0 || height <= 0 ? 0 : width * height;
}

/** Of a crowd only a part can be found: the share of the found box that lies in it counts. */
function overlapWith(found: Box, { box, crowd }: TruthBox): number {
  if (!crowd) return boxIou(found, box);
  const area = found[2] * found[3];
  return area === 0 ? 0 : overlapOf(found, box) / area;
}

const areaOf = ({ box, area }: PlacedBox): number => area ?? box[2] * box[3];
const isOutside = (each: PlacedBox, [least, most]: Range): boolean => { const area = areaOf(each); return area < least || area > most; };

/** The boxes of one class on one image: what is found best first, and how far each overlaps each true box. */
interface Scene { readonly truths: readonly TruthBox[]; readonly found: readonly FoundBox[]; readonly overlaps: readonly Float64Array[] }

/** Classes without a true box have no average precision and are left out of the means; null where no class has one. */
export function detectionMetrics(truths: readonly TruthBox[], found: readonly FoundBox[]): DetectionMetrics {
  const categories = [...new Set(truths.map(({ category }) => category))].sort((a, b) => a - b);
  const each = categories.map((category) => {
    const scenes = scenesOf(truths, found, category);
    const [every, ...bySize] = [all, small, medium, large].map((range) => precisionsOf(scenes, range));
    return { category, count: truths.filter((truth) => truth.category === category && truth.crowd !== true).length, every: every ?? null, bySize };
  });
  const classes = each.flatMap(({ category, count, every }) => (every === null ? [] : [{ category, truths: count, ap50: every[0] ?? 0, ap5095: meanOf(every) ?? 0 }]));
  const [mapSmall = null, mapMedium = null, mapLarge = null] = [0, 1, 2].map((size) => meanOf(each.flatMap(({ bySize }) => meanOf(bySize[size] ?? []) ?? [])));
  return { map50: meanOf(classes.map(({ ap50 }) => ap50)), map5095: meanOf(classes.map(({ ap5095 }) => ap5095)), mapSmall, mapMedium, mapLarge, classes };
}

const meanOf = (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);

/** One scene an image that has a box of the class, in the order of the images. */
export function scenesOf(truths: readonly TruthBox[], found: readonly FoundBox[], category: number): Scene[] {
  const own = <T extends PlacedBox>(boxes: readonly T[]) => byImage(boxes.filter((each) => each.category === category));
  const [trueBoxes, foundBoxes] = [own(truths), own(found)];
  return [...new Set([...trueBoxes.keys(), ...foundBoxes.keys()])].sort((a, b) => a - b).map((image) => {
    const here = trueBoxes.get(image) ?? [], best = [...foundBoxes.get(image) ?? []].sort((a, b) => b.score - a.score).slice(0, mostBoxes);
    return { truths: here, found: best, overlaps: best.map(({ box }) => Float64Array.from(here, (truth) => overlapWith(box, truth))) };
  });
}

function byImage<T extends PlacedBox>(boxes: readonly T[]): Map<number, T[]> {
  const images = new Map<number, T[]>();
  for (const box of boxes) { const list = images.get(box.image); if (list) list.push(box); else images.set(box.image, [box]); }
  return images;
}

/** Average precision at each threshold; null where the range holds no true box. */
function precisionsOf(scenes: readonly Scene[], range: Range): number[] | null {
  const count = scenes.reduce((sum, { truths }) => sum + truths.filter((truth) => truth.crowd !== true && !isOutside(truth, range)).length, 0);
  if (count === 0) return null;
  return thresholds.map((threshold) => {
    const ranked = scenes.flatMap((scene) => matchScene(scene, threshold, range).found).filter(({ ignored }) => !ignored);
    return averagePrecisionOf(ranked.sort((a, b) => b.score - a.score), count);
  });
}

export interface Matched { readonly found: readonly { readonly score: number; readonly hit: boolean; readonly ignored: boolean }[]; /** True boxes that count and were not found. */ readonly missed: number }

/**
 * Each found box, best first, takes the free true box that it overlaps most, where that is at least the threshold; of equals the later one, as
 * pycocotools does. True boxes that do not count (crowds, out of range) are taken only where no other fits, and what takes them does not count.
 */
export function matchScene({ truths, found, overlaps }: Scene, threshold: number, range: Range = all): Matched {
  const ignored = truths.map((truth) => truth.crowd === true || isOutside(truth, range));
  const order = [...truths.keys()].sort((a, b) => Number(ignored[a]) - Number(ignored[b]));
  const taken = new Set<number>();
  const results = found.map((box, at) => {
    let best = -1, most = Math.min(threshold, 1 - 1e-10);
    for (const place of order) {
      if (taken.has(place) && truths[place]?.crowd !== true) continue;
      if (best >= 0 && ignored[best] !== true && ignored[place] === true) break;
      const overlap = overlaps[at]?.[place] ?? 0;
      if (overlap >= most) { most = overlap; best = place; }
    }
    if (best >= 0) taken.add(best);
    return { score: box.score, hit: best >= 0, ignored: best >= 0 ? ignored[best] === true : isOutside(box, range) };
  });
  return { found: results, missed: truths.filter((_, place) => ignored[place] !== true && !taken.has(place)).length };
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
