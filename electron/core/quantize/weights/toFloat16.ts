// FP16: weights and inner tensors as halves; inputs and outputs keep their types, and operators that need float32 get it through casts.
import { attributeOf, intAttribute, makeNode, setAttribute } from '../../onnx/graph/attributes.ts';
import { freshNames } from '../../onnx/graph/freshNames.ts';
import { sortNodes } from '../../onnx/graph/sortNodes.ts';
import { opsetOf } from '../../onnx/graph/opsets.ts';
import { readsOf, subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { AttributeProtoSchema, TensorProtoSchema, type GraphProto, type ModelProto, type NodeProto, type ValueInfoProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { copyMessage, dataTypes, dimsOf, floatsOf, isDefaultDomain, tensorOver, withElementType } from '../graph/protos.ts';
import { sequenceNames, worksOnSequences } from '../graph/sequenceNames.ts';
import { toFloat16Tensor } from '../numerics/float16.ts';
import { nodeLabel, walkScopes, type Scope } from '../static/walkScopes.ts';
import type { RewriteResult } from './rewriteScopes.ts';

/** Operators without a half-precision form in the standard or the runtime. Source: the list of onnxconverter-common and the runtime's converter. */
const blocked = new Set([
  'ArrayFeatureExtractor', 'Binarizer', 'CastMap', 'CategoryMapper', 'DictVectorizer', 'FeatureVectorizer', 'Imputer', 'LabelEncoder', 'LinearClassifier', 'LinearRegressor',
  'Normalizer', 'OneHotEncoder', 'RandomUniformLike', 'SVMClassifier', 'SVMRegressor', 'Scaler', 'TreeEnsembleClassifier', 'TreeEnsembleRegressor', 'TreeEnsemble', 'ZipMap',
  'NonMaxSuppression', 'TopK', 'RoiAlign', 'Range', 'CumSum', 'Min', 'Max', 'Upsample', 'RandomNormalLike', 'RandomNormal', 'RandomUniform', 'Multinomial', 'StringNormalizer', 'TfIdfVectorizer', 'DFT', 'STFT', 'MelWeightMatrix',
  'Bernoulli', 'HannWindow', 'HammingWindow', 'BlackmanWindow', 'EyeLike', 'DynamicQuantizeLinear',
]);
/** Inputs that stay float32 whatever the data's type is: region and scales of Resize. */
const float32Inputs: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2] };
/** Outputs that are float32 whatever the data's type is: mean and deviation of a normalization. */
const float32Outputs: Readonly<Record<string, readonly number[]>> = { LayerNormalization: [1, 2] };

function reasonToKeep(node: NodeProto, opset: number): string | null {
  if (worksOnSequences(node.opType)) return 'the tensors of a sequence keep their type';
  return blocked.has(node.opType) || !isDefaultDomain(node) || (node.opType === 'IsInf' && opset < 20) ? `${node.opType} has no half-precision form` : null;
}

export interface Float16Result extends RewriteResult { readonly clamped: number; readonly lifted: number }

export function toFloat16(source: ModelProto, keep: ReadonlyMap<string, string>): Float16Result {
  const model = cloneModel(source);
  const result = { quantized: [] as { node: string; operator: string; outputs: readonly string[]; scope: string }[], kept: [] as { node: string; reason: string }[], clamped: 0, lifted: 0 };
  const whole: Whole = { opset: opsetOf(model) ?? 0, given: new Map(), sequences: new Map() };
  for (const scope of walkScopes(model)) convertScope(scope, keep, result, whole);
  return { model, ...result };
}

interface Totals { quantized: { node: string; operator: string; outputs: readonly string[]; scope: string }[]; kept: { node: string; reason: string }[]; clamped: number; lifted: number }

interface Whole {
  readonly opset: number;
  /** Half tensor -> the float32 one that it was made of, where that is there before any node runs: graphs within read it too. */
  readonly given: Map<string, string>;
  readonly sequences: Map<Scope, ReadonlySet<string>>;
}

