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
    for (let i = start; i < end; i++) {
      const row = i * k;
      for (let column = 0; column < columns; column++) {
        const error = errors[column * scheme.blockSize + i - start]!;
        if (error === 0) continue;
        const base = column * k;
        for (let j = end; j < k; j++) values[base + j] = values[base + j]! - error * inverse[row + j]!;
      }
    }
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
  // rowsOfR[i, j], j >= i. Entry (i, j) of H is R_i . R_j over the columns from j on.
  const r = new Float64Array(k * k);
  for (let j = k - 1; j >= 0; j--) {
    const rowJ = j * k;
    let diagonal = sums[rowJ + j]! + damp;
    for (let t = j + 1; t < k; t++) diagonal -= r[rowJ + t]! ** 2;
    if (!(diagonal > 0)) return null;
    const root = Math.sqrt(diagonal);
    r[rowJ + j] = root;
    for (let i = 0; i < j; i++) {
      const rowI = i * k;
      let sum = sums[rowI + j]!;
      for (let t = j + 1; t < k; t++) sum -= r[rowI + t]! * r[rowJ + t]!;
      r[rowI + j] = sum / root;
    }
  }
  // Row i of R^-1 from the rows below it: R U = I, so U_i = (e_i - sum over t > i of R_it U_t) / R_ii.
  const u = new Float64Array(k * k);
  for (let i = k - 1; i >= 0; i--) {
    const row = i * k;
    const own = r[row + i]!;
    u[row + i] = 1 / own;
    for (let t = i + 1; t < k; t++) {
      const factor = r[row + t]! / own;
      if (factor === 0) continue;
      const rowT = t * k;
      for (let j = t; j < k; j++) u[row + j] = u[row + j]! - factor * u[rowT + j]!;
    }
  }
  return u;
}
