// GPTQ: each value is rounded in turn, and the error that it makes in the output is taken up by the values not yet rounded, as the inputs seen allow.
import { blocksOf, topCode, type BlockScheme, type ColumnRounder, type ColumnTile } from './BlockScheme.ts';
import type { InputGram } from './inputGram.ts';
import { coveringParams } from './roundNearest.ts';

/** Added to the diagonal, as a share of its mean: inputs seen too rarely must not send an error far away. */
const damping = 0.01;

/**
 * A rounder for the weight whose inputs were observed; null where they were all zero or are not numbers.
 * Scales and zero points of a block are chosen when its turn comes, from values that carry the errors of the blocks before.
 * Source: Frantar et al. 2022, GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers, algorithm 1 without reordering.
 */
export function compensatedRounder(gram: InputGram): ColumnRounder | null {
  const inverse = inverseFactor(gram);
  if (inverse === null) return null;
  return (tile, scheme) => roundTile(tile, scheme, inverse);
}

/** Block after block for all columns of the tile, so that each row of the factor is read once for all of them. */
function roundTile({ k, columns, values, codes, scales, zeroPoints }: ColumnTile, scheme: BlockScheme, inverse: Float64Array): void {
  const blocks = blocksOf(k, scheme);
  const top = topCode(scheme);
  const errors = new Float64Array(columns * scheme.blockSize);
  for (let block = 0; block < blocks; block++) {
    const start = block * scheme.blockSize;
    const end = Math.min(start + scheme.blockSize, k);
    for (let column = 0; column < columns; column++) {
      const base = column * k;
      const { scale, zeroPoint } = coveringParams(values, base + start, base + end, scheme);
      scales[column * blocks + block] = scale;
      zeroPoints[column * blocks + block] = zeroPoint;
      for (let i = start; i < end; i++) {
        const w = values[base + i]!;
        const code = scale === 0 ? zeroPoint : Math.min(top, Math.max(0, Math.round(w / scale + zeroPoint)));
        codes[base + i] = code;
        const row = i * k;
        const error = (w - (code - zeroPoint) * scale) / inverse[row + i]!;
        errors[column * scheme.blockSize + i - start] = error;
        for (let j = i + 1; j < end; j++) values[base + j] = values[base + j]! - error * inverse[row + j]!;
      }
    }
    let column = 0;
    for (; column + 2 <= columns; column += 2) takeOutOfTwo(values, column * k, errors, column * scheme.blockSize - start, scheme.blockSize, inverse, k, start, end);
    for (; column < columns; column++) takeOut(values, column * k, errors, column * scheme.blockSize - start, inverse, k, start, end);
  }
}

/** Takes the errors of [from, end) out of the values after them, in two columns, four rows of the factor at a time: so that each number that is read serves several products. The error of row i is at `shift` + i, and that of the other column `stride` after it. */
function takeOutOfTwo(values: Float64Array, base: number, errors: Float64Array, shift: number, stride: number, inverse: Float64Array, k: number, from: number, end: number): void {
  const other = base + k;
  let i = from;
  for (; i + 4 <= end; i += 4) {
    const a = shift + i, b = a + stride;
    const a0 = errors[a]!, a1 = errors[a + 1]!, a2 = errors[a + 2]!, a3 = errors[a + 3]!;
    const b0 = errors[b]!, b1 = errors[b + 1]!, b2 = errors[b + 2]!, b3 = errors[b + 3]!;
    const u0 = i * k, u1 = u0 + k, u2 = u1 + k, u3 = u2 + k;
    for (let j = end; j < k; j++) {
      const x0 = inverse[u0 + j]!, x1 = inverse[u1 + j]!, x2 = inverse[u2 + j]!, x3 = inverse[u3 + j]!;
      values[base + j] = values[base + j]! - (a0 * x0 + a1 * x1 + (a2 * x2 + a3 * x3));
      values[other + j] = values[other + j]! - (b0 * x0 + b1 * x1 + (b2 * x2 + b3 * x3));
    }
  }
  takeOut(values, base, errors, shift, inverse, k, i, end);
  takeOut(values, other, errors, shift + stride, inverse, k, i, end);
}

/** The same in one column, row by row. */
function takeOut(values: Float64Array, base: number, errors: Float64Array, shift: number, inverse: Float64Array, k: number, from: number, end: number): void {
  for (let i = from; i < end; i++) {
    const error = errors[shift + i]!, row = i * k;
    for (let j = end; j < k; j++) values[base + j] = values[base + j]! - error * inverse[row + j]!;
  }
}

/**
 * The upper triangular U with U'U = H^-1, H = the damped sum of x x': [k, k].
 * H = R R' with R upper triangular (Cholesky from the last row up), and then U = R^-1, so that H itself is never inverted.
 */
export function inverseFactor({ k, sums }: InputGram): Float64Array | null {
  let trace = 0;
  for (let i = 0; i < k; i++) trace += sums[i * k + i]!;
  if (!(trace > 0) || !Number.isFinite(trace)) return null;
  const damp = (damping * trace) / k;
  const r = upperFactor(sums, damp, k);
  return r === null ? null : inverseOf(r, k);
}

/** Columns of the factor that are found together: each row before them is then read once for all of them. */
const panel = 32;

