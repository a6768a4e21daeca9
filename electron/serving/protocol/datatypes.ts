// The datatypes of the Open Inference Protocol: the element type they stand for, their size, and the array that holds them.
import type { ElementType, TensorData } from '#shared/tensor';

export const datatypeNames = ['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64', 'FP16', 'BF16', 'FP32', 'FP64', 'BYTES'] as const;
export type DatatypeName = (typeof datatypeNames)[number];

type NumericData = Exclude<TensorData, readonly string[]>;
type ArrayKind = { new (length: number): NumericData; new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericData };

export interface Datatype {
  readonly name: DatatypeName;
  readonly element: ElementType;
  /** Bytes of an element in the binary form; 0 where each has its own length. */
  readonly sizeBytes: number;
  /** Null for BYTES, whose elements are strings. */
  readonly Kind: ArrayKind | null;
  /** How an element is written in JSON; null where the protocol has no JSON form. */
  readonly json: 'bool' | 'integer' | 'bigint' | 'float' | 'string' | null;
  /** The smallest and largest value of an integer. */
  readonly range: readonly [number, number] | readonly [bigint, bigint] | null;
}

const table: Readonly<Record<DatatypeName, Omit<Datatype, 'name'>>> = {
  BOOL: { element: 'bool', sizeBytes: 1, Kind: Uint8Array, json: 'bool', range: null },
  UINT8: { element: 'uint8', sizeBytes: 1, Kind: Uint8Array, json: 'integer', range: [0, 255] },
  UINT16: { element: 'uint16', sizeBytes: 2, Kind: Uint16Array, json: 'integer', range: [0, 65_535] },
  UINT32: { element: 'uint32', sizeBytes: 4, Kind: Uint32Array, json: 'integer', range: [0, 4_294_967_295] },
  UINT64: { element: 'uint64', sizeBytes: 8, Kind: BigUint64Array, json: 'bigint', range: [0n, 2n ** 64n - 1n] },
  INT8: { element: 'int8', sizeBytes: 1, Kind: Int8Array, json: 'integer', range: [-128, 127] },
  INT16: { element: 'int16', sizeBytes: 2, Kind: Int16Array, json: 'integer', range: [-32_768, 32_767] },
  INT32: { element: 'int32', sizeBytes: 4, Kind: Int32Array, json: 'integer', range: [-2_147_483_648, 2_147_483_647] },
  INT64: { element: 'int64', sizeBytes: 8, Kind: BigInt64Array, json: 'bigint', range: [-(2n ** 63n), 2n ** 63n - 1n] },
  FP16: { element: 'float16', sizeBytes: 2, Kind: Uint16Array, json: null, range: null },
  BF16: { element: 'bfloat16', sizeBytes: 2, Kind: Uint16Array, json: null, range: null },
  FP32: { element: 'float32', sizeBytes: 4, Kind: Float32Array, json: 'float', range: null },
  FP64: { element: 'float64', sizeBytes: 8, Kind: Float64Array, json: 'float', range: null },
  BYTES: { element: 'string', sizeBytes: 0, Kind: null, json: 'string', range: null },
};

const byElement = new Map(datatypeNames.map((name) => [table[name].element, { name, ...table[name] }]));
const byName = new Map<string, Datatype>(datatypeNames.map((name) => [name, { name, ...table[name] }]));

export const datatypeOf = (name: string): Datatype | null => byName.get(name) ?? null;
/** Null for what the protocol cannot carry: int4 and uint4. */
export const datatypeOfElement = (element: ElementType): Datatype | null => byElement.get(element) ?? null;
