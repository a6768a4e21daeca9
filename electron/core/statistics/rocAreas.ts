// Areas under the ROC curves of more than two classes, of the samples or of any draw of them: one against the rest, and each pair.
import type { WeightedFigures } from './bootstrapFigures.ts';
import type { ClassSamples } from './classSamples.ts';

export interface RocAreas {
  /** One a scored class against the rest; NaN where one kind of sample is missing. */
  readonly classes: Float64Array;
  /** Mean over the classes. */
  readonly macro: number;
  /** Mean weighted by the samples of each class. */
  readonly weighted: number;
  /** Mean over pairs of classes, each judged by both scores (Hand and Till 2001). */
  readonly oneVsOne: number;
}

/** What is sorted once; an evaluation then takes samples times classes steps. Null without scores. */
export function prepareAreas({ actual, labels, scores, scored }: ClassSamples): ((weights: Int32Array | null) => RocAreas) | null {
  if (scores === null) return null;
  const n = actual.length, k = labels.length;
  const orders = Array.from({ length: scored }, (_, column) => {
    const own = Float64Array.from({ length: n }, (__, sample) => scores[sample * scored + column] ?? 0);
    const order = Int32Array.from({ length: n }, (__, sample) => sample).sort((a, b) => (own[b] ?? 0) - (own[a] ?? 0));
    return { order, ends: Uint8Array.from(order, (sample, rank) => (rank + 1 < n && own[order[rank + 1] ?? 0] === own[sample] ? 0 : 1)) };
  });
  return (weights) => {
    const sizes = new Float64Array(k), wins = new Float64Array(scored * k);
    let all = 0;
    for (let sample = 0; sample < n; sample++) { const times = weights?.[sample] ?? 1; sizes[actual[sample] ?? 0]! += times; all += times; }
    orders.forEach(({ order, ends }, column) => {
      // From the highest score down: each sample of another class is beaten by those of this class above it, and half by those that tie.
      let above = 0, from = 0;
      for (let rank = 0; rank < n; rank++) {
        if (ends[rank] === 0) continue;
        let own = 0;
        for (let at = from; at <= rank; at++) { const sample = order[at] ?? 0; if (actual[sample] === column) own += weights?.[sample] ?? 1; }
        const level = above + own / 2;
        for (let at = from; at <= rank; at++) { const sample = order[at] ?? 0, other = actual[sample] ?? 0; if (other !== column) wins[column * k + other]! += (weights?.[sample] ?? 1) * level; }
        above += own;
        from = rank + 1;
      }
    });
    const size = (at: number) => sizes[at] ?? 0, won = (column: number, other: number) => wins[column * k + other] ?? 0;
    const classes = new Float64Array(scored);
    let sum = 0, counted = 0, weightedSum = 0, weight = 0, pairSum = 0, pairs = 0;
    for (let column = 0; column < scored; column++) {
      let beaten = 0;
      for (let other = 0; other < k; other++) beaten += won(column, other);
      classes[column] = size(column) === 0 || size(column) === all ? Number.NaN : beaten / size(column) / (all - size(column));
      if (!Number.isNaN(classes[column])) { sum += classes[column]!; counted++; weightedSum += classes[column]! * size(column); weight += size(column); }
      for (let other = 0; other < column; other++) if (size(column) > 0 && size(other) > 0) { pairSum += (won(column, other) + won(other, column)) / 2 / size(column) / size(other); pairs++; }
    }
    const over = (total: number, count: number) => (count === 0 ? Number.NaN : total / count);
    return { classes, macro: over(sum, counted), weighted: over(weightedSum, weight), oneVsOne: over(pairSum, pairs) };
  };
}

/** Macro, weighted and one-against-one areas of a draw. */
export function areaDraws(areas: (weights: Int32Array | null) => RocAreas): WeightedFigures {
  return (weights) => { const { macro, weighted, oneVsOne } = areas(weights); return [macro, weighted, oneVsOne]; };
}
