// Element types of a graph's tensors, as far as a quantizer must know them: which tensors hold floats.
import type { GraphProto, NodeProto, ValueInfoProto } from '../../onnx/schema/onnx_pb.ts';
import { intAttribute } from '../../onnx/graph/attributes.ts';
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { contribDomain, dataTypes, isDefaultDomain, typeOfInfo } from './protos.ts';

/** Tensor name to TensorProto.DataType; a name that is missing has an unknown type. */
export type ElementTypes = Map<string, number>;

/** Output types that differ from the type of the first input; one entry per output, the last repeats. `in:n` = type of input n. */
const outputTypes: Readonly<Record<string, readonly (number | 'in:0' | 'in:1' | 'in:2')[]>> = {
  Shape: [7], Size: [7], NonZero: [7], ArgMax: [7], ArgMin: [7], StringSplit: [8, 7],
  Equal: [9], Less: [9], LessOrEqual: [9], Greater: [9], GreaterOrEqual: [9], Not: [9], And: [9], Or: [9], Xor: [9], IsNaN: [9], IsInf: [9],
  TopK: ['in:0', 7], MaxPool: ['in:0', 7], Dropout: ['in:0', 9], Unique: ['in:0', 7],
  Where: ['in:1'], CastLike: ['in:1'], SequenceLength: [7], OneHot: ['in:2'], NonMaxSuppression: [7], StringNormalizer: [8],
  DynamicQuantizeLinear: [2, 1, 2], MatMulInteger: [6], ConvInteger: [6], DequantizeLinear: ['in:1'], QLinearConv: [0], QLinearMatMul: [0], QuantizeLinear: ['in:2'],
  GatherBlockQuantized: ['in:2'], RandomNormal: [1], RandomUniform: [1], LayerNormalization: ['in:0', 1],
};

/**
 * Operators of the runtime's own domain whose outputs are typed like those of the standard: what a quantizer writes, and what the runtime's optimizers leave in models.
 * Source: ONNX Runtime's ContribOperators.md. Others stay unknown, and what reads them is left alone.
 */
const contribTypes: typeof outputTypes = {
  QuantizeLinear: outputTypes['QuantizeLinear']!, DequantizeLinear: outputTypes['DequantizeLinear']!, GatherBlockQuantized: outputTypes['GatherBlockQuantized']!, MatMulNBits: ['in:0'],
  DynamicQuantizeLSTM: ['in:0'], DynamicQuantizeMatMul: ['in:0'], MatMulIntegerToFloat: ['in:2'], QAttention: ['in:2'],
  Attention: ['in:0'], MultiHeadAttention: ['in:0'], GroupQueryAttention: ['in:0'], RotaryEmbedding: ['in:0'], RelativePositionBias: ['in:0'], GatedRelativePositionBias: ['in:0'],
  SkipLayerNormalization: ['in:0', 1, 1, 'in:0'], SkipSimplifiedLayerNormalization: ['in:0', 1, 1, 'in:0'], EmbedLayerNormalization: ['in:2', 6, 'in:2'], GroupNorm: ['in:0'], SkipGroupNorm: ['in:0'],
  Gelu: ['in:0'], FastGelu: ['in:0'], BiasGelu: ['in:0'], QuickGelu: ['in:0'], BiasSplitGelu: ['in:0'], BiasAdd: ['in:0'], BiasSoftmax: ['in:0'],
  FusedMatMul: ['in:0'], FusedGemm: ['in:0'], FusedConv: ['in:0'], NhwcFusedConv: ['in:0'], ConvTransposeWithDynamicPads: ['in:0'], GridSample: ['in:0'], Inverse: ['in:0'], Trilu: ['in:0'],
};

function outputTypeOf(node: NodeProto, index: number, types: ElementTypes): number {
  if (node.opType === 'Cast') return intAttribute(node, 'to', 0);
  if (node.opType === 'Constant') {
    for (const a of node.attribute) {
      if (a.name === 'value') return a.t?.dataType ?? 0;
      if (a.name === 'value_float' || a.name === 'value_floats') return dataTypes.float;
      if (a.name === 'value_int' || a.name === 'value_ints') return dataTypes.int64;
      if (a.name.startsWith('value_string')) return dataTypes.string;
    }
    return 0;
  }
  if (node.opType === 'ConstantOfShape') return node.attribute.find((a) => a.name === 'value')?.t?.dataType ?? dataTypes.float;
  if (node.opType === 'SequenceEmpty') return intAttribute(node, 'dtype', dataTypes.float);
  if (node.opType === 'EyeLike' && intAttribute(node, 'dtype', 0)) return intAttribute(node, 'dtype', 0);
  const rules = (node.domain === contribDomain ? contribTypes : outputTypes)[node.opType];
  const rule = rules ? rules[Math.min(index, rules.length - 1)]! : 'in:0';
  if (typeof rule === 'number') return rule;
  return types.get(node.input[Number(rule.slice(3))] ?? '') ?? 0;
}

/** Of a sequence: the type of its tensors. */
function declaredType(info: ValueInfoProto): number {
  const elements = info.type?.value.case === 'sequenceType' ? info.type.value.value.elemType?.value : undefined;
  return elements?.case === 'tensorType' ? elements.value.elemType : typeOfInfo(info);
}

/** Types of all tensors of a graph, its inputs and its initializers; `outer` are the names that a subgraph can see. */
export function inferElementTypes(graph: GraphProto, outer: ElementTypes = new Map()): ElementTypes {
  const types: ElementTypes = new Map(outer);
  for (const tensor of graph.initializer) types.set(tensor.name, tensor.dataType);
  for (const info of [...graph.input, ...graph.valueInfo, ...graph.output]) { const t = declaredType(info); if (t) types.set(info.name, t); }
  for (const node of graph.node) {
    const [first] = subgraphsOf(node);
    // The first output of a Loop's body says whether it goes on.
    const offset = node.opType === 'If' || node.opType === 'Scan' ? 0 : node.opType === 'Loop' ? 1 : null;
    const inner = first && offset !== null && node.output.some((name) => name && !types.has(name)) ? inferElementTypes(first.graph, types) : null;
    node.output.forEach((name, i) => {
      if (!name || types.has(name)) return;
      let type = 0;
      if (inner) type = inner.get(first!.graph.output[i + offset!]?.name ?? '') ?? 0;
      else if ((isDefaultDomain(node) || (node.domain === contribDomain && Object.hasOwn(contribTypes, node.opType))) && !first) type = outputTypeOf(node, i, types);
      if (type) types.set(name, type);
    });
  }
  return types;
}
