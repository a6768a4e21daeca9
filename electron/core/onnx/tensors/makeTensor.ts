// Values to a tensor of the file: raw little-endian bytes, as exporters write them; strings as a list.
import { create } from '@bufbuild/protobuf';
import { AppError } from '#shared/errors';
import type { TensorData, TensorValue } from '#shared/tensor';
import { TensorProtoSchema, type TensorProto } from '../schema/onnx_pb.ts';
import { dataTypeNumber, dataTypeOf, rawByteLength } from './dataTypes.ts';
import { elementCount } from './elementCount.ts';

/** Throws BAD_INPUT when the number of values does not fit the dimensions. The values are copied. */
export function makeTensor(name: string, value: TensorValue): TensorProto {
  const count = elementCount(value.dims);
  const dataType = dataTypeNumber(value.type);
  const base = { name, dataType, dims: value.dims.map((dim) => BigInt(dim)) };
  if (isStrings(value.data)) {
    if (value.data.length !== count) throw misfit(name, value);
    const encoder = new TextEncoder();
    return create(TensorProtoSchema, { ...base, stringData: value.data.map((text) => encoder.encode(text)) });
  }
  const bytes = new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength).slice();
  const type = dataTypeOf(dataType);
  if (!type || count === null || rawByteLength(type, count) !== bytes.length) throw misfit(name, value);
  return create(TensorProtoSchema, { ...base, rawData: bytes });
}

function isStrings(data: TensorData): data is readonly string[] {
  return Array.isArray(data);
}

function misfit(name: string, value: TensorValue): AppError {
  return new AppError('BAD_INPUT', `The values of "${name}" do not fill the dimensions [${value.dims.join(', ')}] as ${value.type}.`);
}
