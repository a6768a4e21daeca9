// Checks of one graph: each value is defined once, everything read is defined, nodes are in order, stored tensors are whole.
import type { GraphView } from '../GraphView.ts';
import { subgraphsOf } from '../graph/subgraphs.ts';
import type { NodeProto, TensorProto } from '../schema/onnx_pb.ts';
import { typeFromProto } from '../types/ValueType.ts';
import { checkTensor, type ExternalFiles } from './checkTensor.ts';
import { quoted, type FindingList } from './FindingList.ts';

/** Names that can be read from a graph; a chain of scopes, for copying them into each nested graph takes quadratic time. */
export interface VisibleNames { has(name: string): boolean }

export interface GraphCheck {
  readonly view: GraphView;
  readonly findings: FindingList;
  readonly files: ExternalFiles | null;
  /** Names that the scopes around this graph define. */
  readonly outer: VisibleNames;
}

/** Answers the names that graphs nested in this one may read. Nested graphs themselves are the caller's. */
export function checkGraph({ view, findings, files, outer }: GraphCheck): VisibleNames {
  const { graph } = view;
  const top = view.place === '' ? 'graph' : view.place;
  const placeOf = (node: NodeProto) => `${view.place}${view.nameOf(node)}`;
  const defined = new Set<string>();
  const initializers = new Set<string>();
  for (const input of graph.input) {
    if (input.name === '') findings.add('INPUT_UNNAMED', 'error', top, 'An input of the graph has no name.', 'Export the model again.');
    define(input.name, top, 'input');
    if (view.place === '' && !input.type) findings.add('INPUT_UNTYPED', 'warning', top, `The input ${quoted(input.name)} has no type.`, 'Export the model again.');
    const dims = typeFromProto(input.type).shape;
    if (dims?.some((dim) => dim === 0)) findings.add('INPUT_EMPTY', 'warning', top, `The input ${quoted(input.name)} has a dimension of size 0, so it never holds a value.`, 'Export the model with the size left open.');
  }
  for (const [tensor, place] of storedTensors(view)) {
    checkTensor(tensor, place, findings, files);
  }
  for (const name of [...graph.initializer.map((tensor) => tensor.name), ...graph.sparseInitializer.map((sparse) => sparse.values?.name ?? '')]) {
    if (name === '') findings.add('INITIALIZER_UNNAMED', 'error', top, 'A stored tensor of the graph has no name.', 'Export the model again.');
    else if (initializers.has(name)) findings.add('VALUE_TWICE', 'error', name, `The stored tensor ${quoted(name)} is there twice.`, 'Export the model again.');
    initializers.add(name);
    defined.add(name);
  }
  function define(name: string, place: string, what: string): void {
    if (name === '') return;
    if (defined.has(name)) findings.add('VALUE_TWICE', 'error', place, `The value ${quoted(name)} is defined twice: again as ${what}.`, 'Each value may have one source: export the model again.');
    else if (outer.has(name)) findings.add('VALUE_HIDES', 'warning', place, `The value ${quoted(name)} hides one of the same name in the graph around it.`);
    defined.add(name);
  }
  for (const node of graph.node) for (const name of node.output) define(name, placeOf(node), 'an output of this node');
  const visible: VisibleNames = { has: (name) => defined.has(name) || outer.has(name) };
  checkReads(view, findings, visible, placeOf);
  for (const output of graph.output) {
    if (output.name === '' || !visible.has(output.name)) findings.add('OUTPUT_UNDEFINED', 'error', top, `The output ${quoted(output.name)} of the graph is made by nothing.`, 'Export the model again.');
    if (view.place === '' && !['tensor', 'unknown'].includes(typeFromProto(output.type).kind)) findings.add('OUTPUT_NOT_TENSOR', 'warning', top, `The output ${quoted(output.name)} is a ${typeFromProto(output.type).kind}, which the runtime here cannot hand over.`, 'Import the model: ends such as ZipMap are taken off.');
  }
  checkOrder(view, findings, placeOf);
  return visible;
}

function checkReads(view: GraphView, findings: FindingList, visible: VisibleNames, placeOf: (node: NodeProto) => string): void {
  const names = new Set<string>();
  for (const node of view.graph.node) {
    node.input.forEach((name, index) => {
      if (name !== '' && !visible.has(name)) findings.add('INPUT_UNDEFINED', 'error', placeOf(node), `Input ${index} of the ${node.opType} node reads ${quoted(name)}, which nothing defines.`, 'Export the model again.');
    });
    if (node.name !== '' && names.has(node.name)) findings.add('NODE_NAME_TWICE', 'info', placeOf(node), `More than one node has the name ${quoted(node.name)}.`);
    names.add(node.name);
    if (node.opType === 'If') for (const { graph, attribute } of subgraphsOf(node)) if (graph.output.length !== node.output.length) findings.add('BRANCH_OUTPUTS', 'error', placeOf(node), `The ${attribute} of the If node gives ${graph.output.length} values, but the node has ${node.output.length} outputs.`, 'Export the model again.');
  }
}

/** Runtimes sort for themselves, so a wrong order is a warning; a cycle is the end. */
function checkOrder(view: GraphView, findings: FindingList, placeOf: (node: NodeProto) => string): void {
  const { order, cyclic } = view.order();
  const first = cyclic[0];
  if (first) findings.add('GRAPH_CYCLE', 'error', placeOf(first), `The graph has a cycle: the ${first.opType} node and ${cyclic.length - 1} more wait for each other.`, 'Export the model again.');
  const misplaced = order.length === view.graph.node.length ? order.find((node, index) => node !== view.graph.node[index]) : undefined;
  if (misplaced) findings.add('GRAPH_ORDER', 'warning', placeOf(misplaced), 'The nodes are not in an order in which each follows what it reads.', 'Some tools refuse such files: export the model again.');
}

/** Initializers and the tensors in attributes of nodes, with where they are. */
function* storedTensors(view: GraphView): Generator<readonly [TensorProto, string]> {
  for (const tensor of view.graph.initializer) yield [tensor, `${view.place}${tensor.name}`];
  for (const node of view.graph.node) {
    const place = `${view.place}${view.nameOf(node)}`;
    for (const attribute of node.attribute) for (const tensor of attribute.t ? [attribute.t, ...attribute.tensors] : attribute.tensors) yield [tensor, place];
  }
}
