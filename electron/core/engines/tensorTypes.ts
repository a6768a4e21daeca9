// How the engines name element types and sizes.
import type { TensorInfo } from '#shared/contract/references';

/** ONNX element type to the names of the Open Inference Protocol (Triton writes them with TYPE_ before, and STRING for BYTES). */
const datatypes: Readonly<Record<string, string>> = {
  float32: 'FP32', float64: 'FP64', float16: 'FP16', bfloat16: 'BF16', int8: 'INT8', int16: 'INT16', int32: 'INT32', int64: 'INT64',
  uint8: 'UINT8', uint16: 'UINT16', uint32: 'UINT32', uint64: 'UINT64', bool: 'BOOL', string: 'BYTES',
};

/** Null where the protocol has no name for the type (4-bit types). */
export const datatypeOf = (type: string): string | null => datatypes[type] ?? null;

/** A dimension that is a number stays; a name or nothing is -1, which means any size. */
export const sizesOf = (tensor: TensorInfo): number[] => tensor.shape.map((size) => (typeof size === 'number' ? size : -1));

/** Whether every tensor has a leading dimension of any size, which is what batching needs. */
export const canBatch = (tensors: readonly TensorInfo[]): boolean => tensors.length > 0 && tensors.every((tensor) => tensor.shape.length > 0 && typeof tensor.shape[0] !== 'number');
