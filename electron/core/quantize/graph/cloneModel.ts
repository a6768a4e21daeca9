// Copies of a model whose nodes may be changed while the weights stay shared: weights are never changed in place.
import { AttributeProtoSchema, FunctionProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, type GraphProto, type ModelProto, type NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { copyMessage } from './protos.ts';

export function cloneNode(node: NodeProto): NodeProto {
  const attribute = node.attribute.map((a) => (a.g || a.graphs.length ? copyMessage(AttributeProtoSchema, a, { ...(a.g ? { g: cloneGraph(a.g) } : {}), graphs: a.graphs.map(cloneGraph) }) : a));
  return copyMessage(NodeProtoSchema, node, { input: [...node.input], output: [...node.output], attribute });
}

export function cloneGraph(graph: GraphProto): GraphProto {
  return copyMessage(GraphProtoSchema, graph, { node: graph.node.map(cloneNode), initializer: [...graph.initializer], input: [...graph.input], output: [...graph.output], valueInfo: [...graph.valueInfo] });
}

export function cloneModel(model: ModelProto): ModelProto {
  return copyMessage(ModelProtoSchema, model, {
    ...(model.graph ? { graph: cloneGraph(model.graph) } : {}),
    functions: model.functions.map((one) => copyMessage(FunctionProtoSchema, one, { node: one.node.map(cloneNode) })),
    opsetImport: model.opsetImport.map((o) => copyMessage(OperatorSetIdProtoSchema, o)), metadataProps: [...model.metadataProps],
  });
}
