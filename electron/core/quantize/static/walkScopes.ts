// A model as the list of its graphs: the main one and those inside If, Loop and Scan nodes, each with what it can see from outside.
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { inferElementTypes, type ElementTypes } from '../graph/elementTypes.ts';
import { nodeNames } from '../../onnx/graph/nodeNames.ts';
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';

export interface Scope {
  /** '' for the main graph, `If_0/then_branch/` … for those below. */
  readonly path: string;
  readonly graph: GraphProto;
  readonly parent: Scope | null;
  readonly types: ElementTypes;
  /** Whether its tensors can be brought out and observed; see exposeTensors. */
  readonly observable: boolean;
  /** Inside a Loop or Scan: it runs an unknown number of times. */
  readonly repeated: boolean;
}

/** Gives every node a name that is unique in its graph; the reference and the runtime's messages refer to nodes by name. */
export function nameNodes(graph: GraphProto): void {
  for (const [node, name] of nodeNames(graph)) node.name = name;
  for (const node of graph.node) for (const { graph: inner } of subgraphsOf(node)) nameNodes(inner);
}

/** A branch of an If and a body of a Loop can be looked into; the body of a Scan too, but what lies in it may not answer different sizes at each step. */
const observableWithin = (opType: string, inScan: boolean): boolean => opType === 'Scan' || ((opType === 'If' || opType === 'Loop') && !inScan);

export function walkScopes(model: ModelProto): Scope[] {
  const scopes: Scope[] = [];
  const visit = (graph: GraphProto, path: string, parent: Scope | null, { observable, repeated, inScan }: { readonly observable: boolean; readonly repeated: boolean; readonly inScan: boolean }) => {
    const scope: Scope = { path, graph, parent, types: inferElementTypes(graph, parent?.types), observable, repeated };
    scopes.push(scope);
    for (const node of graph.node) for (const { attribute, graph: inner } of subgraphsOf(node)) {
      visit(inner, `${path}${node.name}/${attribute}/`, scope, { observable: observable && observableWithin(node.opType, inScan), repeated: repeated || node.opType !== 'If', inScan: inScan || node.opType === 'Scan' });
    }
  };
  if (model.graph) visit(model.graph, '', null, { observable: true, repeated: false, inScan: false });
  return scopes;
}

/** An initializer of this graph or of one around it. */
export function initializerOf(scope: Scope, name: string): { tensor: TensorProto; scope: Scope } | null {
  for (let s: Scope | null = scope; s; s = s.parent) {
    const tensor = s.graph.initializer.find((t) => t.name === name);
    if (tensor) return { tensor, scope: s };
    if (s.graph.node.some((n) => n.output.includes(name)) || s.graph.input.some((i) => i.name === name)) return null;
  }
  return null;
}

/** How a node is named to the user. */
export const nodeLabel = (scope: Scope, node: NodeProto): string => `${scope.path}${node.name}`;
