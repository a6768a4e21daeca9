// The binary form of tensors: little-endian, row-major, without padding; each element of BYTES behind its length.
import type { TensorData } from '#shared/tensor';
import { badInput } from './badInput.ts';
import type { Datatype } from './datatypes.ts';
import type { InferData } from './InferRequest.ts';

/** Numbers are views of `bytes` where they are aligned, and copies where they are not. */
export function tensorFromBytes(bytes: Uint8Array, datatype: Datatype, count: number, what: string): InferData {
  if (datatype.Kind === null) return elementsOfBytes(bytes, count, what);
  if (bytes.length !== count * datatype.sizeBytes) throw badInput(`The binary data of ${what} has ${bytes.length} bytes, and ${count} elements of ${datatype.name} have ${count * datatype.sizeBytes}.`);
  if (datatype.name === 'BOOL') for (const byte of bytes) if (byte > 1) throw badInput(`The binary data of ${what} has a ${byte} where BOOL is 0 or 1.`);
  if (bytes.byteOffset % datatype.sizeBytes === 0) return new datatype.Kind(bytes.buffer, bytes.byteOffset, count);
  const copy = bytes.slice();
  return new datatype.Kind(copy.buffer, 0, count);
}

/** Each element of BYTES is an object of its own: a body of a few KB, compressed, could fill the heap of the thread. */
export function refuseManyTexts(count: number, what: string): void {
  if (count > textsMax) throw badInput(`The ${what} has ${count} elements of BYTES, and this server takes up to ${textsMax}.`);
}
const textsMax = 262_144;

function elementsOfBytes(bytes: Uint8Array, count: number, what: string): Uint8Array[] {
  refuseManyTexts(count, what);
  if (count * 4 > bytes.length) throw badInput(`The binary data of ${what} is too short for ${count} elements of BYTES.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const elements: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > bytes.length) throw badInput(`The binary data of ${what} ends within element ${index}.`);
    elements.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (at !== bytes.length) throw badInput(`The binary data of ${what} has ${bytes.length - at} bytes more than its ${count} elements.`);
  return elements;
}

const isText = (data: TensorData): data is readonly string[] => Array.isArray(data);

export function bytesOfTensor(data: TensorData): Uint8Array {
  if (!isText(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const elements = data.map((text) => Buffer.from(text, 'utf8'));
  const bytes = Buffer.allocUnsafe(elements.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const element of elements) {
    at = bytes.writeUInt32LE(element.length, at);
    at += element.copy(bytes, at);
  }
  return bytes;
}
