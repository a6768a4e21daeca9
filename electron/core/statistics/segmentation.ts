// Metrics of a segmentation over all pixels of all samples: IoU and Dice of each class, their means, and pixel accuracy.
export interface PixelCounts { readonly hits: Float64Array; readonly actual: Float64Array; readonly predicted: Float64Array }
export interface SegmentationMetrics {
  readonly pixels: number; readonly pixelAccuracy: number;
  /** Over the classes that occur in label or answer. */
  readonly meanIou: number; readonly meanDice: number;
  readonly classes: readonly { readonly label: string; readonly pixels: number; readonly iou: number | null; readonly dice: number | null }[];
}

export const noPixels = (classes: number): PixelCounts => ({ hits: new Float64Array(classes), actual: new Float64Array(classes), predicted: new Float64Array(classes) });

/** Adds one sample in place, so that a set of any length holds three counts a class. Pixels whose label is no class (void) are left out. */
export function addPixels(counts: PixelCounts, actual: ArrayLike<number>, predicted: ArrayLike<number>): void {
  for (let pixel = 0; pixel < actual.length; pixel++) {
    const truth = actual[pixel] ?? -1, answer = predicted[pixel] ?? -1;
    if (truth < 0 || truth >= counts.actual.length) continue;
    counts.actual[truth]!++;
    if (answer >= 0 && answer < counts.predicted.length) counts.predicted[answer]!++;
    if (truth === answer) counts.hits[truth]!++;
  }
}

export function segmentationMetrics({ hits, actual, predicted }: PixelCounts, labels: readonly string[]): SegmentationMetrics {
  const classes = labels.map((label, at) => {
    const h = hits[at] ?? 0, both = (actual[at] ?? 0) + (predicted[at] ?? 0);
    return { label, pixels: actual[at] ?? 0, iou: both === 0 ? null : h / (both - h), dice: both === 0 ? null : (2 * h) / both };
  });
  const pixels = actual.reduce((sum, count) => sum + count, 0);
  const mean = (values: readonly (number | null)[]) => { const known = values.filter((value) => value !== null); return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length; };
  return { pixels, pixelAccuracy: pixels === 0 ? 0 : hits.reduce((sum, count) => sum + count, 0) / pixels, meanIou: mean(classes.map(({ iou }) => iou)), meanDice: mean(classes.map(({ dice }) => dice)), classes };
}
