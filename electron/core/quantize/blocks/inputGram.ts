// What GPTQ needs to know of a layer's inputs: the sum of x x' over rows of activations.

export interface InputGram {
  readonly k: number;
  /** [k, k], the upper triangle: the sum of x_i x_j. */
  readonly sums: Float64Array;
  rows: number;
  /** Rows that are not in the sums yet: [together, k]. */
  readonly waiting: Float32Array;
  waitingRows: number;
}

/** X'X of [rows, k] values, row-major: [k, k]. It is most of the work, and who has the processor's wide instructions does it. */
export type SquareProduct = (x: Float32Array, rows: number, k: number) => Promise<Float32Array> | Float32Array;

/** Rows that are multiplied at once: the product of many costs little more than adding it to the sums. */
const together = 256;

export const newInputGram = (k: number): InputGram => ({ k, sums: new Float64Array(k * k), rows: 0, waiting: new Float32Array(together * k), waitingRows: 0 });

/**
 * Adds rows of [.., k] activations, at most `rowsMax` spread evenly over them. Some wait until there are more, or `finishGram` adds them.
 * @returns false where the last axis is not k
 */
export async function observeGram(gram: InputGram, data: Float32Array, dims: readonly number[], rowsMax: number, square: SquareProduct): Promise<boolean> {
  const { k } = gram;
  if (dims.at(-1) !== k || data.length === 0) return false;
  const rows = data.length / k;
  const take = Math.min(rows, rowsMax);
  for (let i = 0; i < take; i++) {
    const start = Math.floor((i * rows) / take) * k;
    gram.waiting.set(data.subarray(start, start + k), gram.waitingRows * k);
    if (++gram.waitingRows === together) await finishGram(gram, square);
  }
  return true;
}

/** Adds the rows that wait: in float64, so that the order of samples is all that sums of many differ by. */
export async function finishGram(gram: InputGram, square: SquareProduct): Promise<void> {
  const { k, sums, waiting, waitingRows } = gram;
  if (waitingRows === 0) return;
  const product = await square(waiting.subarray(0, waitingRows * k), waitingRows, k);
  for (let i = 0; i < k; i++) for (let at = i * k + i, end = (i + 1) * k; at < end; at++) sums[at] = sums[at]! + product[at]!;
  gram.rows += waitingRows;
  gram.waitingRows = 0;
}

/** Of all the inputs that one weight is multiplied with; they have the same k, and no row waits. */
export function sumOfGrams(grams: readonly InputGram[]): InputGram | null {
  const [first, ...others] = grams;
  if (!first || others.length === 0) return first ?? null;
  const sums = Float64Array.from(first.sums);
  let { rows } = first;
  for (const other of others) {
    for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + other.sums[i]!;
    rows += other.rows;
  }
  return { k: first.k, sums, rows, waiting: new Float32Array(0), waitingRows: 0 };
}
