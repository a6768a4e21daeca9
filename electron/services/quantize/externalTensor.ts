// Tensors whose bytes lie in a file beside the model: how they refer to it, and how bytes are put there.
import { create } from '@bufbuild/protobuf';
import { writeSync } from 'node:fs';
import { StringStringEntryProtoSchema, TensorProtoSchema, TensorProto_DataLocation, type TensorProto } from '#core/onnx/schema/onnx_pb';
import { copyMessage } from '#core/quantize/graph/protos';

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** At the end of a file that is `end` bytes long, after zeros up to the alignment. @returns where the bytes begin */
export function appendAligned(file: number, end: number, bytes: Uint8Array, alignment: number): number {
  const gap = (alignment - (end % alignment)) % alignment;
  if (gap > 0) writeAll(file, new Uint8Array(gap));
  writeAll(file, bytes);
  return end + gap;
}

/** @param location name of the file in the model's folder */
export function externalTensor(tensor: TensorProto, location: string, offset: number): TensorProto {
  const entries = { location, offset: String(offset), length: String(tensor.rawData.length) };
  return copyMessage(TensorProtoSchema, tensor, { rawData: new Uint8Array(0), dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })) });
}

/** The same with its bytes in the model again. */
export const internalTensor = (tensor: TensorProto, rawData: Uint8Array): TensorProto => copyMessage(TensorProtoSchema, tensor, { rawData, dataLocation: TensorProto_DataLocation.DEFAULT, externalData: [] });
