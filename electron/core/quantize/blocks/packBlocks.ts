// Weights in blocks of 4 or 8 bits, in the layouts of com.microsoft MatMulNBits and of plain INT4 tensors.
import { AppError } from '#shared/errors';
import { blocksOf, middleCode, type BlockScheme, type ColumnRounder } from './BlockScheme.ts';
import { roundNearest } from './roundNearest.ts';

export interface BlockWeight {
  /** [n, k]: one code a byte. */
  readonly codes: Uint8Array;
  /** [n, blocks]. */
  readonly scales: Float32Array;
  /** [n, blocks]: one a byte. */
  readonly zeroPoints: Uint8Array;
  readonly blocks: number;
}

export interface NBitsWeight {
  /** [n, blocks, blockSize * bits / 8]; of 4 bits the low nibble is the even k. */
  readonly packed: Uint8Array;
  /** [n, blocks]. */
  readonly scales: Float32Array;
  /** [n, ceil(blocks * bits / 8)], of 4 bits two per byte, low nibble first; null for symmetric (the middle code is implied). */
  readonly zeroPoints: Uint8Array | null;
  readonly blocks: number;
}

/** Columns that a rounder gets at once. */
const tileColumns = 16;

/**
 * Rounds a weight in blocks along k.
 * @param layout of the weight, row-major: `kn` as the right side of a product, `nk` as the rows of an embedding
 * @throws AppError BAD_INPUT where a value is not a number
 */
export function roundBlocks(weight: Float32Array, k: number, n: number, scheme: BlockScheme, round: ColumnRounder = roundNearest, layout: 'kn' | 'nk' = 'kn'): BlockWeight {
  if (weight.length !== k * n) throw new AppError('INTERNAL', `A ${k} x ${n} weight has ${weight.length} values.`);
  const blocks = blocksOf(k, scheme);
  const [codes, scales, zeroPoints] = [new Uint8Array(n * k), new Float32Array(n * blocks), new Uint8Array(n * blocks)];
  const values = new Float64Array(Math.min(tileColumns, n) * k);
  for (let first = 0; first < n; first += tileColumns) {
    const columns = Math.min(tileColumns, n - first);
    if (layout === 'nk') values.set(weight.subarray(first * k, (first + columns) * k));
    else for (let row = 0; row < k; row++) for (let column = 0, at = row * n + first; column < columns; column++) values[column * k + row] = weight[at + column]!;
    for (let i = 0; i < columns * k; i++) if (values[i] !== values[i]) throw new AppError('BAD_INPUT', 'A weight is not a number (NaN).', { hint: 'Export the model again from sound weights.' });
    round({
      k, columns, values: values.subarray(0, columns * k), codes: codes.subarray(first * k, (first + columns) * k),
      scales: scales.subarray(first * blocks, (first + columns) * blocks), zeroPoints: zeroPoints.subarray(first * blocks, (first + columns) * blocks),
    }, scheme);
  }
  return { codes, scales, zeroPoints, blocks };
}

/** Padding codes of a last, shorter block are 0, as the runtime's packing kernel leaves them. */
export function packBlocks({ codes, scales, zeroPoints, blocks }: BlockWeight, k: number, n: number, { bits, blockSize, symmetric }: BlockScheme): NBitsWeight {
  const blockBytes = (blockSize * bits) / 8;
  const packed = new Uint8Array(n * blocks * blockBytes);
  for (let column = 0; column < n; column++) {
    const own = codes.subarray(column * k, (column + 1) * k);
    if (bits === 8) packed.set(own, column * blocks * blockBytes);
    else pairNibbles(own, packed, column * blocks * blockBytes);
  }
  if (symmetric || bits === 8) return { packed, scales, zeroPoints: symmetric ? null : zeroPoints, blocks };
  const pairs = Math.ceil(blocks / 2);
  const nibbles = new Uint8Array(n * pairs);
  for (let column = 0; column < n; column++) for (let block = 0; block < pairs * 2; block++) {
    // The unused half of a last byte is 8.
    const zero = block < blocks ? zeroPoints[column * blocks + block]! : 8;
    const at = column * pairs + (block >> 1);
    nibbles[at] = nibbles[at]! | (zero << (block % 2 ? 4 : 0));
  }
  return { packed, scales, zeroPoints: nibbles, blocks };
}

/** The [k, n] float values that the operators compute with. */
export function unpackBlocks({ codes, scales, zeroPoints, blocks }: BlockWeight, k: number, n: number, scheme: BlockScheme): Float32Array {
  const result = new Float32Array(k * n);
  for (let column = 0; column < n; column++) for (let row = 0; row < k; row++) {
    const at = column * blocks + Math.floor(row / scheme.blockSize);
    result[row * n + column] = (codes[column * k + row]! - (scheme.symmetric ? middleCode(scheme) : zeroPoints[at]!)) * scales[at]!;
  }
  return result;
}

/** Two 4-bit values per byte, first in the low nibble: the raw data of INT4 and UINT4 tensors. */
export function packNibbles(values: Int8Array | Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 2));
  pairNibbles(values, packed, 0);
  return packed;
}

/** The unused half of a last byte is 0. */
function pairNibbles(values: Int8Array | Uint8Array, packed: Uint8Array, at: number): void {
  const even = values.length & ~1;
  for (let i = 0; i < even; i += 2) packed[at++] = (values[i]! & 15) | (values[i + 1]! << 4);
  if (even < values.length) packed[at] = values[even]! & 15;
}
