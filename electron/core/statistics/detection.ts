// Average precision of boxes by the COCO rules: greedy matching, crowds, ranges of area, 101 recall points, IoU from 0.50 to 0.95, at most 100 boxes an image and class.
import { finish } from './bootstrapFigures.ts';
import { costOf, everyThreshold, iouThresholds, matchRecords, precisions, type MatchRecords, type RecordedBox } from './detectionRecords.ts';

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

const mostBoxes = 100;
const lowestThreshold = Math.min(...iouThresholds);
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

/** What all average precisions follow from; one entry a class with a true box. */
export type DetectionRecords = readonly { readonly category: number; readonly truths: number; readonly every: MatchRecords; readonly bySize: readonly MatchRecords[] }[];

export const recordDetections = (truths: readonly TruthBox[], found: readonly FoundBox[]): DetectionRecords => finish(recordSteps(truths, found));

/** As recordDetections, in steps of some images each: matching a large set takes seconds. */
export function* recordSteps(truths: readonly TruthBox[], found: readonly FoundBox[]): Generator<void, DetectionRecords> {
  const records: DetectionRecords[number][] = [];
  for (const category of [...new Set(truths.map((truth) => truth.category))].sort((a, b) => a - b)) {
    const scenes = yield* sceneSteps(truths, found, category);
    const count = scenes.reduce((sum, scene) => sum + scene.truths.filter(({ crowd }) => crowd !== true).length, 0);
    const every = yield* recordScenes(scenes, all), bySize: MatchRecords[] = [];
    for (const range of [small, medium, large]) bySize.push(yield* recordScenes(scenes, range));
    records.push({ category, truths: count, every, bySize });
  }
  return records;
}

/** Steps of one pass over all records, about. */
export const costOfRecords = (records: DetectionRecords): number => records.reduce((sum, { every, bySize }) => sum + [every, ...bySize].reduce((part, each) => part + costOf(each), 0), 0);

export const detectionMetrics = (truths: readonly TruthBox[], found: readonly FoundBox[]): DetectionMetrics => metricsOfRecords(recordDetections(truths, found), null);

/**
 * Classes without a true box have no average precision and are left out of the means; null where no class has one.
 * @param weights how often each image counts; null for once
 */
export function metricsOfRecords(records: DetectionRecords, weights: Int32Array | null): DetectionMetrics {
  const classes = records.flatMap(({ category, truths, every }) => { const each = precisions(every, weights); return each === null ? [] : [{ category, truths, ap50: each[0] ?? 0, ap5095: meanOf(each) ?? 0 }]; });
  const [mapSmall = null, mapMedium = null, mapLarge = null] = [0, 1, 2].map((size) => meanOf(records.flatMap(({ bySize }) => { const own = bySize[size]; return own ? meanOf(precisions(own, weights) ?? []) ?? [] : []; })));
  return { map50: meanOf(classes.map(({ ap50 }) => ap50)), map5095: meanOf(classes.map(({ ap5095 }) => ap5095)), mapSmall, mapMedium, mapLarge, classes };
}

function meanOf(values: ArrayLike<number>): number | null {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] ?? 0;
  return values.length === 0 ? null : sum / values.length;
}

/** Images that are looked at between two steps. */
const imagesAStep = 64;

/** One scene an image that has a box of the class, in the order of the images. */
export function* sceneSteps(truths: readonly TruthBox[], found: readonly FoundBox[], category: number): Generator<void, Scene[]> {
  const own = <T extends PlacedBox>(boxes: readonly T[]) => byImage(boxes.filter((each) => each.category === category));
  const [trueBoxes, foundBoxes] = [own(truths), own(found)];
  const scenes: Scene[] = [];
  for (const image of [...new Set([...trueBoxes.keys(), ...foundBoxes.keys()])].sort((a, b) => a - b)) {
    const here = trueBoxes.get(image) ?? [], best = [...foundBoxes.get(image) ?? []].sort((a, b) => b.score - a.score).slice(0, mostBoxes);
    scenes.push({ truths: here, found: best, overlaps: best.map(({ box }) => Float64Array.from(here, (truth) => overlapWith(box, truth))) });
    if (scenes.length % imagesAStep === 0) yield;
  }
  return scenes;
}

function byImage<T extends PlacedBox>(boxes: readonly T[]): Map<number, T[]> {
  const images = new Map<number, T[]>();
  for (const box of boxes) { const list = images.get(box.image); if (list) list.push(box); else images.set(box.image, [box]); }
  return images;
}

function* recordScenes(scenes: readonly Scene[], range: Range): Generator<void, MatchRecords> {
  const counts = new Map<number, number>();
  const boxes: RecordedBox[] = [];
  for (const [done, scene] of scenes.entries()) {
    if (done % imagesAStep === imagesAStep - 1) yield;
    const image = (scene.truths[0] ?? scene.found[0])?.image ?? 0;
    const count = scene.truths.filter((truth) => truth.crowd !== true && !isOutside(truth, range)).length;
    if (count > 0) counts.set(image, count);
    const marks = scene.found.map((box) => ({ image, score: box.score, hits: 0, ignored: isOutside(box, range) ? everyThreshold : 0 }));
    // What overlaps no true box enough for the lowest threshold takes none at any: most boxes of a raw head, which would be matched forty times over.
    const near = [...scene.found.keys()].filter((at) => scene.overlaps[at]?.some((overlap) => overlap >= lowestThreshold));
    for (const at of near) { const mark = marks[at]; if (mark) mark.ignored = 0; }
    const close: Scene = { truths: scene.truths, found: near.flatMap((at) => scene.found[at] ?? []), overlaps: near.flatMap((at) => scene.overlaps[at] ?? []) };
    if (near.length > 0) iouThresholds.forEach((threshold, bit) => matchScene(close, threshold, range).found.forEach(({ hit, ignored }, place) => {
      const mark = marks[near[place] ?? -1];
      if (mark && ignored) mark.ignored |= 1 << bit; else if (mark && hit) mark.hits |= 1 << bit;
    }));
    boxes.push(...marks);
  }
  return matchRecords(counts, boxes);
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