/** R, upper triangular, with R R' = H: entry (i, j) of H is R_i . R_j over the columns from j on. From the last columns to the first. Null where H is not positive definite. */
function upperFactor(sums: Float64Array, damp: number, k: number): Float64Array | null {
  const r = new Float64Array(k * k);
  for (let until = k; until > 0; until -= panel) {
    const from = Math.max(0, until - panel);
    // What the columns after this panel leave of H, for all rows up to it.
    let i = 0;
    for (; i + 2 <= from; i += 2) {
      let j = from;
      for (; j + 4 <= until; j += 4) subtractProducts(r, sums, i, j, until, k);
      for (; j < until; j++) for (const row of [i * k, i * k + k]) r[row + j] = sums[row + j]! - dot(r, row, j * k, until, k);
    }
    for (; i < until; i++) for (let j = Math.max(i, from); j < until; j++) r[i * k + j] = sums[i * k + j]! - dot(r, i * k, j * k, until, k);
    for (let j = until - 1; j >= from; j--) {
      const rowJ = j * k;
      const diagonal = r[rowJ + j]! + damp - dot(r, rowJ, rowJ, j + 1, until);
      if (!(diagonal > 0)) return null;
      const root = Math.sqrt(diagonal);
      r[rowJ + j] = root;
      for (let i = 0; i < j; i++) {
        const rowI = i * k;
        r[rowI + j] = (r[rowI + j]! - dot(r, rowI, rowJ, j + 1, until)) / root;
      }
    }
  }
  return r;
}

/** The sum of products of two rows over [from, until). */
function dot(r: Float64Array, rowA: number, rowB: number, from: number, until: number): number {
  let sum = 0;
  for (let t = from; t < until; t++) sum += r[rowA + t]! * r[rowB + t]!;
  return sum;
}

/** Entries j to j + 3 of rows i and i + 1, less their products with the rows of those numbers over the columns from `from` on: eight sums at once keep the processor busy, one would wait for itself. */
function subtractProducts(r: Float64Array, sums: Float64Array, i: number, j: number, from: number, k: number): void {
  const a = i * k, b = a + k, c0 = j * k, c1 = c0 + k, c2 = c1 + k, c3 = c2 + k;
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
  for (let t = from; t < k; t++) {
    const x = r[a + t]!, y = r[b + t]!, z0 = r[c0 + t]!, z1 = r[c1 + t]!, z2 = r[c2 + t]!, z3 = r[c3 + t]!;
    a0 += x * z0; a1 += x * z1; a2 += x * z2; a3 += x * z3;
    b0 += y * z0; b1 += y * z1; b2 += y * z2; b3 += y * z3;
  }
  r[a + j] = sums[a + j]! - a0; r[a + j + 1] = sums[a + j + 1]! - a1; r[a + j + 2] = sums[a + j + 2]! - a2; r[a + j + 3] = sums[a + j + 3]! - a3;
  r[b + j] = sums[b + j]! - b0; r[b + j + 1] = sums[b + j + 1]! - b1; r[b + j + 2] = sums[b + j + 2]! - b2; r[b + j + 3] = sums[b + j + 3]! - b3;
}

/** R^-1, upper triangular too: R U = I, so U_i = (e_i - sum over t > i of R_it U_t) / R_ii, from the last rows up; two of them and four below at a time. */
function inverseOf(r: Float64Array, k: number): Float64Array {
  const u = new Float64Array(k * k);
  for (let until = k; until >= 2; until -= 2) {
    const a = until - 2, b = until - 1;
    const rowA = a * k, rowB = b * k;
    const ownA = r[rowA + a]!, ownB = r[rowB + b]!;
    let t = until;
    for (; t + 4 <= k; t += 4) {
      const f0 = r[rowA + t]! / ownA, f1 = r[rowA + t + 1]! / ownA, f2 = r[rowA + t + 2]! / ownA, f3 = r[rowA + t + 3]! / ownA;
      const g0 = r[rowB + t]! / ownB, g1 = r[rowB + t + 1]! / ownB, g2 = r[rowB + t + 2]! / ownB, g3 = r[rowB + t + 3]! / ownB;
      const u0 = t * k, u1 = u0 + k, u2 = u1 + k, u3 = u2 + k;
      // Left of its diagonal a row is zero.
      for (let j = t; j < k; j++) {
        const x0 = u[u0 + j]!, x1 = u[u1 + j]!, x2 = u[u2 + j]!, x3 = u[u3 + j]!;
        u[rowA + j] = u[rowA + j]! - (f0 * x0 + f1 * x1 + (f2 * x2 + f3 * x3));
        u[rowB + j] = u[rowB + j]! - (g0 * x0 + g1 * x1 + (g2 * x2 + g3 * x3));
      }
    }
    addRows(u, r, k, b, t, k);
    u[rowB + b] = 1 / ownB;
    addRows(u, r, k, a, t, k);
    addRows(u, r, k, a, b, until);
    u[rowA + a] = 1 / ownA;
  }
  if (k % 2 === 1) {
    addRows(u, r, k, 0, 1, k);
    u[0] = 1 / r[0]!;
  }
  return u;
}

/** What the rows [from, until) are to row i, one after the other. */
function addRows(u: Float64Array, r: Float64Array, k: number, i: number, from: number, until: number): void {
  const row = i * k, own = r[row + i]!;
  for (let t = from; t < until; t++) {
    const factor = r[row + t]! / own, rowT = t * k;
    for (let j = t; j < k; j++) u[row + j] = u[row + j]! - factor * u[rowT + j]!;
  }
}
