// What differs in the structure of two models: nodes, stored tensors, opsets, inputs and outputs. Renaming alone is no difference.
import { toBinary } from '@bufbuild/protobuf';
import type { ModelDiff } from '#shared/contract/models';
import { canonicalDomain, opsetsOf } from './graph/opsets.ts';
import { viewGraph, type GraphView } from './GraphView.ts';
import { AttributeProtoSchema, type GraphProto, type ModelProto, type NodeProto, type TensorProto } from './schema/onnx_pb.ts';
import { dataTypeName } from './tensors/dataTypes.ts';
import { isExternal } from './tensors/ExternalData.ts';
import { shapeLabel, typeFromProto, typeLabel } from './types/ValueType.ts';

type NodeEntry = ModelDiff['nodes']['entries'][number];
type TensorEntry = ModelDiff['initializers']['entries'][number];

/** Nodes are matched by what they compute, then by name, then by their output's name. Nested graphs count as part of their node. */
export function diffModels(a: ModelProto, b: ModelProto): ModelDiff {
  const before = sideOf(a);
  const after = sideOf(b);
  const nodes = diffNodes(before, after);
  const initializers = diffTensors(before, after);
  const opset = diffOpsets(a, b);
  const inputs = diffValues(a.graph, b.graph, 'input');
  const outputs = diffValues(a.graph, b.graph, 'output');
  const identical = nodes.length + initializers.length + Object.keys(opset).length + inputs.length + outputs.length === 0;
  return { identical, nodes: { ...count(nodes), entries: nodes }, initializers: { ...count(initializers), entries: initializers }, opset, inputs, outputs };
}

function count(entries: readonly { readonly kind: 'added' | 'removed' | 'changed' }[]): { added: number; removed: number; changed: number } {
  const of = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
  return { added: of('added'), removed: of('removed'), changed: of('changed') };
}

interface Side {
  readonly view: GraphView | null;
  readonly nodes: readonly NodeProto[];
  /** A hash of what a node computes, from the graph's inputs on, without any name but those of inputs. */
  readonly meaning: ReadonlyMap<NodeProto, string>;
  readonly tensors: ReadonlyMap<string, { readonly hash: string; readonly label: string }>;
}

function sideOf(model: ModelProto): Side {
  const graph = model.graph;
  if (!graph) return { view: null, nodes: [], meaning: new Map(), tensors: new Map() };
  const view = viewGraph(graph);
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, { hash: tensorHash(tensor), label: `${dataTypeName(tensor.dataType)} [${tensor.dims.join(', ')}]` }]));
  const values = new Map<string, string>();
  const meaning = new Map<NodeProto, string>();
  for (const node of view.order().order) {
    const inputs = node.input.map((name) => values.get(name) ?? tensors.get(name)?.hash ?? `in:${name}`);
    const own = hashText([ownMeaning(node), ...inputs].join('|'));
    meaning.set(node, own);
    node.output.forEach((name, index) => name !== '' && values.set(name, `${own}:${index}`));
  }
  return { view, nodes: graph.node, meaning, tensors };
}

/** Operator and attributes, whatever the order of the attributes. */
function ownMeaning(node: NodeProto): string {
  const attributes = node.attribute.map((attribute) => `${attribute.name}=${hashBytes(toBinary(AttributeProtoSchema, attribute))}`).sort();
  return [canonicalDomain(node.domain), node.opType, node.overload, ...attributes].join(';');
}

function diffNodes(before: Side, after: Side): NodeEntry[] {
  const partner = new Map<NodeProto, NodeProto>();
  const free = new Set(after.nodes);
  const pair = (node: NodeProto, other: NodeProto | undefined) => {
    if (!other) return;
    partner.set(node, other);
    free.delete(other);
  };
  const rounds: ((side: Side, node: NodeProto) => string | null)[] = [
    (side, node) => side.meaning.get(node) ?? null,
    (_, node) => (node.name === '' ? null : `${node.opType}/${node.name}`),
    (_, node) => (node.output[0] ? `${node.opType}/${node.output[0]}` : null),
    (_, node) => `${node.opType}/${ownMeaning(node)}`,
  ];
  for (const keyOf of rounds) {
    const byKey = new Map<string, NodeProto[]>();
    for (const node of free) {
      const key = keyOf(after, node);
      if (key === null) continue;
      const list = byKey.get(key);
      if (list) list.push(node);
      else byKey.set(key, [node]);
    }
    const taken = new Map<string, number>(); // not shift(): a model may have a hundred thousand nodes that look alike
    for (const node of before.nodes) {
      if (partner.has(node)) continue;
      const key = keyOf(before, node);
      if (key === null) continue;
      const at = taken.get(key) ?? 0;
      taken.set(key, at + 1);
      pair(node, byKey.get(key)?.[at]);
    }
  }
  const name = (side: Side, node: NodeProto) => side.view?.nameOf(node) ?? node.opType;
  const entries: NodeEntry[] = [];
  for (const node of before.nodes) {
    const other = partner.get(node);
    if (!other) entries.push({ kind: 'removed', node: name(before, node), operator: node.opType, detail: '' });
    else if (before.meaning.get(node) !== after.meaning.get(other)) {
      const detail = changeOf(before, node, after, other, partner);
      if (detail !== '') entries.push({ kind: 'changed', node: name(before, node), operator: node.opType, detail });
    }
  }
  for (const node of free) entries.push({ kind: 'added', node: name(after, node), operator: node.opType, detail: '' });
  return entries;
}

