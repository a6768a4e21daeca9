// Tensor values as they cross process borders: element type, dimensions and a flat, row-major buffer.
export const elementTypes = ['float32', 'float64', 'float16', 'bfloat16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool', 'string', 'int4', 'uint4'] as const;
export type ElementType = (typeof elementTypes)[number];

export type TensorData = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array | readonly string[];

/** float16 and bfloat16 travel as their 16-bit patterns in a Uint16Array; bool as 0/1 in a Uint8Array; int4/uint4 packed, low nibble first. */
export interface TensorValue {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}
export type Feeds = Readonly<Record<string, TensorValue>>;
