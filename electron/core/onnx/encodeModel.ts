// Model to bytes, in the field order of the schema, unknown fields included: a file read and written unchanged keeps its bytes.
import { create, toBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { AppError } from '#shared/errors';
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema, type ModelProto, type TensorProto } from './schema/onnx_pb.ts';

/** The format cannot hold more: protobuf lengths are 31-bit in the reference parser. */
export const maxModelBytes = 2 ** 31 - 1;

/** Throws BAD_MODEL when the model would exceed 2 GiB: its weights then belong in external data. */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const parts = encodeModelParts(model);
  const bytes = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) { bytes.set(part, at); at += part.length; }
  return bytes;
}

/**
 * The same bytes in pieces that follow each other. Large weights are not copied: they come as the views that the model holds, so write the pieces before it changes.
 * Throws BAD_MODEL as encodeModel does.
 */
export function encodeModelParts(model: ModelProto): readonly Uint8Array[] {
  const parts = model.graph ? around(ModelProtoSchema, model, 7, [graphParts(model.graph)]) : [toBinary(ModelProtoSchema, model)];
  const size = sizeOf(parts);
  if (size > maxModelBytes) throw new AppError('BAD_MODEL', `The model takes ${size} bytes, and an ONNX file holds at most ${maxModelBytes}.`, { hint: 'Store the weights as external data.' });
  return parts;
}

type Parts = readonly Uint8Array[];
/** Smaller data is copied along with the rest of its tensor. */
const largeBytes = 1024;

const graphParts = (graph: MessageShape<typeof GraphProtoSchema>): Parts => around(GraphProtoSchema, graph, 5, graph.initializer.map(tensorParts));
const tensorParts = (tensor: TensorProto): Parts => (tensor.rawData.length < largeBytes ? [toBinary(TensorProtoSchema, tensor)] : around(TensorProtoSchema, tensor, 9, [[tensor.rawData]]));

/** A message whose field `number` is given as encoded values: what the schema has before it, the values, and what comes after. */
function around<D extends DescMessage>(schema: D, message: MessageShape<D>, number: number, values: readonly Parts[]): Parts {
  const parts: Uint8Array[] = [toBinary(schema, withFields(schema, message, (field) => field < number))];
  for (const value of values) parts.push(new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(sizeOf(value)).finish(), ...value);
  const after = withFields(schema, message, (field) => field > number);
  if (message.$unknown) after.$unknown = message.$unknown;
  parts.push(toBinary(schema, after));
  return parts.filter((part) => part.length > 0);
}

/** A shallow copy with some fields only; a field that was never set stays so. */
function withFields<D extends DescMessage>(schema: D, message: MessageShape<D>, wanted: (number: number) => boolean): MessageShape<D> {
  const copy = create(schema);
  const [from, to] = [message, copy] as unknown as [Record<string, unknown>, Record<string, unknown>]; // fields by their names in the schema
  for (const { number, localName } of schema.fields) if (wanted(number) && Object.hasOwn(from, localName)) to[localName] = from[localName];
  return copy;
}

const sizeOf = (parts: Parts): number => parts.reduce((sum, part) => sum + part.length, 0);