/** Graphs come outer first: what is renamed in one has its type there, where those within it find it. */
function convertScope(scope: Scope, keep: ReadonlyMap<string, string>, totals: Totals, { opset, given, sequences }: Whole): void {
  const { graph, types } = scope;
  const sequence = sequenceNames(graph, scope.parent ? sequences.get(scope.parent) : undefined);
  sequences.set(scope, sequence);
  const isMain = scope.parent === null;
  const fresh = freshNames([...types.keys(), ...graph.node.flatMap((n) => [...n.input, ...n.output])]);
  const typeOf = (name: string): number | undefined => { for (let s: Scope | null = scope; s; s = s.parent) { const type = s.types.get(name); if (type !== undefined) return type; } return undefined; };
  const isFloat = (name: string | undefined) => Boolean(name) && !sequence.has(name!) && typeOf(name!) === dataTypes.float;
  const nodes: NodeProto[] = [];
  const cast = (from: string, to: string, type: number) => nodes.push(makeNode('Cast', [from], [to], { name: fresh(`${to}_cast`), attributes: { to: { int: type } } }));
  const float32 = new Map(given); // half tensor -> its float32 twin, for blocked readers
  const stays = new Set<string>(); // float32 tensors of this graph
  const kept32 = new Map(graph.initializer.map((t) => [t.name, t]));
  const asFloat32 = (name: string): string => {
    const original = kept32.get(name);
    const known = float32.get(name);
    if (known) return known;
    const twin = fresh(`${name}_float32`);
    float32.set(name, twin);
    stays.add(twin);
    if (original) graph.initializer.push(copyMessage(TensorProtoSchema, original, { name: twin }));
    else cast(name, twin, dataTypes.float);
    return twin;
  };
  const renamed = new Map<string, string>();
  const halve = (name: string): void => {
    const half = fresh(`${name}_float16`);
    cast(name, half, dataTypes.float16);
    renamed.set(name, half);
    types.set(half, dataTypes.float);
    given.set(half, name);
    float32.set(half, name);
    stays.add(name);
  };
  // What a caller sees, and what is stored sparse, stays as it is; nodes read a half of it.
  const read = new Set(graph.node.flatMap(readsOf));
  const declared = new Set(isMain ? graph.output.map(({ name }) => name) : []);
  const sparse = graph.sparseInitializer.flatMap(({ values }) => (values?.dataType === dataTypes.float ? [values.name] : []));
  if (isMain) for (const { name } of graph.input) if (isFloat(name)) halve(name);
  for (const name of [...sparse, ...graph.initializer.filter((t) => t.dataType === dataTypes.float && declared.has(t.name)).map((t) => t.name)]) {
    if (renamed.has(name)) continue;
    stays.add(name);
    types.set(name, dataTypes.float);
    if (read.has(name)) halve(name);
  }
  for (const node of graph.node) {
    const label = nodeLabel(scope, node);
    const touches = [...node.input, ...node.output].some((name) => isFloat(name));
    node.input = node.input.map((name) => renamed.get(name) ?? name);
    for (const { graph: inner } of subgraphsOf(node)) renameReads(inner, renamed);
    const reason = keep.get(label) ?? reasonToKeep(node, opset);
    if (!touches) { nodes.push(node); continue; }
    const after: [string, string][] = [];
    const answersFloat32 = (name: string): string => { if (!isFloat(name)) return name; const out = fresh(`${name}_float32`); after.push([out, name]); return out; };
    const castBack = () => { for (const [from, to] of after) { cast(from, to, dataTypes.float16); float32.set(to, from); } };
    if (reason !== null && subgraphsOf(node).length === 0) {
      totals.kept.push({ node: label, reason });
      node.input = node.input.map((name) => (isFloat(name) ? asFloat32(name) : name));
      node.output = node.output.map(answersFloat32);
      nodes.push(node);
      castBack();
      continue;
    }
    const special = float32Inputs[node.opType] ?? [];
    node.input = node.input.map((name, i) => (special.includes(i) && isFloat(name) ? asFloat32(name) : name));
    if (node.opType === 'Cast' && intAttribute(node, 'to', 0) === dataTypes.float) { node.attribute = [...node.attribute]; setAttribute(node, 'to', { int: dataTypes.float16 }); }
    halveTensors(node);
    node.output = node.output.map((name, i) => (float32Outputs[node.opType]?.includes(i) ? answersFloat32(name) : name));
    nodes.push(node);
    castBack();
    if (node.opType !== 'Cast' && node.opType !== 'Constant') totals.quantized.push({ node: label, operator: node.opType, outputs: node.output.filter(Boolean), scope: scope.path });
  }
  if (isMain) for (const output of graph.output) {
    if (!isFloat(output.name) || !nodes.some((node) => node.output.includes(output.name))) continue; // an input or a weight handed through stays as it is
    const half = fresh(`${output.name}_float16`);
    types.set(half, dataTypes.float);
    for (const node of nodes) {
      node.output = node.output.map((name) => (name === output.name ? half : name));
      node.input = node.input.map((name) => (name === output.name ? half : name));
      for (const { graph: inner } of subgraphsOf(node)) renameReads(inner, new Map([[output.name, half]]));
    }
    cast(half, output.name, dataTypes.float);
  } else {
    graph.input = graph.input.map(halveInfo);
    graph.output = graph.output.map(halveInfo);
  }
  const initializers = graph.initializer;
  graph.initializer = initializers.map((tensor) => {
    if (tensor.dataType !== dataTypes.float || stays.has(tensor.name)) return tensor;
    const { bits, clamped, lifted } = toFloat16Tensor(floatsOf(tensor));
    totals.clamped += clamped;
    totals.lifted += lifted;
    return tensorOver(tensor.name, dataTypes.float16, dimsOf(tensor), bits as Uint16Array<ArrayBuffer>);
  });
  graph.node = nodes;
  graph.node = [...sortNodes(graph).order];
  const used = new Set(graph.node.flatMap((n) => [...n.input, ...subgraphReads(n)]).concat(graph.output.map((o) => o.name)));
  graph.initializer = graph.initializer.filter((t) => used.has(t.name));
  graph.valueInfo = [];
}

