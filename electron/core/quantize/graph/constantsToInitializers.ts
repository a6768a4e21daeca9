// Moves tensors of Constant nodes into the initializers of their graph, in subgraphs too, so that weights are found where they are.
import { TensorProtoSchema, type GraphProto, type TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { copyMessage, dataTypes, isDefaultDomain, tensorOver } from './protos.ts';

function tensorOf(node: GraphProto['node'][number], name: string): TensorProto | null {
  const [a] = node.attribute;
  if (!a || node.attribute.length !== 1) return null;
  switch (a.name) {
    case 'value': return a.t ? copyMessage(TensorProtoSchema, a.t, { name }) : null;
    case 'value_float': return tensorOver(name, dataTypes.float, [], new Float32Array([a.f]));
    case 'value_floats': return tensorOver(name, dataTypes.float, [a.floats.length], Float32Array.from(a.floats));
    case 'value_int': return tensorOver(name, dataTypes.int64, [], new BigInt64Array([a.i]));
    case 'value_ints': return tensorOver(name, dataTypes.int64, [a.ints.length], BigInt64Array.from(a.ints));
    default: return null;
  }
}

/** Changes the graph. A constant that is itself a graph output stays: an initializer may not be one for every tool. */
export function constantsToInitializers(graph: GraphProto): void {
  const outputs = new Set(graph.output.map((o) => o.name));
  graph.node = graph.node.filter((node) => {
    for (const { graph: inner } of subgraphsOf(node)) constantsToInitializers(inner);
    const name = node.output[0];
    if (node.opType !== 'Constant' || !isDefaultDomain(node) || !name || outputs.has(name)) return true;
    const tensor = tensorOf(node, name);
    if (!tensor) return true;
    graph.initializer.push(tensor);
    return false;
  });
}
