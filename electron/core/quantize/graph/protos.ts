// What a quantizer needs of the ONNX messages beyond core/onnx: copies, weights as float32, and tensors without a copy of their bytes.
import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { AppError } from '#shared/errors';
import { TensorProtoSchema, TypeProtoSchema, TypeProto_TensorSchema, ValueInfoProtoSchema, type NodeProto, type TensorProto, type ValueInfoProto } from '../../onnx/schema/onnx_pb.ts';
import { readTensor } from '../../onnx/tensors/readTensor.ts';
import { fromFloat16Bits } from '../numerics/float16.ts';

/** TensorProto.DataType numbers used here. */
export const dataTypes = { float: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, double: 11, uint4: 21, int4: 22 } as const;
export const contribDomain = 'com.microsoft';

/** A shallow copy with some fields replaced; unknown fields stay. (A spread would lose the defaults of unset fields.) */
export function copyMessage<D extends DescMessage>(schema: D, message: MessageShape<D>, changes: Partial<MessageShape<D>> = {}): MessageShape<D> {
  return Object.assign(create(schema), message, changes);
}

/** Raw data is a view on `data`: do not change it afterwards. */
export function tensorOver(name: string, dataType: number, dims: readonly number[], data: ArrayBufferView<ArrayBuffer>): TensorProto {
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
}

/** TensorProto.DataType of a declared tensor; 0 where it is no tensor, or not told. */
export const typeOfInfo = (info: ValueInfoProto): number => (info.type?.value.case === 'tensorType' ? info.type.value.value.elemType : 0);

/** A declaration of tensors of `from` as one of `to`; others stay as they are. */
export function withElementType(info: ValueInfoProto, from: number, to: number): ValueInfoProto {
  if (info.type?.value.case !== 'tensorType' || typeOfInfo(info) !== from) return info;
  const value = copyMessage(TypeProto_TensorSchema, info.type.value.value, { elemType: to });
  return copyMessage(ValueInfoProtoSchema, info, { type: copyMessage(TypeProtoSchema, info.type, { value: { case: 'tensorType', value } }) });
}

export const isDefaultDomain = (node: NodeProto): boolean => node.domain === '' || node.domain === 'ai.onnx';
export const dimsOf = (tensor: TensorProto): number[] => tensor.dims.map(Number);
export const isFloatType = (type: number | null | undefined): boolean => type === dataTypes.float || type === dataTypes.float16;

/**
 * The values of a FLOAT or FLOAT16 tensor as float32; a view on the file where that is possible.
 * @throws AppError BAD_MODEL when bytes are missing
 */
export function floatsOf(tensor: TensorProto): Float32Array {
  const { data, type } = readTensor(tensor);
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array && type === 'float16') return Float32Array.from(data, fromFloat16Bits);
  throw new AppError('INTERNAL', `The tensor "${tensor.name}" is not a float tensor.`);
}
