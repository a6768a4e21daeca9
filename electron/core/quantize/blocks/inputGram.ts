// What GPTQ needs to know of a layer's inputs: the sum of x x' over rows of activations.

export interface InputGram {
  readonly k: number;
  /** [k, k], the upper triangle: the sum of x_i x_j. */
  readonly sums: Float64Array;
  rows: number;
}

export const newInputGram = (k: number): InputGram => ({ k, sums: new Float64Array(k * k), rows: 0 });

/** Rows that are added together, so that each sum is brought into the cache once for all of them. */
const together = 8;

/**
 * Adds rows of [.., k] activations, at most `rowsMax` spread evenly over them.
 * @returns false where the last axis is not k
 */
export function observeGram(gram: InputGram, data: Float32Array, dims: readonly number[], rowsMax: number): boolean {
  const { k, sums } = gram;
  if (dims.at(-1) !== k || data.length === 0) return false;
  const rows = data.length / k;
  const take = Math.min(rows, rowsMax);
  const starts = Array.from({ length: take }, (_, i) => Math.floor((i * rows) / take) * k);
  for (let first = 0; first < take; first += together) {
    const part = starts.slice(first, first + together);
    for (let i = 0; i < k; i++) for (const start of part) {
      const x = data[start + i]!;
      if (x === 0) continue;
      const row = i * k;
      for (let j = i; j < k; j++) sums[row + j] = sums[row + j]! + x * data[start + j]!;
    }
  }
  gram.rows += take;
  return true;
}
