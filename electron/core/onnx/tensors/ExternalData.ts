// Tensor bytes that lie in a file beside the model: what the model says of them, and the reader that services provide.
import { AppError } from '#shared/errors';
import { TensorProto_DataLocation, type TensorProto } from '../schema/onnx_pb.ts';

/** Reads a part of an external file. `location` is as written in the model; the implementation keeps it inside the model's folder. */
export interface ExternalData {
  /** The bytes at `offset`; exactly `length` of them, else it throws BAD_MODEL. */
  read(location: string, offset: number, length: number): Uint8Array;
}

export interface ExternalPlace {
  readonly location: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes; null when the model does not say, and the tensor's own size holds. */
  readonly length: number | null;
}

export function isExternal(tensor: TensorProto): boolean {
  return tensor.dataLocation === TensorProto_DataLocation.EXTERNAL;
}

/** Where an external tensor's bytes are. Throws BAD_MODEL naming the tensor when the entry is malformed. */
export function externalPlaceOf(tensor: TensorProto): ExternalPlace {
  const entries = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get('location');
  if (location === undefined || location === '') throw new AppError('BAD_MODEL', `The tensor "${tensor.name}" says that its data is in another file, but not in which.`);
  return { location, offset: byteNumber(tensor, 'offset', entries.get('offset')) ?? 0, length: byteNumber(tensor, 'length', entries.get('length')) };
}

function byteNumber(tensor: TensorProto, key: string, text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new AppError('BAD_MODEL', `The tensor "${tensor.name}" has the ${key} "${text.slice(0, 40)}" in its external file, which is no number of bytes.`);
  return value;
}
