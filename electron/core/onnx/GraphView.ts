// A graph as code wants to see and change it: who makes and who reads each value, constants wherever they are held, nested graphs, safe edits.
import { create } from '@bufbuild/protobuf';
import { makeTensor } from './tensors/makeTensor.ts';
import { attributeOf } from './graph/attributes.ts';
import { freshNames } from './graph/freshNames.ts';
import { nodeNames } from './graph/nodeNames.ts';
import { sortNodes, type NodeOrder } from './graph/sortNodes.ts';
import { eachGraph, readsOf, subgraphsOf } from './graph/subgraphs.ts';
import { TensorProtoSchema, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from './schema/onnx_pb.ts';

export interface Consumer {
  readonly node: NodeProto;
  /** The view of the graph that the node is in: this one, or one nested in it. */
  readonly view: GraphView;
  /** Index among the node's inputs. */
  readonly index: number;
}

/** A live view: reads follow edits made through it. After changing `graph` by hand, call `refresh`. */
export interface GraphView {
  readonly graph: GraphProto;
  readonly parent: GraphView | null;
  /** The node of the parent that holds this graph, and the attribute ("then_branch"). */
  readonly owner: { readonly node: NodeProto; readonly attribute: string } | null;
  /** Where this graph is, for messages: "" at the top, else "If_3/then_branch/". */
  readonly place: string;
  /** Graph inputs that are fed at run time: those without an initializer. */
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];

  /** Stable and unique within the graph, for unnamed nodes too. */
  nameOf(node: NodeProto): string;
  /** The node of this graph that makes the value, or null. */
  producerOf(value: string): NodeProto | null;
  /** All reads of the value in this graph and in graphs nested in it (those that do not redefine the name). */
  consumersOf(value: string): readonly Consumer[];
  /** The constant behind a name: initializer, or Constant node (value, value_int(s), value_float(s), value_string(s)), here or in a scope around; else null. */
  constantOf(value: string): TensorProto | null;
  initializerOf(value: string): TensorProto | null;
  isInput(value: string): boolean;
  isOutput(value: string): boolean;
  /** Views of the graphs that a node holds. */
  subviewsOf(node: NodeProto): readonly GraphView[];
  /** This view and all nested ones, outer first. */
  everyView(): readonly GraphView[];
  order(): NodeOrder;

  /** Inserts before `before`, or appends. */
  addNode(node: NodeProto, before?: NodeProto): void;
  removeNode(node: NodeProto): void;
  addInitializer(tensor: TensorProto): void;
  /** Also removes the graph input of that name, which old files carry beside the initializer. */
  removeInitializer(value: string): void;
  /** Makes readers of `from` read `to`, nested graphs included; graph outputs keep their name unless they are told to follow. Answers the number of reads changed. */
  replaceUses(from: string, to: string, options?: { readonly except?: readonly NodeProto[]; readonly outputs?: boolean }): number;
  /** Renames a value everywhere in this graph and nested ones: definition, reads, value infos, inputs and outputs. */
  renameValue(from: string, to: string): void;
  /** A name that nothing in the whole model uses; counts up from `base`, and is taken from then on. */
  uniqueName(base: string): string;
  /** Puts nodes into topological order; answers false, leaving them, when there is a cycle. */
  sort(): boolean;
  refresh(): void;
}

interface Index {
  readonly producers: ReadonlyMap<string, NodeProto>;
  readonly consumers: ReadonlyMap<string, readonly Consumer[]>;
  readonly initializers: ReadonlyMap<string, TensorProto>;
  readonly inputNames: ReadonlySet<string>;
  readonly outputNames: ReadonlySet<string>;
  readonly names: ReadonlyMap<NodeProto, string>;
  readonly subviews: ReadonlyMap<NodeProto, readonly GraphView[]>;
}

