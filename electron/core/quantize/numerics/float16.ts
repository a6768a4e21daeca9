// float32 to float16 bits and back, ties to even (IEEE 754 binary16).

const floatView = new Float32Array(1);
const intView = new Uint32Array(floatView.buffer);

/** Largest finite half. */
export const float16Max = 65504;
/** Smallest positive (subnormal) half. */
export const float16Min = 2 ** -24;

export function toFloat16Bits(value: number): number {
  floatView[0] = value;
  const bits = intView[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds beyond 65504
  if (magnitude < 0x38800000) { // subnormal: scale so that the unit in the last place is 1, then round
    const scaled = Math.abs(floatView[0]!) * 2 ** 24;
    const rounded = scaled + 6755399441055744 - 6755399441055744;
    return sign | rounded;
  }
  const mantissa = magnitude - 0x38000000;
  const rounded = mantissa + 0xfff + ((mantissa >>> 13) & 1);
  return sign | (rounded >>> 13);
}

export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export interface Float16Tensor { readonly bits: Uint16Array<ArrayBuffer>; /** Values pulled to the ends of the range. */ readonly clamped: number; /** Values too small for a half, kept as its smallest. */ readonly lifted: number }

/** Converts weights; finite values are kept finite and non-zero values non-zero, as converters for inference do. */
export function toFloat16Tensor(data: Float32Array): Float16Tensor {
  const bits = new Uint16Array(data.length);
  let clamped = 0;
  let lifted = 0;
  for (let i = 0; i < data.length; i++) {
    let x = data[i]!;
    const magnitude = Math.abs(x);
    if (magnitude > float16Max && magnitude < Infinity) { x = Math.sign(x) * float16Max; clamped++; }
    else if (magnitude < float16Min && magnitude > 0) { x = Math.sign(x) * float16Min; lifted++; }
    bits[i] = toFloat16Bits(x);
  }
  return { bits, clamped, lifted };
}
