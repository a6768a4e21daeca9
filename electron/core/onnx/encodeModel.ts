// Model to bytes, in the field order of the schema, unknown fields included: a file read and written unchanged keeps its bytes.
import { toBinary } from '@bufbuild/protobuf';
import { AppError } from '#shared/errors';
import { ModelProtoSchema, type ModelProto } from './schema/onnx_pb.ts';

/** The format cannot hold more: protobuf lengths are 31-bit in the reference parser. */
export const maxModelBytes = 2 ** 31 - 1;

/** Throws BAD_MODEL when the model would exceed 2 GiB: its weights then belong in external data. */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const bytes = toBinary(ModelProtoSchema, model);
  if (bytes.length > maxModelBytes) throw new AppError('BAD_MODEL', `The model takes ${bytes.length} bytes, and an ONNX file holds at most ${maxModelBytes}.`, { hint: 'Store the weights as external data.' });
  return bytes;
}
