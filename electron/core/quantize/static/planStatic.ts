// Decides which tensors of one graph are quantized and how, by the rules of each operator; folds ReLU and Clip away where that is exact.
import { floatAttribute, intAttribute, setAttribute, stringAttribute } from '../../onnx/graph/attributes.ts';
import { readsOf } from '../../onnx/graph/subgraphs.ts';
import { TensorProtoSchema, type NodeProto, type TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { copyMessage, dimsOf, floatsOf, isDefaultDomain, isFloatType } from '../graph/protos.ts';
import { channelAxis, keptReasonOf, ruleOf } from './operatorRules.ts';
import type { StaticOptions } from './StaticOptions.ts';
import { initializerOf, nodeLabel, type Scope } from './walkScopes.ts';

export interface ActivationMark { readonly kind: 'activation'; /** Tensor whose scale and zero point it takes over. */ readonly sharesWith: string | null }
export interface WeightMark { readonly kind: 'weight'; readonly axis: number | null }
export type Mark = ActivationMark | WeightMark;
export interface BiasMark { readonly bias: string; readonly node: string; readonly input: string; readonly weight: string; readonly beta: number }

export interface ScopePlan {
  readonly scope: Scope;
  /** In the order in which they were marked: the reference's order, so that its precedence holds. */
  readonly marks: Map<string, Mark>;
  readonly biases: Map<string, BiasMark>;
  readonly removed: Set<NodeProto>;
  readonly quantized: NodeProto[];
  readonly kept: { readonly node: string; readonly reason: string }[];
  /** Whose observation gives a tensor its range, where it is not its own. */
  readonly rangeFrom: Map<string, string>;
  readonly fixedRange: Map<string, readonly [number, number]>;
  /** What a Clip lets through: no range reaches further. */
  readonly clipped: Map<string, readonly [number, number]>;
}

const weightOperators = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/**
 * Plans one graph and changes it: a removed ReLU or Clip leaves its output name to its producer.
 * @param observed whether a tensor has been, or can be, observed on data
 * Source of the rules: onnxruntime.quantization 1.32 operators/*.py, read as facts; see quantization notes in docs.
 */
export function planScope(scope: Scope, options: StaticOptions, opset: number): ScopePlan {
  const { graph, types } = scope;
  const plan: ScopePlan = { scope, marks: new Map(), biases: new Map(), removed: new Set(), quantized: [], kept: [], rangeFrom: new Map(), fixedRange: new Map(), clipped: new Map() };
  const initializers = new Map(graph.initializer.map((t) => [t.name, t]));
  const graphOutputs = new Set(graph.output.map((o) => o.name));
  const graphInputs = new Set(graph.input.map((i) => i.name));
  const consumers = new Map<string, NodeProto[]>();
  const addConsumer = (node: NodeProto) => { for (const name of new Set(readsOf(node))) { const list = consumers.get(name); if (list) list.push(node); else consumers.set(name, [node]); } };
  graph.node.forEach(addConsumer);
  const producers = new Map<string, NodeProto>();
  for (const node of graph.node) for (const name of node.output) if (name) producers.set(name, node);

  const isFloat = (name: string) => name !== '' && isFloatType(types.get(name));
  // A float activation that this graph makes or takes in: outer names are quantized where they are made.
  const isOwnActivation = (name: string) => isFloat(name) && !initializers.has(name) && (producers.has(name) || graphInputs.has(name));
  const quantizable = (name: string) => isFloat(name) && (initializers.has(name) || isOwnActivation(name));
  const isMarked = (name: string) => plan.marks.has(name) || plan.biases.has(name);
  const markActivation = (name: string) => { if (quantizable(name) && !plan.marks.has(name)) plan.marks.set(name, { kind: 'activation', sharesWith: null }); };
  const markShared = (name: string, from: string) => { if (quantizable(name)) plan.marks.set(name, { kind: 'activation', sharesWith: from }); };
  const duplicate = (tensor: TensorProto, node: NodeProto, index: number): string => {
    let name = `${tensor.name}_copy`;
    for (let i = 1; types.has(name); i++) name = `${tensor.name}_copy${i}`;
    const copy = copyMessage(TensorProtoSchema, tensor, { name });
    graph.initializer.push(copy);
    initializers.set(name, copy);
    types.set(name, tensor.dataType);
    node.input[index] = name;
    return name;
  };
  const turned = new Map<string, string>();
  const markWeight = (node: NodeProto, index: number, transposedB = false) => {
    const name = node.input[index] ?? '';
    const tensor = initializers.get(name);
    if (!tensor) return markActivation(name);
    if (!isFloat(name)) return undefined;
    const axis = channelAxis(node.opType, transposedB);
    // The integer products take scales along the columns of a matrix, not of a stack of them.
    if (options.perChannel && axis < tensor.dims.length && !(node.opType === 'MatMul' && tensor.dims.length > 2)) {
      const known = plan.marks.get(name);
      // Each takes the scales for its own columns, whatever the axis says: a weight that is read as it is and transposed becomes two.
      const otherAxis = !options.parity && known?.kind === 'weight' && known.axis !== null && known.axis !== axis;
      const own = otherAxis ? turned.get(name) ?? duplicate(tensor, node, index) : name;
      if (otherAxis) turned.set(name, own);
      node.input[index] = own;
      plan.marks.set(own, { kind: 'weight', axis });
    } else if (!plan.marks.has(name)) plan.marks.set(name, { kind: 'weight', axis: null });
    return undefined;
  };
  const markBias = (node: NodeProto, index: number, beta: number): boolean => {
    const tensor = initializers.get(node.input[index] ?? '');
    if (!tensor || !isFloat(tensor.name)) return false;
    // A bias is scaled by its own node's input and weight, so no other node may read it.
    const name = plan.biases.has(tensor.name) || (consumers.get(tensor.name)?.length ?? 0) > 1 || graphOutputs.has(tensor.name) ? duplicate(tensor, node, index) : tensor.name;
    plan.biases.set(name, { bias: name, node: node.name, input: node.input[0]!, weight: node.input[1]!, beta });
    return true;
  };

  // Weights that live in a graph around this one become its own, so that they are quantized beside their node.
  for (const node of graph.node) if (weightOperators.has(node.opType) && isDefaultDomain(node)) node.input.forEach((name, i) => {
    if (i === 0 || !name || initializers.has(name) || producers.has(name) || graphInputs.has(name)) return;
    const outer = initializerOf(scope, name);
    if (outer && isFloatType(outer.tensor.dataType)) duplicate(outer.tensor, node, i);
  });

  // Of a Clip: an input since opset 11, an attribute before. Null where it is computed, or given by a caller.
  const bound = (node: NodeProto, index: number, attribute: string, none: number): number | null => {
    const name = node.input[index] ?? '';
    if (name === '') return floatAttribute(node, attribute, none);
    const given = initializerOf(scope, name)?.tensor;
    return given && isFloatType(given.dataType) ? floatsOf(given)[0] ?? null : null;
  };
  // A range always holds zero and is fixed before any input is seen: it can clip in the place of a Clip whose bounds are constants on both sides of zero.
  const foldable = (node: NodeProto): boolean => {
    if (node.opType !== 'Clip' || options.parity) return true;
    const [least, most] = [bound(node, 1, 'min', -Infinity), bound(node, 2, 'max', Infinity)];
    return least !== null && most !== null && least <= 0 && most >= 0;
  };
  const wanted = (node: NodeProto): boolean => isDefaultDomain(node) && ruleOf(node.opType, options.operators, opset) !== null && !options.keep.has(nodeLabel(scope, node));

  // Ranges that come from elsewhere: before marking, on the graph as it is.
  for (const node of graph.node) {
    if (!wanted(node)) continue;
    const [input] = node.input;
    const [output] = node.output;
    if (!input || !output || !isFloat(output)) continue;
    if (node.opType === 'Clip') plan.clipped.set(output, [bound(node, 1, 'min', -Infinity) ?? -Infinity, bound(node, 2, 'max', Infinity) ?? Infinity]);
    if (node.opType === 'Relu' || node.opType === 'Clip') {
      // Whoever asks for an output reads it beside the one node: its negative values count. (The reference cuts them.)
      if (consumers.get(input)?.length !== 1 || !isOwnActivation(input) || (graphOutputs.has(input) && !options.parity)) continue;
      const fixed = plan.fixedRange.get(output);
      if (fixed) plan.fixedRange.set(input, fixed);
      else plan.rangeFrom.set(input, plan.rangeFrom.get(output) ?? output);
    } else if (node.opType === 'Softmax') { plan.fixedRange.set(output, [0, 1]); plan.rangeFrom.delete(output); }
  }

  // The single consumer of a tensor takes over its producer: the ReLU's clipping is then done by the quantized range.
  const takeOver = (upstream: string, output: string): boolean => {
    const producer = producers.get(upstream);
    if (!producer || !isFloat(output) || (consumers.get(upstream)?.length ?? 0) !== 1 || graphOutputs.has(upstream) || graphInputs.has(upstream)) return false;
    producer.output = producer.output.map((name) => (name === upstream ? output : name));
    producers.set(output, producer);
    producers.delete(upstream);
    plan.marks.delete(upstream);
    return true;
  };

  for (const node of graph.node) {
    const label = nodeLabel(scope, node);
    const kept = options.keep.get(label);
    if (kept !== undefined) { plan.kept.push({ node: label, reason: kept }); continue; }
    const kind = isDefaultDomain(node) ? ruleOf(node.opType, options.operators, opset) : null;
    if (kind === null) {
      const reason = keptReasonOf(node);
      if (reason !== null) plan.kept.push({ node: label, reason });
      continue;
    }
    const [input = '', weight = ''] = node.input;
    const [output = ''] = node.output;
    const before = plan.marks.size + plan.biases.size;
    switch (kind) {
      case 'compute': {
        const isGemm = node.opType === 'Gemm';
        if (options.operators === 'compute' && !initializers.has(weight)) { plan.kept.push({ node: label, reason: 'its weight is not constant' }); continue; }
        if (!isFloat(input)) { plan.kept.push({ node: label, reason: 'its input is not float32' }); continue; }
        markActivation(input);
        if (!(isGemm && options.floatProducts)) markActivation(output);
        markWeight(node, 1, isGemm && intAttribute(node, 'transB', 0) > 0);
        if (node.input[2] && markBias(node, 2, isGemm ? floatAttribute(node, 'beta', 1) : 1) && isGemm && floatAttribute(node, 'beta', 1) !== 1) {
          node.attribute = [...node.attribute];
          setAttribute(node, 'beta', { float: 1 });
        }
        break;
      }
      case 'matmul':
        if (!isFloat(input) || !isFloat(weight)) { plan.kept.push({ node: label, reason: 'its inputs are not float32' }); continue; }
        if (options.floatProducts && !initializers.has(weight)) { plan.kept.push({ node: label, reason: 'both sides are computed: little time is won there, and much accuracy lost' }); continue; }
        node.input.forEach((name, index) => { if (initializers.has(name)) markWeight(node, index); else markActivation(name); });
        if (!options.floatProducts) node.output.forEach(markActivation);
        break;
      case 'removable':
        if (!isMarked(input)) continue;
        if (!options.symmetricActivations && foldable(node) && takeOver(input, output)) plan.removed.add(node);
        else markActivation(input);
        markActivation(output);
        break;
      case 'mover':
        if (!isMarked(input)) continue;
        if (!options.parity && makesValues(node)) markActivation(output); else markShared(output, input);
        break;
      case 'split':
        markActivation(input);
        for (const name of node.output) markShared(name, input);
        break;
      case 'pad': {
        for (const name of node.input) if (name) markActivation(name);
        const mode = stringAttribute(node, 'mode', 'constant');
        const fill = node.input[2] ? initializers.get(node.input[2]) : null;
        const zero = node.input[2] ? fill !== undefined && fill !== null && isFloatType(fill.dataType) && floatsOf(fill)[0] === 0 : floatAttribute(node, 'value', 0) === 0;
        if (mode !== 'constant' || zero) markShared(output, input); else markActivation(output);
        break;
      }
      case 'gather':
        if (initializers.has(input) && isFloat(input)) { markActivation(input); markShared(output, input); }
        else if (isMarked(input)) markShared(output, input);
        break;
      case 'where':
        if (isMarked(node.input[1] ?? '') && isMarked(node.input[2] ?? '')) markActivation(output);
        break;
      case 'normalization':
        markActivation(input);
        markWeight(node, 1);
        if (node.input[2]) markBias(node, 2, 1);
        for (const name of node.output) markActivation(name);
        break;
      case 'generic':
        for (const name of [...node.input, ...node.output]) markActivation(name);
        break;
    }
    if (plan.marks.size + plan.biases.size > before || kind === 'compute' || kind === 'matmul') plan.quantized.push(node);
  }
  graph.node = graph.node.filter((node) => !plan.removed.has(node));
  dropUnsharable(plan);
  return plan;
}

/** Whether a Resize answers values beyond those it takes: cubic curves overshoot, and what lies outside of a cropped image is given. (The reference cuts them.) */
const makesValues = (node: NodeProto): boolean => node.opType === 'Resize' && (stringAttribute(node, 'mode', 'nearest') === 'cubic'
  || (stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize' && floatAttribute(node, 'extrapolation_value', 0) !== 0));

/** A tensor that would share parameters with one that has none gets its own: the reference waits for them forever. */
function dropUnsharable(plan: ScopePlan): void {
  const reaches = (name: string, seen: Set<string>): boolean => {
    const mark = plan.marks.get(name);
    if (!mark || seen.has(name)) return false;
    if (mark.kind === 'weight' || mark.sharesWith === null) return true;
    return reaches(mark.sharesWith, seen.add(name));
  };
  for (const name of plan.marks.keys()) if (!reaches(name, new Set())) plan.marks.set(name, { kind: 'activation', sharesWith: null });
}

/** The tensors whose ranges must be known before the plan can be written. */
export function tensorsToObserve(plan: ScopePlan): string[] {
  const initializers = new Set(plan.scope.graph.initializer.map((t) => t.name));
  const names = new Set<string>();
  for (const [name, mark] of plan.marks) {
    if (mark.kind === 'weight' || mark.sharesWith !== null || initializers.has(name) || plan.fixedRange.has(name)) continue;
    names.add(plan.rangeFrom.get(name) ?? name);
  }
  return [...names];
}

export const weightDims = (plan: ScopePlan, name: string): number[] => dimsOf(plan.scope.graph.initializer.find((t) => t.name === name)!);
