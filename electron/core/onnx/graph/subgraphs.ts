// The graphs held in attributes of control-flow nodes (If, Loop, Scan), and a walk over all graphs of a model.
import type { GraphProto, NodeProto } from '../schema/onnx_pb.ts';

export interface Subgraph {
  /** The attribute that holds it: then_branch, else_branch, body. */
  readonly attribute: string;
  readonly graph: GraphProto;
}

export function subgraphsOf(node: NodeProto): Subgraph[] {
  const found: Subgraph[] = [];
  for (const attribute of node.attribute) {
    if (attribute.g) found.push({ attribute: attribute.name, graph: attribute.g });
    for (const graph of attribute.graphs) found.push({ attribute: attribute.name, graph });
  }
  return found;
}

/** The graph and all graphs within it, outer first; nesting is bounded by the decoder. */
export function* eachGraph(graph: GraphProto): Generator<GraphProto> {
  yield graph;
  for (const node of graph.node) for (const inner of subgraphsOf(node)) yield* eachGraph(inner.graph);
}

/** Names that a node reads: its inputs, and what its subgraphs take from the scopes around them. */
export function readsOf(node: NodeProto): string[] {
  const outer = subgraphsOf(node).flatMap(({ graph }) => [...outerReadsOf(graph)]);
  return [...node.input.filter((name) => name !== ''), ...outer];
}

/** Names that a graph uses but does not define itself. */
export function outerReadsOf(graph: GraphProto): Set<string> {
  const defined = new Set([...graph.input.map((input) => input.name), ...graph.initializer.map((tensor) => tensor.name), ...graph.sparseInitializer.map((tensor) => tensor.values?.name ?? ''), ...graph.node.flatMap((node) => node.output)]);
  const reads = new Set<string>();
  for (const node of graph.node) for (const name of readsOf(node)) if (!defined.has(name)) reads.add(name);
  for (const output of graph.output) if (!defined.has(output.name)) reads.add(output.name);
  return reads;
}
