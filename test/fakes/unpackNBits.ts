// The [k, n] values of a weight in MatMulNBits' layout, read in the plainest way: what tests hold the packing against.
import type { NBitsWeight } from '#core/quantize/blocks/packBlocks';

export function unpackNBits(weight: NBitsWeight, k: number, n: number, blockSize: number, bits: 4 | 8 = 4): Float32Array {
  const result = new Float32Array(k * n);
  const blockBytes = (blockSize * bits) / 8;
  for (let column = 0; column < n; column++) for (let row = 0; row < k; row++) {
    const block = Math.floor(row / blockSize);
    const base = (column * weight.blocks + block) * blockBytes;
    const within = row % blockSize;
    const code = bits === 8 ? weight.packed[base + within]! : (weight.packed[base + (within >> 1)]! >> (within % 2 ? 4 : 0)) & 15;
    const pair = bits === 8 ? 0 : weight.zeroPoints?.[column * Math.ceil(weight.blocks / 2) + (block >> 1)] ?? 0;
    const zero = weight.zeroPoints === null ? 2 ** (bits - 1) : bits === 8 ? weight.zeroPoints[column * weight.blocks + block]! : (pair >> (block % 2 ? 4 : 0)) & 15;
    result[row * n + column] = (code - zero) * weight.scales[column * weight.blocks + block]!;
  }
  return result;
}
