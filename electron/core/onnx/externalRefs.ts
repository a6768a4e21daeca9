// Every tensor of a model whose bytes lie in another file: initializers and attribute tensors, in all graphs and functions.
import { eachGraph } from './graph/subgraphs.ts';
import { externalPlaceOf, isExternal, type ExternalPlace } from './tensors/ExternalData.ts';
import type { ModelProto, NodeProto, TensorProto } from './schema/onnx_pb.ts';

export interface ExternalRef extends ExternalPlace {
  readonly tensor: TensorProto;
}

/** Throws BAD_MODEL when an entry is malformed. */
export function externalRefs(model: ModelProto): ExternalRef[] {
  const refs: ExternalRef[] = [];
  for (const tensor of eachTensor(model)) if (isExternal(tensor)) refs.push({ tensor, ...externalPlaceOf(tensor) });
  return refs;
}

/** All stored tensors of a model. */
export function* eachTensor(model: ModelProto): Generator<TensorProto> {
  const graphs = [model.graph, ...model.trainingInfo.flatMap((info) => [info.initialization, info.algorithm])];
  for (const root of graphs) {
    if (!root) continue;
    for (const graph of eachGraph(root)) {
      yield* graph.initializer;
      for (const sparse of graph.sparseInitializer) yield* [sparse.values, sparse.indices].filter((tensor) => tensor !== undefined);
      for (const node of graph.node) yield* attributeTensors(node);
    }
  }
  for (const one of model.functions) for (const node of one.node) yield* attributeTensors(node);
}

function* attributeTensors(node: NodeProto): Generator<TensorProto> {
  for (const attribute of node.attribute) {
    if (attribute.t) yield attribute.t;
    yield* attribute.tensors;
  }
}
