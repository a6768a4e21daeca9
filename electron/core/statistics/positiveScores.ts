// The probability of one of two classes for each labelled sample, and whether the label is that class: what thresholds are chosen from.
export interface JudgedSample { readonly label: string | null; readonly predicted: string | null; readonly score: number | null }
export interface PositiveScores { readonly scores: readonly number[]; readonly truth: readonly boolean[] }

/** `score` is of the predicted class. Null where a score is no probability. */
export function positiveScores(samples: Iterable<JudgedSample>, positive: string): PositiveScores | null {
  const scores: number[] = [], truth: boolean[] = [];
  for (const { label, predicted, score } of samples) {
    if (label === null || label === '' || predicted === null || score === null) continue;
    if (score < 0 || score > 1) return null;
    scores.push(predicted === positive ? score : 1 - score);
    truth.push(label === positive);
  }
  return { scores, truth };
}