/** Views the graph of a model (or of one of its subgraphs, with its parent). Nothing is copied. `rootPlace` stands before all places in messages. */
export function viewGraph(graph: GraphProto, parent: GraphView | null = null, owner: GraphView['owner'] = null, rootPlace = ''): GraphView {
  let index: Index | null = null;
  let fresh: ((base: string) => string) | null = null;
  const subviewCache = new Map<GraphProto, GraphView>();
  const constants = new Map<NodeProto, TensorProto | null>();
  const current = (): Index => (index ??= buildIndex());
  const place = parent && owner ? `${parent.place}${parent.nameOf(owner.node)}/${owner.attribute}/` : rootPlace;

  /** Edits inside a nested graph change who reads the values of the graphs around it. */
  const changed = (): void => {
    index = null;
    parent?.refresh();
  };

  const view: GraphView = {
    graph, parent, owner, place,
    get inputs() { return graph.input.filter((input) => !current().initializers.has(input.name)); },
    get outputs() { return graph.output; },
    nameOf: (node) => current().names.get(node) ?? (node.name || node.opType),
    producerOf: (value) => current().producers.get(value) ?? null,
    consumersOf: (value) => current().consumers.get(value) ?? [],
    initializerOf: (value) => current().initializers.get(value) ?? null,
    constantOf(value) {
      if (value === '') return null;
      const initializer = current().initializers.get(value);
      if (initializer) return initializer;
      const producer = current().producers.get(value);
      if (producer) return constantOfNode(producer);
      return current().inputNames.has(value) ? null : parent?.constantOf(value) ?? null;
    },
    isInput: (value) => current().inputNames.has(value),
    isOutput: (value) => current().outputNames.has(value),
    subviewsOf: (node) => current().subviews.get(node) ?? [],
    everyView: () => [view, ...graph.node.flatMap((node) => view.subviewsOf(node).flatMap((inner) => inner.everyView()))],
    order: () => sortNodes(graph),
    addNode(node, before) {
      const at = before ? graph.node.indexOf(before) : -1;
      graph.node.splice(at < 0 ? graph.node.length : at, 0, node);
      changed();
    },
    removeNode(node) {
      const at = graph.node.indexOf(node);
      if (at >= 0) graph.node.splice(at, 1);
      changed();
    },
    addInitializer(tensor) {
      graph.initializer.push(tensor);
      changed();
    },
    removeInitializer(value) {
      graph.initializer = graph.initializer.filter((tensor) => tensor.name !== value);
      graph.input = graph.input.filter((input) => input.name !== value);
      changed();
    },
    replaceUses(from, to, { except = [], outputs = false } = {}) {
      let count = 0;
      for (const consumer of view.consumersOf(from)) {
        if (except.includes(consumer.node)) continue;
        consumer.node.input[consumer.index] = to;
        count += 1;
        if (consumer.view !== view) consumer.view.refresh();
      }
      if (outputs) for (const output of graph.output) if (output.name === from) output.name = to;
      changed();
      return count;
    },
    renameValue(from, to) {
      view.replaceUses(from, to, { outputs: true });
      for (const node of graph.node) node.output.forEach((name, i) => { if (name === from) node.output[i] = to; });
      for (const tensor of graph.initializer) if (tensor.name === from) tensor.name = to;
      for (const info of [...graph.input, ...graph.valueInfo]) if (info.name === from) info.name = to;
      renameOuterOutputs(view, from, to);
      changed();
    },
    uniqueName(base) {
      if (parent) return parent.uniqueName(base);
      fresh ??= freshNames(namesIn(graph));
      return fresh(base);
    },
    sort() {
      const { order, cyclic } = sortNodes(graph);
      if (cyclic.length > 0) return false;
      graph.node = [...order];
      changed();
      return true;
    },
    refresh: changed,
  };

  function buildIndex(): Index {
    const producers = new Map<string, NodeProto>();
    const consumers = new Map<string, Consumer[]>();
    const subviews = new Map<NodeProto, GraphView[]>();
    index = { // names and producers first: subviews ask for the owner's name
      producers, consumers, subviews, names: nodeNames(graph),
      initializers: new Map(graph.initializer.map((tensor) => [tensor.name, tensor])),
      inputNames: new Set(graph.input.map((input) => input.name)), outputNames: new Set(graph.output.map((output) => output.name)),
    };
    const add = (value: string, consumer: Consumer) => {
      const list = consumers.get(value);
      if (list) list.push(consumer);
      else consumers.set(value, [consumer]);
    };
    for (const node of graph.node) {
      for (const name of node.output) if (name !== '') producers.set(name, node);
      node.input.forEach((name, i) => name !== '' && add(name, { node, view, index: i }));
      const inner = subgraphsOf(node);
      if (inner.length === 0) continue;
      subviews.set(node, inner.map((subgraph) => {
        const known = subviewCache.get(subgraph.graph) ?? viewGraph(subgraph.graph, view, { node, attribute: subgraph.attribute });
        subviewCache.set(subgraph.graph, known);
        return known;
      }));
      for (const subview of subviews.get(node) ?? []) for (const [value, list] of consumersWithin(subview)) if (!isDefinedIn(subview, value)) list.forEach((consumer) => add(value, consumer));
    }
    return index;
  }

  function constantOfNode(node: NodeProto): TensorProto | null {
    if (node.opType !== 'Constant' || (node.domain !== '' && node.domain !== 'ai.onnx')) return null;
    const known = constants.get(node);
    if (known !== undefined) return known;
    const tensor = tensorOfConstant(node);
    constants.set(node, tensor);
    return tensor;
  }

  return view;
}

