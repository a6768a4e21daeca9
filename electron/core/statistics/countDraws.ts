// Figures of any draw of the samples for tasks whose figures follow from counts and means: segmentation, multilabel, and means over samples.
import type { WeightedFigures } from './bootstrapFigures.ts';
import { segmentationMetrics, type PixelCounts } from './segmentation.ts';

/** Mean IoU, mean Dice and pixel accuracy. */
export function pixelDraws(counts: readonly PixelCounts[], labels: readonly string[]): WeightedFigures {
  const width = labels.length * 3;
  const flat = Float64Array.from({ length: counts.length * width }, (_, at) => {
    const sample = counts[Math.floor(at / width)], place = at % width;
    return (place < labels.length ? sample?.hits : place < 2 * labels.length ? sample?.actual : sample?.predicted)?.[place % labels.length] ?? 0;
  });
  return (weights) => {
    const sum = new Float64Array(width);
    for (let sample = 0; sample < counts.length; sample++) {
      const times = weights?.[sample] ?? 1;
      if (times !== 0) for (let place = 0; place < width; place++) sum[place]! += times * (flat[sample * width + place] ?? 0);
    }
    const of = (part: number) => sum.subarray(part * labels.length, (part + 1) * labels.length);
    const { pixels, meanIou, meanDice, pixelAccuracy } = segmentationMetrics({ hits: of(0), actual: of(1), predicted: of(2) }, labels);
    return pixels === 0 ? [Number.NaN, Number.NaN, Number.NaN] : [meanIou, meanDice, pixelAccuracy];
  };
}

/** Hamming loss, F1 over all labels and its mean over the labels. */
export function labelDraws(actual: readonly ReadonlySet<number>[], predicted: readonly ReadonlySet<number>[], labels: number): WeightedFigures {
  // One entry for each label that a sample has or is given: 1 has, 2 given, 3 both.
  const samples: number[] = [], places: number[] = [], marks: number[] = [];
  actual.forEach((truth, sample) => {
    const given = predicted[sample] ?? new Set<number>();
    for (const place of new Set([...truth, ...given])) { samples.push(sample); places.push(place); marks.push((truth.has(place) ? 1 : 0) + (given.has(place) ? 2 : 0)); }
  });
  return (weights) => {
    const hits = new Float64Array(labels), named = new Float64Array(labels);
    let wrong = 0, all = 0;
    for (let sample = 0; sample < actual.length; sample++) all += weights?.[sample] ?? 1;
    for (let at = 0; at < samples.length; at++) {
      const times = weights?.[samples[at] ?? 0] ?? 1, place = places[at] ?? 0, mark = marks[at];
      named[place]! += times * (mark === 3 ? 2 : 1);
      if (mark === 3) hits[place]! += times; else wrong += times;
    }
    const ratio = (above: number, below: number) => (below === 0 ? 0 : above / below);
    let hitSum = 0, namedSum = 0, f1Sum = 0;
    for (let place = 0; place < labels; place++) { const [h, s] = [hits[place] ?? 0, named[place] ?? 0]; hitSum += h; namedSum += s; f1Sum += ratio(2 * h, s); }
    return [ratio(wrong, all * labels), ratio(2 * hitSum, namedSum), ratio(f1Sum, labels)];
  };
}

export function meanDraws(values: ArrayLike<number>): WeightedFigures {
  return (weights) => {
    let sum = 0, count = 0;
    for (let sample = 0; sample < values.length; sample++) { const times = weights?.[sample] ?? 1; sum += times * (values[sample] ?? 0); count += times; }
    return [count === 0 ? Number.NaN : sum / count];
  };
}
