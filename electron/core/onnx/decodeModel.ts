// Bytes to model: checked before they are decoded, with a reason, an offset and the file's real kind when they are no model.
import { fromBinary } from '@bufbuild/protobuf';
import { AppError } from '#shared/errors';
import { messageFormOf } from './codec/messageTable.ts';
import { nameOfFormat } from './codec/nameOfFormat.ts';
import { wireCheck, WireFault } from './codec/wireCheck.ts';
import { ModelProtoSchema, type ModelProto } from './schema/onnx_pb.ts';

/**
 * Decodes an ONNX file. Unknown fields are kept, and `rawData` of tensors are views on `bytes`: keep `bytes` unchanged while the model is used.
 * Throws BAD_MODEL with offset and reason for anything malformed; never runs out of stack or memory.
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  try {
    if (bytes.length === 0) throw new WireFault('it is empty', 0);
    wireCheck(bytes, messageFormOf(ModelProtoSchema));
    const model = fromBinary(ModelProtoSchema, bytes);
    if (!model.graph) throw new WireFault(Object.keys(model).length > 5 || model.irVersion > 0n ? 'it has no graph' : 'nothing in it is part of a model', 0);
    if (model.graph.node.length === 0 && model.graph.output.length === 0) throw new WireFault('its graph has neither nodes nor outputs', 0);
    return model;
  } catch (error) {
    throw badModel(error, bytes);
  }
}

function badModel(error: unknown, bytes: Uint8Array): AppError {
  const format = nameOfFormat(bytes);
  if (format) return new AppError('BAD_MODEL', `This is no ONNX model: the file is ${format.name} (from its first bytes, offset 0).`, { cause: error, ...(format.hint === undefined ? {} : { hint: format.hint }) });
  if (error instanceof WireFault) return new AppError('BAD_MODEL', `The file is no readable ONNX model: ${error.message} (offset ${error.offset}).`);
  return new AppError('BAD_MODEL', 'The file is no readable ONNX model: its content cannot be decoded (offset 0).', { cause: error });
}
