// Writes a tensor as a .npy file, format version 1.0 (numpy.lib.format), row-major.
import { AppError } from '#shared/errors';
import type { ElementType, TensorValue } from '#shared/tensor';

const descriptions: Partial<Record<ElementType, string>> = {
  float32: '<f4', float64: '<f8', float16: '<f2', int8: '|i1', uint8: '|u1', int16: '<i2', uint16: '<u2', int32: '<i4', uint32: '<u4', int64: '<i8', uint64: '<u8', bool: '|b1',
};

/** Texts become fixed-width UTF-32 ('<U'), as numpy keeps them. @throws MODEL_UNSUPPORTED for types that numpy lacks (bfloat16, int4, uint4). */
export function encodeNpy({ type, dims, data }: TensorValue): Uint8Array {
  const texts = type === 'string' ? (data as readonly string[]).map((text) => Array.from(text, (char) => char.codePointAt(0)!)) : null; // string tensors carry texts
  const width = texts ? Math.max(1, ...texts.map((codes) => codes.length)) : 0;
  const description = texts ? `<U${width}` : descriptions[type];
  if (!description) throw new AppError('MODEL_UNSUPPORTED', `A tensor of type ${type} cannot be written as .npy, which has no such type.`);
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': ${shape}, }`;
  // The data starts at a multiple of 64; the header ends on a line feed.
  const header = `${text}${' '.repeat(63 - ((10 + text.length) % 64))}\n`;
  const body = texts ? encodeTexts(texts, width) : bytesOf(data as Exclude<TensorValue['data'], readonly string[]>); // not a string tensor
  const file = new Uint8Array(10 + header.length + body.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  file.set(new TextEncoder().encode(header), 10);
  file.set(body, 10 + header.length);
  return file;
}

const bytesOf = (data: Exclude<TensorValue['data'], readonly string[]>): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function encodeTexts(texts: readonly (readonly number[])[], width: number): Uint8Array {
  const codes = new Uint32Array(texts.length * width);
  texts.forEach((text, index) => codes.set(text, index * width));
  return new Uint8Array(codes.buffer);
}
