// Fits the value of one sample to a model's input: element type, batch axis and declared dimensions.
import type { TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { elementTypes, type ElementType, type TensorData, type TensorValue } from '#shared/tensor';

const onnxNames: Readonly<Record<string, ElementType>> = { float: 'float32', double: 'float64' };

/** Element type of a declared tensor: `float32`, `tensor(float)` and `float` all mean float32. */
export function elementTypeOf(declared: string): ElementType {
  const inner = /^tensor\((.+)\)$/.exec(declared)?.[1] ?? declared;
  const name = onnxNames[inner] ?? inner;
  const known = elementTypes.find((type) => type === name);
  if (!known) throw new AppError('MODEL_UNSUPPORTED', `An input of type ${declared} cannot be filled from a data set.`);
  return known;
}

/**
 * Converts one sample's value (dims without the sample axis) to what `input` declares. A batch axis of 1 is put in front where the input has
 * one axis more than the value. Throws BAD_DATA, naming `where`, on a shape, type or range that does not fit; numbers are never rounded.
 */
export function fitTensor(value: TensorValue, input: TensorInfo, where: string): TensorValue {
  const dims = fitDims(value.dims, input, where);
  const type = elementTypeOf(input.type);
  if (type === value.type) return { type, dims, data: value.data };
  return { type, dims, data: convert(value, type, input.name, where) };
}

function fitDims(dims: readonly number[], input: TensorInfo, where: string): readonly number[] {
  const wanted = input.shape;
  const same = (candidate: readonly number[]) => candidate.length === wanted.length && candidate.every((size, axis) => typeof wanted[axis] !== 'number' || wanted[axis] < 0 || wanted[axis] === size);
  const batched = [1, ...dims];
  if (same(batched)) return batched;
  if (same(dims)) return dims;
  // A row of one value also fills inputs without a feature axis, and the other way round.
  const count = dims.reduce((product, size) => product * size, 1);
  if (count === 1) {
    const ones = wanted.map(() => 1);
    if (same(ones)) return ones;
  }
  const shown = wanted.map((size) => (typeof size === 'number' && size >= 0 ? String(size) : '?')).join(' x ');
  throw new AppError('BAD_DATA', `${where} has the shape ${dims.join(' x ') || 'of a single value'}, but the model's input "${input.name}" takes ${shown || 'a single value'}.`, {
    hint: 'Give arrays whose first axis is the sample and whose other axes are those of the model, or set resize and layout in dataset.yaml for images.',
  });
}

const integerRanges: Partial<Record<ElementType, readonly [number, number]>> = {
  int8: [-128, 127], uint8: [0, 255], int16: [-32768, 32767], uint16: [0, 65535], int32: [-2147483648, 2147483647], uint32: [0, 4294967295], bool: [0, 1],
};

function convert(value: TensorValue, type: ElementType, inputName: string, where: string): TensorData {
  const misfit = (why: string) => new AppError('BAD_DATA', `${where}: ${why}, but the model's input "${inputName}" takes ${type}.`);
  if (type === 'string') {
    if (value.type === 'float16' || value.type === 'bfloat16') throw misfit(`it holds ${value.type} numbers`);
    return Array.from(value.data as ArrayLike<unknown>, String);
  }
  if (value.type === 'string') throw misfit('it holds text');
  if (value.type === 'bfloat16' || value.type === 'int4' || value.type === 'uint4') throw misfit(`it holds ${value.type} numbers`);
  const numbers = value.type === 'float16' ? decodeFloat16(value.data as Uint16Array) : value.data;
  switch (type) {
    case 'float32': return Float32Array.from(numbers as ArrayLike<number | bigint>, Number);
    case 'float64': return Float64Array.from(numbers as ArrayLike<number | bigint>, Number);
    case 'float16': return encodeFloat16(Float32Array.from(numbers as ArrayLike<number | bigint>, Number));
    case 'int64': case 'uint64': {
      const whole = Array.from(numbers as ArrayLike<number | bigint>, (number) => {
        if (typeof number !== 'bigint' && !Number.isSafeInteger(number)) throw misfit(`it holds ${number}, which is not a whole number`);
        if (type === 'uint64' && number < 0) throw misfit(`it holds ${number}, which is negative`);
        return BigInt(number);
      });
      return type === 'int64' ? BigInt64Array.from(whole) : BigUint64Array.from(whole);
    }
    case 'int8': case 'uint8': case 'int16': case 'uint16': case 'int32': case 'uint32': case 'bool': {
      const [low, high] = integerRanges[type] ?? [0, 0];
      const whole = Array.from(numbers as ArrayLike<number | bigint>, (number) => {
        const plain = Number(number);
        if (!Number.isInteger(plain) || plain < low || plain > high) throw misfit(`it holds ${number}, which is not a whole number from ${low} to ${high}`);
        return plain;
      });
      switch (type) {
        case 'int8': return Int8Array.from(whole);
        case 'int16': return Int16Array.from(whole);
        case 'uint16': return Uint16Array.from(whole);
        case 'int32': return Int32Array.from(whole);
        case 'uint32': return Uint32Array.from(whole);
        default: return Uint8Array.from(whole);
      }
    }
    default: throw misfit(`it holds ${value.type} numbers`);
  }
}

/** IEEE 754 binary16 patterns to numbers. */
export function decodeFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** Numbers to IEEE 754 binary16 patterns, rounded half to even; too large becomes infinity. */
export function encodeFloat16(numbers: Float32Array): Uint16Array {
  const word = new Float32Array(1);
  const pattern = new Uint32Array(word.buffer);
  return Uint16Array.from(numbers, (number) => {
    word[0] = number;
    const bits = pattern[0] ?? 0;
    const sign = (bits >>> 16) & 0x8000;
    const magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    // Below 2^-14: count of 2^-24 steps, half to even.
    const steps = Math.abs(number) * 2 ** 24;
    const floor = Math.floor(steps);
    const rest = steps - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
  });
}
