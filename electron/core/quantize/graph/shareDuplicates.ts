// Equal weights become one: operators that share a weight are quantized one by one, each with a copy of its own, and folding makes copies in every branch of an If.
import { freshNames } from '../../onnx/graph/freshNames.ts';
import { eachGraph, subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { TensorProtoSchema, type GraphProto, type ModelProto, type TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { copyMessage } from './protos.ts';

interface Place { readonly graph: GraphProto; readonly tensor: TensorProto }

/** Smaller tensors are not worth a look. */
const minBytes = 1024;
/** So many bytes, spread over a tensor, tell which ones may be equal; those are compared whole. */
const looks = 64;

function keyOf({ dataType, dims, rawData }: TensorProto): string {
  const some = Array.from({ length: looks }, (_, i) => rawData[Math.floor((i * rawData.length) / looks)]);
  return `${dataType}/${dims.join('x')}/${some.join(',')}`;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Changes the model's graphs. Vectors of one graph are left alone: what they would save is little, and a zero point of one's own keeps the runtime's exact sums (exactSums.ts). @returns bytes saved */
export function shareDuplicates(model: ModelProto): number {
  const main = model.graph!;
  const groups = new Map<string, Place[]>();
  const taken: string[] = [];
  for (const graph of eachGraph(main)) {
    for (const node of graph.node) taken.push(...node.input, ...node.output);
    const answered = new Set(graph.output.map(({ name }) => name));
    for (const tensor of graph.initializer) {
      taken.push(tensor.name);
      if (tensor.rawData.length < minBytes || answered.has(tensor.name)) continue;
      const key = keyOf(tensor);
      const group = groups.get(key);
      if (group) group.push({ graph, tensor }); else groups.set(key, [{ graph, tensor }]);
    }
  }
  const fresh = freshNames(taken);
  let saved = 0;
  for (const group of groups.values()) for (let rest = group; rest.length > 1;) {
    const { rawData } = rest[0]!.tensor;
    const equal = rest.filter(({ tensor }) => sameBytes(tensor.rawData, rawData));
    rest = rest.filter((place) => !equal.includes(place));
    saved += share(main, equal, fresh);
  }
  return saved;
}

/** Within one graph the first keeps its name; of several graphs the weight goes to the main one. */
function share(main: GraphProto, equal: readonly Place[], fresh: (wanted: string) => string): number {
  const [first, ...others] = equal;
  if (!first || others.length === 0) return 0;
  // The runtime looks for the weight of a product, its scales and zero points beside its DequantizeLinear, and does not load a model that has them further out (1.30).
  if (equal.some(({ graph, tensor }) => graph !== main && isDequantized(graph, tensor.name))) return 0;
  const oneGraph = others.every(({ graph }) => graph === first.graph);
  if (oneGraph && first.tensor.dims.length < 2) return 0;
  const name = oneGraph ? first.tensor.name : fresh(`${first.tensor.name}_shared`);
  if (!oneGraph) main.initializer.push(copyMessage(TensorProtoSchema, first.tensor, { name }));
  const gone = new Set((oneGraph ? others : equal).map(({ tensor }) => tensor));
  for (const graph of new Set(equal.map((place) => place.graph))) graph.initializer = graph.initializer.filter((tensor) => !gone.has(tensor));
  for (const { graph, tensor } of oneGraph ? others : equal) renameReads(graph, tensor.name, name);
  return others.length * first.tensor.rawData.length;
}

const isDequantized = (graph: GraphProto, name: string): boolean => graph.node.some(({ opType, input }) => opType === 'DequantizeLinear' && input.includes(name));

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
