// The element types of ONNX tensors: number in the file, name, bits per element, and the list field that may hold them instead of raw bytes.
import type { ElementType } from '#shared/tensor';

export interface DataTypeEntry {
  readonly number: number;
  /** Lower-case name as people and JSON see it. */
  readonly name: string;
  /** Bits of one element in raw form; 0 for strings. Types below 8 bits are packed, first element in the low bits. */
  readonly bits: number;
  /** The field of TensorProto that holds the values when `rawData` does not. */
  readonly field: 'floatData' | 'int32Data' | 'int64Data' | 'uint64Data' | 'doubleData' | 'stringData';
  /** The type as a TensorValue, where one exists. */
  readonly element: ElementType | null;
}

const entry = (number: number, name: string, bits: number, field: DataTypeEntry['field'], element: ElementType | null = null): DataTypeEntry => ({ number, name, bits, field, element });

/** By the numbers of TensorProto.DataType (IR version 14). */
export const dataTypes: readonly DataTypeEntry[] = [
  entry(1, 'float32', 32, 'floatData', 'float32'), entry(2, 'uint8', 8, 'int32Data', 'uint8'), entry(3, 'int8', 8, 'int32Data', 'int8'),
  entry(4, 'uint16', 16, 'int32Data', 'uint16'), entry(5, 'int16', 16, 'int32Data', 'int16'), entry(6, 'int32', 32, 'int32Data', 'int32'),
  entry(7, 'int64', 64, 'int64Data', 'int64'), entry(8, 'string', 0, 'stringData', 'string'), entry(9, 'bool', 8, 'int32Data', 'bool'),
  entry(10, 'float16', 16, 'int32Data', 'float16'), entry(11, 'float64', 64, 'doubleData', 'float64'), entry(12, 'uint32', 32, 'uint64Data', 'uint32'),
  entry(13, 'uint64', 64, 'uint64Data', 'uint64'), entry(14, 'complex64', 64, 'floatData'), entry(15, 'complex128', 128, 'doubleData'),
  entry(16, 'bfloat16', 16, 'int32Data', 'bfloat16'), entry(17, 'float8e4m3fn', 8, 'int32Data'), entry(18, 'float8e4m3fnuz', 8, 'int32Data'),
  entry(19, 'float8e5m2', 8, 'int32Data'), entry(20, 'float8e5m2fnuz', 8, 'int32Data'), entry(21, 'uint4', 4, 'int32Data', 'uint4'),
  entry(22, 'int4', 4, 'int32Data', 'int4'), entry(23, 'float4e2m1', 4, 'int32Data'), entry(24, 'float8e8m0', 8, 'int32Data'),
  entry(25, 'uint2', 2, 'int32Data'), entry(26, 'int2', 2, 'int32Data'), entry(27, 'float6e2m3', 6, 'int32Data'), entry(28, 'float6e3m2', 6, 'int32Data'),
];

const byNumber = new Map(dataTypes.map((type) => [type.number, type]));
const byName = new Map(dataTypes.map((type) => [type.name, type]));

/** Null for a number that the schema does not name (0 is "undefined"). */
export function dataTypeOf(number: number): DataTypeEntry | null {
  return byNumber.get(number) ?? null;
}

/** Number of a type by its name ("float32" -> 1). */
export function dataTypeNumber(name: string): number {
  return byName.get(name)?.number ?? 0;
}

/** What people read: "float32", or "type 99" for a number that the schema does not name. */
export function dataTypeName(number: number): string {
  return byNumber.get(number)?.name ?? (number === 0 ? 'undefined' : `type ${number}`);
}

/** Bytes of `elements` values in raw form; null for strings. */
export function rawByteLength(type: DataTypeEntry, elements: number): number | null {
  return type.bits === 0 ? null : Math.ceil((elements * type.bits) / 8);
}
