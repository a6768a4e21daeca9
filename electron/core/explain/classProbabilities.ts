// Scores of classes as probabilities, so that a loss of score has one meaning whatever the model puts out.
import type { TensorValue } from '#shared/tensor';
import { decide, findScores, scoresPerSample } from '../statistics/decision.ts';

export interface Decided { readonly index: number; readonly probabilities: readonly number[] }

/**
 * One row for each sample of the batch: the class that the model decides for, and the probability of each class (0 to 1, sum 1). Rows that are no distribution
 * (a value outside 0 to 1, or a sum off 1 by more than 1e-3) are taken as logits: softmax. A single score is the probability of class 1, after a sigmoid where it
 * lies outside 0 to 1. Null where no output holds class scores.
 */
export function decidedClasses(outputs: Readonly<Record<string, TensorValue>>, batch: number): Decided[] | null {
  const name = findScores(outputs, batch);
  const scores = name === null ? undefined : outputs[name];
  const width = scores ? scoresPerSample(scores, batch) : null;
  if (!scores || width === null) return null;
  const values = scores.data as ArrayLike<number>; // floating by findScores
  return Array.from({ length: batch }, (_, row) => {
    const own = Array.from({ length: width }, (_value, at) => values[row * width + at] ?? Number.NaN);
    return { index: decide(values, row * width, width).index, probabilities: width === 1 ? pairOf(own[0] ?? Number.NaN) : distributionOf(own) };
  });
}

const pairOf = (score: number): number[] => { const one = score >= 0 && score <= 1 ? score : 1 / (1 + Math.exp(-score)); return [1 - one, one]; };

function distributionOf(row: readonly number[]): number[] {
  const sum = row.reduce((total, value) => total + value, 0);
  if (row.every((value) => value >= 0 && value <= 1) && Math.abs(sum - 1) <= 1e-3) return [...row];
  const most = row.reduce((high, value) => Math.max(high, value), -Infinity);
  const powers = row.map((value) => Math.exp(value - most));
  const all = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / all);
}
