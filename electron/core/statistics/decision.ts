// Which output of a model holds the class scores, and what it decides for a sample.
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';

export interface Decision {
  /** Index of the class. */
  readonly index: number;
  /** Score of the decision minus the next best: how close the call was. */
  readonly margin: number;
}

const isFloat = (value: TensorValue) => value.type === 'float32' || value.type === 'float64';

/** Scores per sample of a batch, or null where the output is not one row of scores a sample. */
export function scoresPerSample(value: TensorValue, batch: number): number | null {
  if (!isFloat(value) || value.dims[0] !== batch) return null;
  const width = value.dims.slice(1).reduce((product, size) => product * size, 1);
  // Rows of scores have one axis beside the batch, or others of size 1; a feature map is no decision.
  return value.dims.slice(1).filter((size) => size > 1).length <= 1 && width >= 1 ? width : null;
}

/** Name of the first output that holds one row of class scores a sample, with at least two classes, else with one score; null when there is none. */
export function findScores(outputs: Readonly<Record<string, TensorValue>>, batch: number): string | null {
  const widths = Object.entries(outputs).flatMap(([name, value]) => {
    const width = scoresPerSample(value, batch);
    return width === null ? [] : [{ name, width }];
  });
  return (widths.find(({ width }) => width >= 2) ?? widths[0])?.name ?? null;
}

/** Of two classes the one at `index` is taken from `threshold` on, which is a probability. */
export interface ThresholdRule { readonly index: number; readonly threshold: number }

/**
 * Argmax; for a single score, class 1 when it is above one half (a sigmoid output), else class 0. The first of equal scores wins, as in numpy.
 * With a rule, of two classes: its class where its score is at least the threshold, else the other one; the margin is then the distance to the threshold.
 * @throws BAD_DATA where a rule is given and the score is no probability
 */
export function decide(scores: ArrayLike<number>, from: number, width: number, rule: ThresholdRule | null = null): Decision {
  if (rule !== null && width <= 2) {
    const score = width === 2 ? scores[from + rule.index]! : rule.index === 1 ? scores[from]! : 1 - scores[from]!;
    if (!(score >= 0 && score <= 1)) throw new AppError('BAD_DATA', `A threshold is set, but the model gives ${score} for a class, which is no probability.`, { hint: 'Export the model with a softmax or sigmoid at its end, or take the threshold off.' });
    return { index: score >= rule.threshold ? rule.index : 1 - rule.index, margin: Math.abs(score - rule.threshold) };
  }
  if (width === 1) {
    const score = scores[from]!;
    return { index: score > 0.5 ? 1 : 0, margin: Math.abs(score - 0.5) * 2 };
  }
  let best = from;
  let next = Number.NEGATIVE_INFINITY;
  for (let at = from + 1; at < from + width; at++) {
    if (scores[at]! > scores[best]!) { next = scores[best]!; best = at; }
    else if (scores[at]! > next) next = scores[at]!;
  }
  return { index: best - from, margin: scores[best]! - next };
}