function subgraphReads(node: NodeProto): string[] {
  return subgraphsOf(node).flatMap(({ graph }) => graph.node.flatMap((n) => [...n.input, ...subgraphReads(n)]).concat(graph.output.map((o) => o.name)));
}

/** Tensors in attributes (ConstantOfShape, Constant) follow their graph. */
function halveTensors(node: NodeProto): void {
  if (node.opType === 'ConstantOfShape' && node.attribute.length === 0) { // zeros of float32
    node.attribute = [];
    setAttribute(node, 'value', tensorOver('', dataTypes.float16, [1], new Uint16Array(1)));
    return;
  }
  const value = attributeOf(node, 'value');
  if (!value?.t || value.t.dataType !== dataTypes.float) return;
  const half = tensorOver(value.t.name, dataTypes.float16, dimsOf(value.t), toFloat16Tensor(floatsOf(value.t)).bits as Uint16Array<ArrayBuffer>);
  node.attribute = node.attribute.map((a) => (a === value ? copyMessage(AttributeProtoSchema, a, { t: half }) : a));
}

const halveInfo = (info: ValueInfoProto): ValueInfoProto => withElementType(info, dataTypes.float, dataTypes.float16);

/** Inner graphs read outer values by name. */
function renameReads(graph: GraphProto, renamed: ReadonlyMap<string, string>): void {
  if (!renamed.size) return;
  const own = new Set([...graph.input.map((i) => i.name), ...graph.initializer.map((t) => t.name), ...graph.node.flatMap((n) => n.output)]);
  const next = (name: string) => (own.has(name) ? name : renamed.get(name) ?? name);
  for (const node of graph.node) {
    node.input = node.input.map(next);
    for (const { graph: inner } of subgraphsOf(node)) renameReads(inner, new Map([...renamed].filter(([from]) => !own.has(from))));
  }
}
