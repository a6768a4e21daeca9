// Damages the meaning of a model instead of its bytes: the encoding stays valid, so that the damage reaches the checker and the shape inference.
import { create } from '@bufbuild/protobuf';
import { copyMessage } from '#core/onnx/copyModel';
import { decodeModel } from '#core/onnx/decodeModel';
import { encodeModel } from '#core/onnx/encodeModel';
import { eachTensor } from '#core/onnx/externalRefs';
import { makeAttribute, makeNode } from '#core/onnx/graph/attributes';
import { eachGraph } from '#core/onnx/graph/subgraphs';
import { GraphProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation, type GraphProto, type ModelProto } from '#core/onnx/schema/onnx_pb';

export const graphMutationKinds = ['huge-dims', 'wild-attributes', 'swapped-names', 'swapped-operators', 'nested-graphs', 'external-places', 'other-opset'] as const;
export type GraphMutationKind = (typeof graphMutationKinds)[number];

const decoded = new WeakMap<Uint8Array, ModelProto>();
const wildInts = [0n, -1n, 1n, 3n, 2n ** 31n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n];
const wildFloats = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 3.4e38];
const places = ['../outside.bin', '/etc/hostname', 'C:\\x', 'external.bin', '', 'a/../../b', 'external.bin\u0000x', 'x'.repeat(5000)];

/** The bytes of a damaged copy; `source` is decoded once and stays as it is. */
export function mutateGraph(source: Uint8Array, kind: GraphMutationKind, random: (limit: number) => number): Uint8Array {
  const known = decoded.get(source) ?? decodeModel(source);
  decoded.set(source, known);
  const model = copyMessage(known);
  const graphs = model.graph ? [...eachGraph(model.graph)] : [];
  const pick = <T>(list: readonly T[]): T | undefined => list[random(list.length)];
  for (let times = 1 + random(4); times > 0; times--) {
    const graph = pick(graphs);
    if (graph) damage(model, graph, kind, random, pick);
  }
  return encodeModel(model);
}

function damage(model: ModelProto, graph: GraphProto, kind: GraphMutationKind, random: (limit: number) => number, pick: <T>(list: readonly T[]) => T | undefined): void {
  const node = pick(graph.node);
  switch (kind) {
    case 'huge-dims': {
      const tensor = pick([...eachTensor(model)]);
      if (tensor && random(2)) {
        if (random(4) === 0) tensor.dims = Array.from({ length: 1 + random(3000) }, () => 2n);
        else tensor.dims[random(tensor.dims.length + 1)] = pick(wildInts) ?? 0n;
        return;
      }
      const type = pick([...graph.input, ...graph.output, ...graph.valueInfo])?.type?.value;
      const dims = type?.case === 'tensorType' ? type.value.shape?.dim : undefined;
      const dim = dims && pick(dims);
      if (dim) dim.value = { case: 'dimValue', value: pick(wildInts) ?? 0n };
      return;
    }
    case 'wild-attributes': {
      const attribute = node && pick(node.attribute);
      if (!node || !attribute) return;
      switch (random(5)) {
        case 0: attribute.i = pick(wildInts) ?? 0n; return;
        case 1: attribute.f = pick(wildFloats) ?? 0; return;
        case 2: attribute.ints = attribute.ints.length > 0 && random(2) ? attribute.ints.map(() => pick(wildInts) ?? 0n) : Array.from({ length: random(200) }, () => pick(wildInts) ?? 0n); return;
        case 3: attribute.type = random(16); return;
        default: node.attribute.splice(node.attribute.indexOf(attribute), 1); return;
      }
    }
    case 'swapped-names': {
      const other = pick(graph.node);
      if (!node || !other) return;
      if (random(2)) node.input[random(node.input.length + 1)] = pick(other.output) ?? '';
      else node.output[random(node.output.length + 1)] = pick(other.output) ?? '';
      return;
    }
    case 'swapped-operators': {
      const other = pick(graph.node);
      if (!node || !other) return;
      [node.opType, other.opType] = [other.opType, node.opType];
      if (random(3) === 0) node.domain = ['com.microsoft', 'ai.onnx.ml', 'not.published', '__proto__'][random(4)] ?? '';
      return;
    }
    case 'nested-graphs': {
      let inner: GraphProto = create(GraphProtoSchema, { node: node ? [copyMessage(node)] : [], output: graph.output.map(copyMessage) });
      for (let depth = 1 + random(40); depth > 0; depth--) {
        const branches = { then_branch: inner, ...(random(3) === 0 && depth < 6 ? { else_branch: copyMessage(inner) } : {}) };
        inner = create(GraphProtoSchema, { node: [makeNode('If', [node?.input[0] ?? 'c'], ['nested'], { attributes: branches })], output: graph.output.map(copyMessage) });
      }
      graph.node.splice(random(graph.node.length + 1), 0, makeNode(['If', 'Loop', 'Scan'][random(3)] ?? 'If', node?.input.slice() ?? [], node?.output.slice() ?? [], { attributes: { body: inner, num_scan_inputs: pick(wildInts) ?? 0n } }));
      return;
    }
    case 'external-places': {
      const tensor = pick([...eachTensor(model)]);
      if (!tensor) return;
      tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
      tensor.externalData = [['location', pick(places) ?? ''], ['offset', String(pick(wildInts) ?? 0n)], ['length', String(random(100))]].map(([key = '', value = '']) => create(StringStringEntryProtoSchema, { key, value }));
      if (random(2)) tensor.externalData.splice(random(3), 1);
      return;
    }
    case 'other-opset':
      for (const entry of model.opsetImport) entry.version = random(3) ? BigInt(1 + random(30)) : pick(wildInts) ?? 0n;
      if (node && random(2)) node.attribute.push(makeAttribute(pick(['axis', 'axes', 'perm', 'to', 'kernel_shape', 'body']) ?? 'axis', pick(wildInts) ?? 0n));
      return;
  }
}