function isDefinedIn(view: GraphView, value: string): boolean {
  return view.isInput(value) || view.producerOf(value) !== null || view.initializerOf(value) !== null;
}

/** Reads within a nested graph by value, its own nested graphs included. */
function consumersWithin(view: GraphView): Map<string, readonly Consumer[]> {
  const names = new Set(view.graph.node.flatMap(readsOf));
  return new Map([...names].map((name) => [name, view.consumersOf(name)]));
}

/** A nested graph may name a value of the scope around it as its output. */
function renameOuterOutputs(view: GraphView, from: string, to: string): void {
  for (const inner of view.everyView().slice(1)) {
    if (isDefinedIn(inner, from)) continue;
    for (const output of inner.graph.output) if (output.name === from) output.name = to;
    inner.refresh();
  }
}

function namesIn(root: GraphProto): Set<string> {
  const names = new Set<string>();
  for (const graph of eachGraph(root)) {
    for (const node of graph.node) [node.name, ...node.input, ...node.output].forEach((name) => names.add(name));
    for (const item of [...graph.initializer, ...graph.input, ...graph.output, ...graph.valueInfo]) names.add(item.name);
    for (const sparse of graph.sparseInitializer) names.add(sparse.values?.name ?? '');
  }
  return names;
}

/** The value of a Constant node as a tensor named like its output; null for sparse values and references to function attributes. */
export function tensorOfConstant(node: NodeProto): TensorProto | null {
  const name = node.output[0] ?? '';
  const value = attributeOf(node, 'value')?.t;
  if (value) return value.name === name ? value : withName(value, name);
  const scalar = (attribute: string) => attributeOf(node, attribute);
  const int = scalar('value_int');
  if (int) return makeTensor(name, { type: 'int64', dims: [], data: BigInt64Array.of(int.i) });
  const ints = scalar('value_ints');
  if (ints) return makeTensor(name, { type: 'int64', dims: [ints.ints.length], data: BigInt64Array.from(ints.ints) });
  const float = scalar('value_float');
  if (float) return makeTensor(name, { type: 'float32', dims: [], data: Float32Array.of(float.f) });
  const floats = scalar('value_floats');
  if (floats) return makeTensor(name, { type: 'float32', dims: [floats.floats.length], data: Float32Array.from(floats.floats) });
  const text = scalar('value_string') ?? scalar('value_strings');
  if (text) return create(TensorProtoSchema, { name, dataType: 8, dims: text.name === 'value_string' ? [] : [BigInt(text.strings.length)], stringData: text.name === 'value_string' ? [text.s] : text.strings });
  return null;
}

/** The same tensor under another name; the bytes are shared. */
function withName(tensor: TensorProto, name: string): TensorProto {
  const copy: TensorProto = Object.create(Object.getPrototypeOf(tensor)); // schema defaults live on the prototype
  return Object.assign(copy, tensor, { name });
}
