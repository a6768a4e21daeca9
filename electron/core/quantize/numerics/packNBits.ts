// 4-bit block quantization in the layout of com.microsoft MatMulNBits.
import { AppError } from '#shared/errors';

export interface NBitsWeight {
  /** [n, blocks, blockSize / 2], low nibble = even k. */
  readonly packed: Uint8Array;
  /** [n, blocks]. */
  readonly scales: Float32Array;
  /** [n, ceil(blocks / 2)], two per byte, low nibble first; null for symmetric (8 is implied). */
  readonly zeroPoints: Uint8Array | null;
  readonly blocks: number;
}

const f = Math.fround;
/** Ties away from zero: what roundf of the runtime's packing kernel does. */
const roundAway = (x: number) => (x >= 0 ? Math.floor(x + 0.5) : Math.ceil(x - 0.5));

/**
 * Quantizes a [k, n] weight (row-major) to 4 bits in blocks along k, round to nearest.
 * @param blockSize 16, 32, 64, 128 or 256
 * Source: the runtime's MlasQuantizeBlockwise, re-derived; equal to it byte for byte on the shapes of test/golden/quantize.
 */
export function packNBits(weight: Float32Array, k: number, n: number, blockSize: number, symmetric: boolean): NBitsWeight {
  if (weight.length !== k * n) throw new AppError('INTERNAL', `A ${k} x ${n} weight has ${weight.length} values.`);
  const blocks = Math.ceil(k / blockSize);
  const packed = new Uint8Array(n * blocks * (blockSize / 2));
  const scales = new Float32Array(n * blocks);
  const zeroPoints = symmetric ? null : new Uint8Array(n * Math.ceil(blocks / 2));
  for (let column = 0; column < n; column++) for (let block = 0; block < blocks; block++) {
    const start = block * blockSize;
    const end = Math.min(start + blockSize, k);
    let min = 0;
    let max = 0;
    for (let row = start; row < end; row++) {
      const w = weight[row * n + column]!;
      if (w < min) min = w; else if (w > max) max = w;
      if (w !== w) throw new AppError('BAD_INPUT', 'A weight is not a number (NaN).', { hint: 'Export the model again from sound weights.' });
    }
    let scale: number;
    let zeroPoint = 8;
    if (symmetric) {
      scale = f((Math.abs(max) > Math.abs(min) ? max : min) / -8);
    } else {
      scale = f(f(max - min) / 15);
      zeroPoint = Math.min(15, Math.max(0, Math.floor(f(f(scale !== 0 ? -min / scale : min) + 0.5))));
    }
    const inverse = scale !== 0 ? f(1 / scale) : 0;
    scales[column * blocks + block] = scale;
    if (zeroPoints) {
      const at = column * Math.ceil(blocks / 2) + (block >> 1);
      zeroPoints[at] = zeroPoints[at]! | (zeroPoint << (block % 2 ? 4 : 0));
      if (block % 2 === 0 && block === blocks - 1) zeroPoints[at] = zeroPoints[at]! | 0x80;
    }
    const base = (column * blocks + block) * (blockSize / 2);
    for (let row = start; row < end; row++) {
      const q = Math.min(15, Math.max(0, roundAway(f(f(weight[row * n + column]! * inverse) + zeroPoint))));
      const at = base + ((row - start) >> 1);
      packed[at] = packed[at]! | (q << ((row - start) % 2 ? 4 : 0));
    }
  }
  return { packed, scales, zeroPoints, blocks };
}

/** The [k, n] float values that MatMulNBits computes with. */
export function unpackNBits(weight: NBitsWeight, k: number, n: number, blockSize: number): Float32Array {
  const result = new Float32Array(k * n);
  for (let column = 0; column < n; column++) for (let row = 0; row < k; row++) {
    const block = Math.floor(row / blockSize);
    const byte = weight.packed[(column * weight.blocks + block) * (blockSize / 2) + ((row % blockSize) >> 1)]!;
    const q = row % 2 ? byte >> 4 : byte & 15;
    const zp = weight.zeroPoints ? (weight.zeroPoints[column * Math.ceil(weight.blocks / 2) + (block >> 1)]! >> (block % 2 ? 4 : 0)) & 15 : 8;
    result[row * n + column] = (q - zp) * weight.scales[column * weight.blocks + block]!;
  }
  return result;
}

/** Two 4-bit values per byte, first in the low nibble: the raw data of INT4 and UINT4 tensors. */
export function packNibbles(values: Int8Array | Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 2));
  for (let i = 0; i < values.length; i++) packed[i >> 1] = packed[i >> 1]! | ((values[i]! & 15) << (i % 2 ? 4 : 0));
  return packed;
}
