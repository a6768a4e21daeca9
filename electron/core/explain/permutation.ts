/**
 * Permutation importance: the values of one column are shuffled among the samples, and what the figure loses tells how much the model needs that column.
 * L. Breiman: Random Forests, Machine Learning 45 (2001), section 10; repeated with other shuffles, so that its spread is known (A. Fisher, C. Rudin,
 * F. Dominici, JMLR 20 (2019), 177). Columns that tell the same share their importance: each may look unneeded while the other is there.
 */
import { seededRandom } from '../statistics/bootstrap.ts';

/** An order of 0 … n − 1 in which each is equally likely (Fisher, Yates; Durstenfeld 1964). It depends on seed, column and repeat alone. */
export function shuffledOrder(n: number, seed: number, column: number, repeat: number): Int32Array {
  const random = seededRandom(seed + column * 7919 + repeat * 104_729);
  const order = Int32Array.from({ length: n }, (_, index) => index);
  for (let last = n - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const held = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = held;
  }
  return order;
}

export interface Importance {
  /** Mean loss of the figure over the repeats, in its unit; below zero: the model was not worse without the column. */
  readonly mean: number;
  /** Standard deviation over the repeats (n − 1); null for a single one. */
  readonly deviation: number | null;
  readonly least: number;
  readonly greatest: number;
}

/** @param losses of one column, one for each repeat: accuracy lost, or error gained */
export function importanceOf(losses: readonly number[]): Importance {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  return { mean, deviation: losses.length < 2 ? null : Math.sqrt(squares / (losses.length - 1)), least: Math.min(...losses), greatest: Math.max(...losses) };
}