/** What is different about the node itself; empty when only something before it changed. */
function changeOf(before: Side, node: NodeProto, after: Side, other: NodeProto, partner: ReadonlyMap<NodeProto, NodeProto>): string {
  const parts: string[] = [];
  const attributes = (one: NodeProto) => new Map(one.attribute.map((attribute) => [attribute.name, hashBytes(toBinary(AttributeProtoSchema, attribute))]));
  const [old, now] = [attributes(node), attributes(other)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key)).sort();
  if (changed.length > 0) parts.push(`attributes: ${changed.join(', ')}`);
  const inputs = Array.from({ length: Math.max(node.input.length, other.input.length) }, (_, i) => i).filter((i) => !sameSource(before, node.input[i] ?? '', after, other.input[i] ?? '', partner));
  if (inputs.length > 0) parts.push(`inputs: ${inputs.map((i) => other.input[i] || node.input[i] || String(i)).join(', ')}`);
  if (node.output.length !== other.output.length) parts.push(`outputs: ${node.output.length} before, ${other.output.length} after`);
  return parts.join('; ');
}

function sameSource(before: Side, a: string, after: Side, b: string, partner: ReadonlyMap<NodeProto, NodeProto>): boolean {
  if (a === '' || b === '') return a === b;
  const maker = before.view?.producerOf(a);
  const other = after.view?.producerOf(b);
  if (maker && other) return partner.get(maker) === other && maker.output.indexOf(a) === other.output.indexOf(b);
  if (maker || other) return false;
  const [left, right] = [before.tensors.get(a), after.tensors.get(b)];
  return left && right ? left.hash === right.hash : left === right && a === b;
}

function diffTensors(before: Side, after: Side): TensorEntry[] {
  const entries: TensorEntry[] = [];
  const added = new Map([...after.tensors].filter(([name]) => !before.tensors.has(name)));
  const namesByHash = new Map<string, string[]>();
  for (const [name, { hash }] of [...added].reverse()) {
    const names = namesByHash.get(hash);
    if (names) names.push(name);
    else namesByHash.set(hash, [name]);
  }
  for (const [name, tensor] of before.tensors) {
    const same = after.tensors.get(name);
    if (same) {
      if (same.hash !== tensor.hash) entries.push({ kind: 'changed', name, detail: same.label === tensor.label ? `${tensor.label}: other values` : `${tensor.label} before, ${same.label} after` });
      continue;
    }
    const renamed = namesByHash.get(tensor.hash)?.pop();
    if (renamed !== undefined) added.delete(renamed);
    else entries.push({ kind: 'removed', name, detail: tensor.label });
  }
  for (const [name, tensor] of added) entries.push({ kind: 'added', name, detail: tensor.label });
  return entries;
}

function diffOpsets(a: ModelProto, b: ModelProto): ModelDiff['opset'] {
  const [before, after] = [opsetsOf(a), opsetsOf(b)];
  const domains = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((domain) => before[domain] !== after[domain]);
  return Object.fromEntries(domains.map((domain) => [domain, { before: before[domain] ?? null, after: after[domain] ?? null }]));
}

/** One sentence for each input or output that came, went or changed its type. */
function diffValues(a: GraphProto | undefined, b: GraphProto | undefined, which: 'input' | 'output'): string[] {
  const listed = (graph: GraphProto | undefined) => {
    const held = new Set(graph?.initializer.map((tensor) => tensor.name));
    return new Map((graph?.[which] ?? []).filter((info) => !held.has(info.name)).map((info) => { const type = typeFromProto(info.type); return [info.name, `${typeLabel(type)} ${shapeLabel(type.shape)}`]; }));
  };
  const [before, after] = [listed(a), listed(b)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    if (old === undefined) return [`The ${which} "${name}" (${now}) is new.`];
    return now === undefined ? [`The ${which} "${name}" (${old}) is gone.`] : [`The ${which} "${name}" was ${old} and is ${now}.`];
  });
}

/** Type, dimensions and bytes; the place stands for the bytes of external tensors. */
function tensorHash(tensor: TensorProto): string {
  const head = `${tensor.dataType}[${tensor.dims.join(',')}]`;
  if (isExternal(tensor)) return hashText(`${head}@${tensor.externalData.map((entry) => `${entry.key}=${entry.value}`).sort().join(',')}`);
  if (tensor.rawData.length > 0) return `${head}#${hashBytes(tensor.rawData)}`;
  return hashText(`${head}:${tensor.floatData.join()};${tensor.int32Data.join()};${tensor.int64Data.join()};${tensor.uint64Data.join()};${tensor.doubleData.join()};${tensor.stringData.map(hashBytes).join()}`);
}

function hashText(text: string): string {
  return hashBytes(new TextEncoder().encode(text));
}

/** Two FNV-1a hashes of 32 bits with different starts, and the length: telling weights apart, not a seal. */
function hashBytes(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return `${bytes.length}.${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`;
}
