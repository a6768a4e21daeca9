// The inverse cosine transform of JPEG in whole numbers: the accurate one that the reference library uses by default (Loeffler, Ligtenberg and Moschytz 1989), bit for bit.
const constBits = 13, pass1Bits = 2;

/** Natural order of the coefficients that a file holds in zigzag order. */
export const zigzag = Uint8Array.of(
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
);

/** One pass over eight values at `from`, `step` apart; constants are the cosines times 2^13. */
function pass(values: Int32Array, from: number, step: number, shift: number): void {
  const round = 1 << (shift - 1);
  const at = (index: number) => values[from + index * step]!;
  const e2 = at(2), e6 = at(6);
  const c = (e2 + e6) * 4433;
  const even2 = c - e6 * 15137, even3 = c + e2 * 6270;
  const even0 = (at(0) + at(4)) * (1 << constBits), even1 = (at(0) - at(4)) * (1 << constBits);
  const a0 = even0 + even3, a3 = even0 - even3, a1 = even1 + even2, a2 = even1 - even2;
  const o7 = at(7), o5 = at(5), o3 = at(3), o1 = at(1);
  const z5 = (o7 + o3 + o5 + o1) * 9633;
  const z1 = (o7 + o1) * -7373, z2 = (o5 + o3) * -20995;
  const z3 = (o7 + o3) * -16069 + z5, z4 = (o5 + o1) * -3196 + z5;
  const b0 = o7 * 2446 + z1 + z3, b1 = o5 * 16819 + z2 + z4, b2 = o3 * 25172 + z2 + z3, b3 = o1 * 12299 + z1 + z4;
  values[from] = (a0 + b3 + round) >> shift;
  values[from + 7 * step] = (a0 - b3 + round) >> shift;
  values[from + step] = (a1 + b2 + round) >> shift;
  values[from + 6 * step] = (a1 - b2 + round) >> shift;
  values[from + 2 * step] = (a2 + b1 + round) >> shift;
  values[from + 5 * step] = (a2 - b1 + round) >> shift;
  values[from + 3 * step] = (a3 + b0 + round) >> shift;
  values[from + 4 * step] = (a3 - b0 + round) >> shift;
}

const work = new Int32Array(64);

/** Writes the 8 x 8 samples of the block of coefficients at `blockAt` to `out`. */
export function inverseDct(coefficients: Int16Array, blockAt: number, quantization: Uint16Array, out: Uint8Array, outAt: number, stride: number): void {
  let flat = true;
  for (let index = 0; index < 64; index++) {
    const value = coefficients[blockAt + index]!;
    if (index > 0 && value !== 0) flat = false;
    work[index] = value * quantization[index]!;
  }
  if (flat) {
    const level = Math.min(255, Math.max(0, ((work[0]! * (1 << pass1Bits) + 16) >> 5) + 128));
    for (let y = 0; y < 8; y++) out.fill(level, outAt + y * stride, outAt + y * stride + 8);
    return;
  }
  for (let column = 0; column < 8; column++) pass(work, column, 8, constBits - pass1Bits);
  for (let row = 0; row < 8; row++) {
    pass(work, row * 8, 1, constBits + pass1Bits + 3);
    for (let column = 0; column < 8; column++) {
      const sample = work[row * 8 + column]! + 128;
      out[outAt + row * stride + column] = sample < 0 ? 0 : sample > 255 ? 255 : sample;
    }
  }
}
