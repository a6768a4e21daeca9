// Values of a tensor as typed arrays: from raw bytes (a view where they are aligned), from the typed lists, or from an external file.
import { AppError } from '#shared/errors';
import type { TensorData, TensorValue } from '#shared/tensor';
import type { TensorProto } from '../schema/onnx_pb.ts';
import { dataTypeName, dataTypeOf, rawByteLength, type DataTypeEntry } from './dataTypes.ts';
import { elementCount } from './elementCount.ts';
import { externalPlaceOf, isExternal, type ExternalData } from './ExternalData.ts';

const bad = (tensor: TensorProto, reason: string) => new AppError('BAD_MODEL', `The tensor "${tensor.name}" is damaged: ${reason}.`);

/** The type's entry; throws BAD_MODEL for a number that the schema does not name. */
export function dataTypeOfTensor(tensor: TensorProto): DataTypeEntry {
  const type = dataTypeOf(tensor.dataType);
  if (!type) throw bad(tensor, `its element type ${tensor.dataType} does not exist`);
  return type;
}

/** Dimensions as numbers; throws BAD_MODEL when one is negative or their product is absurd. */
export function dimsOfTensor(tensor: TensorProto): number[] {
  if (elementCount(tensor.dims) === null) throw bad(tensor, `its dimensions [${tensor.dims.slice(0, 8).join(', ')}] are impossible`);
  return tensor.dims.map(Number);
}

/**
 * The raw little-endian bytes of any tensor but a string one, packed for types below 8 bits. A view on the file's bytes where `rawData` holds
 * them, else new. Throws BAD_MODEL naming the tensor when sizes do not fit, also when `external` is needed and not given.
 */
export function readTensorBytes(tensor: TensorProto, external?: ExternalData): Uint8Array {
  const type = dataTypeOfTensor(tensor);
  const count = elementCount(dimsOfTensor(tensor)) ?? 0;
  const length = rawByteLength(type, count);
  if (length === null) throw bad(tensor, 'strings have no raw bytes');
  if (isExternal(tensor)) {
    const place = externalPlaceOf(tensor);
    if (!external) throw new AppError('BAD_MODEL', `The data of the tensor "${tensor.name}" is in the file "${place.location}", which was not opened.`);
    if (place.length !== null && place.length !== length) throw bad(tensor, `its external entry has ${place.length} bytes, but its dimensions need ${length}`);
    return external.read(place.location, place.offset, length);
  }
  if (tensor.rawData.length > 0 || count === 0) {
    if (tensor.rawData.length !== length) throw bad(tensor, `it has ${tensor.rawData.length} bytes of data, but its dimensions need ${length}`);
    return tensor.rawData;
  }
  return bytesOfList(tensor, type, count, length);
}

/**
 * The tensor's values. int4/uint4 stay packed, float16/bfloat16 are bit patterns, bool is 0/1 (as in TensorValue). Numbers are a view on
 * the file where alignment permits: copy before changing. Throws BAD_MODEL on wrong sizes, MODEL_UNSUPPORTED for types that no TensorValue has
 * (complex, 8-bit floats and smaller): readTensorBytes gives those.
 */
export function readTensor(tensor: TensorProto, external?: ExternalData): TensorValue {
  const type = dataTypeOfTensor(tensor);
  const dims = dimsOfTensor(tensor);
  if (!type.element) throw new AppError('MODEL_UNSUPPORTED', `The tensor "${tensor.name}" holds ${type.name} values, which cannot be read as numbers here.`);
  if (type.element === 'string') {
    const count = elementCount(dims) ?? 0;
    if (isExternal(tensor)) throw bad(tensor, 'strings cannot be in an external file');
    if (tensor.stringData.length !== count) throw bad(tensor, `it has ${tensor.stringData.length} strings, but its dimensions need ${count}`);
    const decoder = new TextDecoder();
    return { type: 'string', dims, data: tensor.stringData.map((bytes) => decoder.decode(bytes)) };
  }
  return { type: type.element, dims, data: typedData(readTensorBytes(tensor, external), type.element) };
}

/** A typed array on little-endian bytes: a view when the offset is aligned, else a copy. */
export function typedData(bytes: Uint8Array, type: Exclude<TensorValue['type'], 'string'>): Exclude<TensorData, readonly string[]> {
  const make = arrayTypes[type];
  const size = make.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes); // not slice(): a Node Buffer's slice is a view
  return new make(aligned.buffer as ArrayBuffer, aligned.byteOffset, Math.floor(aligned.byteLength / size)); // never shared memory: bytes come from files and lists
}

const arrayTypes = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bfloat16: Uint16Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array, int4: Uint8Array, uint4: Uint8Array,
} as const;

/** From the typed lists, which hold one entry per element (per byte for packed types, per part for complex ones). */
function bytesOfList(tensor: TensorProto, type: DataTypeEntry, count: number, length: number): Uint8Array {
  const list: readonly (number | bigint)[] = type.field === 'stringData' ? [] : tensor[type.field];
  const parts = type.name.startsWith('complex') ? 2 : 1;
  const expected = type.bits < 6 ? length : count * parts;
  if (list.length !== expected) throw bad(tensor, `it has ${list.length} ${dataTypeName(type.number)} entries, but its dimensions need ${expected}`);
  const bytes = new Uint8Array(length);
  if (type.bits === 6) return packSixBits(list, bytes);
  const view = new DataView(bytes.buffer);
  const bits = type.bits < 8 ? 8 : type.bits / parts;
  for (let i = 0; i < list.length; i++) {
    const value = list[i] ?? 0;
    if (typeof value === 'bigint') {
      if (bits === 32) view.setUint32(i * 4, Number(BigInt.asUintN(32, value)), true);
      else view.setBigUint64(i * 8, BigInt.asUintN(64, value), true);
    } else if (type.field === 'floatData') view.setFloat32(i * 4, value, true);
    else if (type.field === 'doubleData') view.setFloat64(i * 8, value, true);
    else if (bits === 8) view.setUint8(i, value & 0xff);
    else if (bits === 16) view.setUint16(i * 2, value & 0xffff, true);
    else view.setInt32(i * 4, value, true);
  }
  return bytes;
}

/** Four elements in three bytes, first element in the low bits. */
function packSixBits(list: readonly (number | bigint)[], bytes: Uint8Array): Uint8Array {
  list.forEach((value, i) => {
    const bit = i * 6;
    const shifted = (Number(value) & 0x3f) << (bit % 8);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (shifted & 0xff);
    if (shifted > 0xff) bytes[(bit >> 3) + 1] = (bytes[(bit >> 3) + 1] ?? 0) | (shifted >> 8);
  });
  return bytes;
}
