// Small models made in a test: named values, float weights and nodes, as an ONNX message or as bytes.
import { create } from '@bufbuild/protobuf';
import { makeNode, type AttributeValue } from '#core/onnx/graph/attributes';
import { encodeModel } from '#core/onnx/encodeModel';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, TensorShapeProtoSchema, TensorShapeProto_DimensionSchema, TypeProtoSchema, TypeProto_TensorSchema, ValueInfoProtoSchema, type GraphProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from '#core/onnx/schema/onnx_pb';
import { dataTypes, tensorOver } from '#core/quantize/graph/protos';

/** Name to shape; -1 is an open size. */
type Values = Readonly<Record<string, readonly number[]>>;

export interface TinyGraph {
  readonly inputs?: Values;
  readonly outputs: Values;
  readonly weights?: readonly TensorProto[];
  readonly nodes: readonly NodeProto[];
}

export function info(name: string, dims: readonly number[], elemType: number = dataTypes.float): ValueInfoProto {
  const shape = create(TensorShapeProtoSchema, { dim: dims.map((d, i) => create(TensorShapeProto_DimensionSchema, { value: d < 0 ? { case: 'dimParam', value: `open_${i}` } : { case: 'dimValue', value: BigInt(d) } })) });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: create(TypeProto_TensorSchema, { elemType, shape }) } }) });
}

export const node = (opType: string, input: readonly string[], output: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}, name = output[0] ?? opType): NodeProto => makeNode(opType, input, output, { name, attributes });
export const weight = (name: string, dims: readonly number[], values: readonly number[] | Float32Array): TensorProto => tensorOver(name, dataTypes.float, dims, Float32Array.from(values));

/** Values that look random and are the same at every run, in -reach..reach. */
export function noise(count: number, seed: number, reach = 1): Float32Array {
  let state = (seed * 2654435761) | 1;
  return Float32Array.from({ length: count }, () => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return ((state >>> 0) / 2147483648 - 1) * reach; });
}

export function tinyGraph({ inputs = {}, outputs, weights = [], nodes }: TinyGraph, name = 'tiny'): GraphProto {
  const infos = (values: Values) => Object.entries(values).map(([key, dims]) => info(key, dims));
  return create(GraphProtoSchema, { name, input: infos(inputs), output: infos(outputs), initializer: [...weights], node: [...nodes] });
}

export function tinyModel(graph: TinyGraph, opset = 17): ModelProto {
  return create(ModelProtoSchema, { irVersion: 8n, opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })], graph: tinyGraph(graph) });
}

export const tinyModelBytes = (graph: TinyGraph, opset?: number): Uint8Array => encodeModel(tinyModel(graph, opset));
