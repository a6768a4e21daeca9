// What was found and missed, matched once at each IoU threshold: average precision of any draw of the images follows by counting, without matching again.

/** IoU 0.50 to 0.95, written as numpy.linspace computes them. */
export const iouThresholds = Array.from({ length: 10 }, (_, at) => at * ((0.95 - 0.5) / 9) + 0.5);
// Likewise: a recall of exactly 7 in 20 is on the other side of 0.35 otherwise.
const recallPoints = Array.from({ length: 101 }, (_, at) => at * 0.01);

/** One found box; bit t of `hits` and `ignored` is for threshold t. Ignored counts neither for nor against. */
export interface RecordedBox { readonly image: number; readonly score: number; readonly hits: number; readonly ignored: number }
/** The boxes of one class and one range of areas. */
export interface MatchRecords {
  /** Images with true boxes that count, and how many each has. */
  readonly truthImages: Int32Array; readonly truthCounts: Int32Array;
  /** Best first; of equals in the order of the images. */
  readonly images: Int32Array; readonly hits: Uint16Array; readonly ignored: Uint16Array;
  /** 0; or, at the first of boxes of one image and one score that differ in what they count as, how many they are. */
  readonly runs: Int32Array;
}

export const everyThreshold = (1 << iouThresholds.length) - 1;

/** @param boxes in the order of the images, each image's best first */
export function matchRecords(truths: ReadonlyMap<number, number>, boxes: readonly RecordedBox[]): MatchRecords {
  const counted = boxes.filter(({ ignored }) => ignored !== everyThreshold).sort((a, b) => b.score - a.score);
  const runs = new Int32Array(counted.length);
  for (let first = 0; first < counted.length;) {
    const of = counted[first];
    let next = first + 1, differs = false;
    for (let other = counted[next]; of && other && other.score === of.score && other.image === of.image; other = counted[++next]) differs ||= other.hits !== of.hits || other.ignored !== of.ignored;
    if (differs) runs[first] = next - first;
    first = next;
  }
  return {
    truthImages: Int32Array.from(truths.keys()), truthCounts: Int32Array.from(truths.values()),
    images: Int32Array.from(counted, ({ image }) => image), hits: Uint16Array.from(counted, ({ hits }) => hits), ignored: Uint16Array.from(counted, ({ ignored }) => ignored), runs,
  };
}

/** Steps of `precisions`, about. */
export const costOf = ({ images, hits }: MatchRecords): number => images.length + hits.reduce((sum, mask) => sum + (mask === 0 ? 0 : 10), 0);

/** Average precision at each threshold, where image i counts weights[i] times, each once without; null where no true box counts. */
export function precisions({ truthImages, truthCounts, images, hits, ignored, runs }: MatchRecords, weights: Int32Array | null): Float64Array | null {
  let truths = 0;
  for (let at = 0; at < truthImages.length; at++) truths += (truthCounts[at] ?? 0) * (weights === null ? 1 : weights[truthImages[at] ?? 0] ?? 0);
  if (truths === 0) return null;
  let seen = 0;
  const many = iouThresholds.length;
  const found = new Float64Array(many), skipped = new Float64Array(many), noted = new Int32Array(many);
  // Recall rises at hits alone, and precision peaks there: only they are noted.
  const hitsAt: number[][] = iouThresholds.map(() => []), precisionAt: number[][] = iouThresholds.map(() => []);
  const take = (at: number, times: number) => {
    seen += times;
    for (let skip = ignored[at] ?? 0; skip !== 0; skip &= skip - 1) skipped[31 - Math.clz32(skip & -skip)]! += times;
    for (let hit = hits[at] ?? 0; hit !== 0; hit &= hit - 1) {
      const t = 31 - Math.clz32(hit & -hit), sum = (found[t] ?? 0) + times, place = noted[t] ?? 0;
      found[t] = sum;
      noted[t] = place + 1;
      hitsAt[t]![place] = sum;
      precisionAt[t]![place] = sum / (seen - (skipped[t] ?? 0));
    }
  };
  for (let at = 0; at < images.length; at++) {
    const times = weights === null ? 1 : weights[images[at] ?? 0] ?? 0, run = runs[at] ?? 0;
    if (run === 0) { if (times > 0) take(at, times); continue; }
    // Copies of an image come one after the other, each with its boxes in their order.
    for (let copy = 0; copy < times; copy++) for (let inside = at; inside < at + run; inside++) take(inside, 1);
    at += run - 1;
  }
  return Float64Array.from(hitsAt, (counts, t) => areaBelow(counts, precisionAt[t] ?? [], truths));
}

/** Precision never rises towards more recall: each recall point takes the best that comes after it. */
function areaBelow(counts: readonly number[], precision: readonly number[], truths: number): number {
  let sum = 0, best = 0, point = recallPoints.length - 1;
  for (let at = counts.length - 1; at >= 0; at--) {
    const recall = (counts[at] ?? 0) / truths;
    for (; point >= 0 && (recallPoints[point] ?? 0) > recall; point--) sum += best;
    best = Math.max(best, precision[at] ?? 0);
  }
  return (sum + best * (point + 1)) / recallPoints.length;
}
