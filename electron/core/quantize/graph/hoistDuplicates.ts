// Equal weights of several subgraphs become one weight of the main graph: folding makes copies of them in every branch of an If.
import { TensorProtoSchema, type GraphProto, type ModelProto, type TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { eachGraph, subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { copyMessage } from './protos.ts';

/** Smaller tensors are not worth a look. */
const minBytes = 1024;

const keyOf = (tensor: TensorProto): string => {
  // FNV-1a over the bytes only groups candidates; equality is checked byte by byte
  let hash = 0x811c9dc5;
  const { rawData } = tensor;
  for (let i = 0; i < rawData.length; i++) hash = Math.imul(hash ^ rawData[i]!, 0x01000193);
  return `${tensor.dataType}/${tensor.dims.join('x')}/${hash >>> 0}`;
};
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

/** Changes the model's graphs; without subgraphs nothing is done. Answers the bytes saved. */
export function hoistDuplicates(model: ModelProto): number {
  const main = model.graph!;
  if (!main.node.some((node) => subgraphsOf(node).length > 0)) return 0;
  const groups = new Map<string, { graph: GraphProto; tensor: TensorProto }[]>();
  const taken = new Set<string>();
  for (const graph of eachGraph(main)) {
    for (const node of graph.node) for (const name of [...node.input, ...node.output]) taken.add(name);
    for (const tensor of graph.initializer) {
      taken.add(tensor.name);
      if (tensor.rawData.length < minBytes) continue;
      const key = keyOf(tensor);
      const group = groups.get(key);
      if (group) group.push({ graph, tensor }); else groups.set(key, [{ graph, tensor }]);
    }
  }
  let saved = 0;
  for (const group of groups.values()) {
    const [first] = group;
    const equal = group.filter(({ tensor }) => sameBytes(tensor.rawData, first!.tensor.rawData));
    if (equal.length < 2 || new Set(equal.map((e) => e.graph)).size < 2) continue;
    let name = `${first!.tensor.name}_shared`;
    while (taken.has(name)) name += '_';
    taken.add(name);
    main.initializer.push(copyMessage(TensorProtoSchema, first!.tensor, { name }));
    for (const { graph, tensor } of equal) {
      graph.initializer = graph.initializer.filter((t) => t !== tensor);
      renameReads(graph, tensor.name, name);
      saved += tensor.rawData.length;
    }
    saved -= first!.tensor.rawData.length;
  }
  return saved;
}

/** Reads in the graph and in those within it that do not define the name themselves. */
function renameReads(graph: GraphProto, from: string, to: string): void {
  for (const node of graph.node) {
    node.input = node.input.map((name) => (name === from ? to : name));
    for (const { graph: inner } of subgraphsOf(node)) {
      const defined = inner.initializer.some((t) => t.name === from) || inner.input.some((i) => i.name === from) || inner.node.some((n) => n.output.includes(from));
      if (!defined) renameReads(inner, from, to);
    }
  }
}
