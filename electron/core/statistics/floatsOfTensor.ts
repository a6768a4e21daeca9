// The numbers of a tensor as JavaScript numbers: half-precision patterns are widened, everything else stays as it is.
import { decodeFloat16 } from '../preprocess/fitTensor.ts';
import type { TensorValue } from '#shared/tensor';
import { AppError } from '#shared/errors';

/** One entry an element. @throws BAD_INPUT for texts and for packed four-bit values, which hold two elements a byte. */
export function floatsOfTensor({ type, data }: TensorValue): ArrayLike<number | bigint> {
  if (type === 'float16') return decodeFloat16(data as Uint16Array); // float16 travels as patterns in a Uint16Array
  if (type === 'bfloat16') {
    // bfloat16 is the upper half of a float32.
    return new Float32Array(Uint32Array.from(data as Uint16Array, (bits) => bits << 16).buffer);
  }
  if (type === 'string' || type === 'int4' || type === 'uint4') throw new AppError('BAD_INPUT', `A tensor of type ${type} has no numbers to measure.`);
  return data as Exclude<TensorValue['data'], readonly string[]>; // texts are refused above
}
