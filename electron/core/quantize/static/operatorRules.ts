// How static quantization treats each operator: the frozen table that plan and documentation read.
import type { NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { contribDomain } from '../graph/protos.ts';

/**
 * compute: input and output as activations, weight with its own scales, bias as INT32 · matmul: the same, either side may be a weight
 * mover: only moves values, so the output shares the input's parameters · removable: folded into the producer's range
 * normalization: scale as weight, shift as INT32 bias · generic: every float input and output gets its own parameters.
 */
export type RuleKind = 'compute' | 'matmul' | 'mover' | 'removable' | 'normalization' | 'pad' | 'split' | 'gather' | 'where' | 'generic';

interface OperatorRule {
  readonly kind: RuleKind;
  /** Which operator sets quantize it: `compute` only what pays on CPUs, `all` what the reference quantizes by default. */
  readonly sets: readonly ('compute' | 'all')[];
  readonly sinceOpset?: number;
}

const both = ['compute', 'all'] as const;
const all = ['all'] as const;

/** Source: registry of onnxruntime.quantization 1.32 (the union of its QDQ and QLinear lists); the split into sets is ours, measured. */
export const operatorRules = {
  Conv: { kind: 'compute', sets: both }, ConvTranspose: { kind: 'compute', sets: both }, Gemm: { kind: 'compute', sets: both },
  MatMul: { kind: 'matmul', sets: both },
  Relu: { kind: 'removable', sets: both }, Clip: { kind: 'removable', sets: both },
  Reshape: { kind: 'mover', sets: both }, Transpose: { kind: 'mover', sets: both }, Squeeze: { kind: 'mover', sets: both }, Unsqueeze: { kind: 'mover', sets: both },
  Flatten: { kind: 'mover', sets: both }, Slice: { kind: 'mover', sets: both }, AveragePool: { kind: 'mover', sets: all }, TopK: { kind: 'mover', sets: all },
  Resize: { kind: 'mover', sets: both, sinceOpset: 11 }, MaxPool: { kind: 'mover', sets: both, sinceOpset: 12 },
  Pad: { kind: 'pad', sets: all }, Split: { kind: 'split', sets: all },
  Gather: { kind: 'gather', sets: all }, GatherElements: { kind: 'gather', sets: all }, Where: { kind: 'where', sets: all },
  InstanceNormalization: { kind: 'normalization', sets: all }, LayerNormalization: { kind: 'normalization', sets: all }, BatchNormalization: { kind: 'normalization', sets: all },
  CumSum: { kind: 'generic', sets: all }, Add: { kind: 'generic', sets: all }, ArgMax: { kind: 'generic', sets: all }, Concat: { kind: 'generic', sets: all },
  EmbedLayerNormalization: { kind: 'generic', sets: all }, GlobalAveragePool: { kind: 'generic', sets: all }, LeakyRelu: { kind: 'generic', sets: all },
  Mul: { kind: 'generic', sets: all }, Sigmoid: { kind: 'generic', sets: all }, Softmax: { kind: 'generic', sets: all },
} as const satisfies Record<string, OperatorRule>;

export type OperatorSet = 'compute' | 'all';

export function ruleOf(opType: string, set: OperatorSet, opset: number): RuleKind | null {
  if (!Object.hasOwn(operatorRules, opType)) return null;
  const rule: OperatorRule = operatorRules[opType as keyof typeof operatorRules];
  return rule.sets.includes(set) && opset >= (rule.sinceOpset ?? 0) ? rule.kind : null;
}

/** Operators with weights that static quantization leaves in float, and why: what a user asks about first. */
const keptReasons: Readonly<Record<string, string>> = {
  LSTM: 'the runtime has no static INT8 kernel for LSTM; dynamic-int8 quantizes it',
  GRU: 'the runtime has no INT8 kernel for GRU',
  RNN: 'the runtime has no INT8 kernel for RNN',
  Attention: 'fused attention has no static INT8 form',
  MultiHeadAttention: 'fused attention has no static INT8 form',
  Einsum: 'it is not a plain product of matrices',
};

export const keptReasonOf = (node: Pick<NodeProto, 'domain' | 'opType'>): string | null => fusedReason(node) ?? keptReasons[node.opType] ?? null;

/** Operators with weights that the runtime's optimizer puts in the place of those of the standard. */
const fused = new Set(['FusedMatMul', 'FusedGemm', 'FusedConv', 'NhwcFusedConv']);
export const fusedReason = ({ domain, opType }: Pick<NodeProto, 'domain' | 'opType'>): string | null =>
  (domain === contribDomain && fused.has(opType) ? "the runtime's optimizer made it: quantize the model from before that" : null);

/** Axis of the output channels of a weight; null where the operator has no fixed one. */
export function channelAxis(opType: string, transposedB: boolean): number {
  switch (opType) {
    case 'Conv': return 0;
    case 'Gemm': return transposedB ? 0 : 1;
    default: return 1; // ConvTranspose, MatMul, normalizations
  }
}
