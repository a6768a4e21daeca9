// Nodes of a model, nested graphs included, with their depth: the longest way from the inputs.
import { domainLabel, canonicalDomain } from './graph/opsets.ts';
import { readsOf } from './graph/subgraphs.ts';
import { viewGraph, type GraphView } from './GraphView.ts';
import type { ModelProto } from './schema/onnx_pb.ts';

export interface OutlineNode {
  /** With the place of nested graphs before it: "If_3/then_branch/Conv_0". */
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  /** 0 for nodes that read only inputs and constants; nested nodes count from the node that holds them. */
  readonly depth: number;
}

export function graphOutline(model: ModelProto): OutlineNode[] {
  const nodes: OutlineNode[] = [];
  const visit = (view: GraphView, base: number): void => {
    const depthOf = new Map<string, number>();
    const { order, cyclic } = view.order();
    for (const node of [...order, ...cyclic]) {
      const depth = readsOf(node).reduce((most, name) => Math.max(most, (depthOf.get(name) ?? base - 1) + (view.constantOf(name) ? 0 : 1)), base);
      for (const name of node.output) depthOf.set(name, depth);
      nodes.push({ name: `${view.place}${view.nameOf(node)}`, operator: node.opType, domain: domainLabel(canonicalDomain(node.domain)), inputs: [...node.input], outputs: [...node.output], depth });
      for (const inner of view.subviewsOf(node)) visit(inner, depth + 1);
    }
  };
  if (model.graph) visit(viewGraph(model.graph), 0);
  return nodes;
}
