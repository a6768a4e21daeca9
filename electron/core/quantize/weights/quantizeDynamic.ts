// Dynamic INT8: weights become integers now, activations at every run, from their range at that run.
import { attributeOf, floatAttribute, intAttribute, makeNode } from '../../onnx/graph/attributes.ts';
import { setOpset } from '../../onnx/graph/opsets.ts';
import type { ModelProto, NodeProto, TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { contribDomain, dataTypes, dimsOf, floatsOf, isDefaultDomain, isFloatType, tensorOver } from '../graph/protos.ts';
import { integerTypes } from '../numerics/integerTypes.ts';
import { makeIntegerArray, quantizeWeight, type QuantizedTensor } from '../numerics/quantizeValues.ts';
import type { DynamicOperator } from './dynamicOperators.ts';
import { matrixOf } from './matrices.ts';
import { rewriteScopes, type Outcome, type Rewriter, type RewriteResult, type TensorStorage } from './rewriteScopes.ts';

export interface DynamicOptions {
  readonly perChannel: boolean;
  readonly reduceRange: boolean;
  /** Which operators; the reference's default is all of them. */
  readonly operators: ReadonlySet<DynamicOperator>;
  /** As the reference: convolution weights S8 per tensor. Else U8 around 128, per channel: faster, and more accurate. */
  readonly parity: boolean;
  readonly keep: ReadonlyMap<string, string>;
}

type Quantized = { readonly values: string; readonly scale: string; readonly zeroPoint: string };

/** Source: onnxruntime.quantization 1.32 IntegerOps; DynamicQuantizeLinear and MatMulInteger (opset 11, 10). */
export function quantizeDynamic(source: ModelProto, options: DynamicOptions, storage?: TensorStorage): RewriteResult {
  const activations = new Map<string, Quantized>();
  let contrib = false;
  const result = rewriteScopes(source, options.keep, (node, rewriter): Outcome => {
    const domain = node.opType === 'Attention' ? node.domain === contribDomain : isDefaultDomain(node);
    if (!domain || !options.operators.has(node.opType as DynamicOperator)) return node.opType === 'GRU' || node.opType === 'RNN' ? { kept: `the runtime has no INT8 kernel for ${node.opType}` } : null;
    switch (node.opType) {
      case 'MatMul': case 'Gemm': return matMul(node, rewriter, options, activations);
      case 'Conv': return conv(node, rewriter, options, activations);
      case 'Gather': return gather(node, rewriter, options);
      case 'LSTM': {
        const outcome = lstm(node, rewriter, options);
        if (outcome === 'replaced') contrib = true;
        return outcome;
      }
      case 'Attention': return attention(node, rewriter, options, activations);
      default: return null;
    }
  }, storage);
  if (contrib) setOpset(result.model, contribDomain, 1);
  return result;
}

function addWeight(name: string, dims: readonly number[], quantized: QuantizedTensor, type: 'int8' | 'uint8', scaleDims: readonly number[], scalarZeroPoint: boolean, rewriter: Rewriter): Quantized {
  const zeroPoints = makeIntegerArray(type, scalarZeroPoint ? 1 : quantized.params.length);
  zeroPoints.forEach((_, i) => { zeroPoints[i] = quantized.params[i]!.zeroPoint; });
  return {
    values: rewriter.add(tensorOver(rewriter.fresh(`${name}_quantized`), integerTypes[type].onnxType, dims, quantized.values as Int8Array<ArrayBuffer>)),
    scale: rewriter.add(tensorOver(rewriter.fresh(`${name}_scale`), dataTypes.float, scaleDims, Float32Array.from(quantized.params, (p) => p.scale))),
    zeroPoint: rewriter.add(tensorOver(rewriter.fresh(`${name}_zero_point`), integerTypes[type].onnxType, scalarZeroPoint ? [] : scaleDims, zeroPoints as Int8Array<ArrayBuffer>)),
  };
}

/** One DynamicQuantizeLinear per activation, shared by its readers. */
function quantizeActivation(name: string, rewriter: Rewriter, activations: Map<string, Quantized>): Quantized {
  const key = `${rewriter.scope.path}\u0000${name}`;
  const known = activations.get(key);
  if (known) return known;
  const made: Quantized = { values: rewriter.fresh(`${name}_quantized`), scale: rewriter.fresh(`${name}_scale`), zeroPoint: rewriter.fresh(`${name}_zero_point`) };
  rewriter.emit(makeNode('DynamicQuantizeLinear', [name], [made.values, made.scale, made.zeroPoint], { name: `${name}_QuantizeLinear` }));
  activations.set(key, made);
  return made;
}

/** integer product -> float, times both scales. */
function rescale(node: NodeProto, integer: string, scales: readonly [string, string], output: string, rewriter: Rewriter): void {
  const cast = rewriter.fresh(`${integer}_cast_output`);
  const product = rewriter.fresh(`${node.name}_scales`);
  rewriter.emit(makeNode('Cast', [integer], [cast], { name: `${integer}_cast`, attributes: { to: { int: dataTypes.float } } }));
  rewriter.emit(makeNode('Mul', scales, [product], { name: `${node.name}_quant_scales_mul` }));
  rewriter.emit(makeNode('Mul', [cast, product], [output], { name: `${node.name}_quant_output_scale_mul` }));
}

const isFloat32 = (name: string | undefined, rewriter: Rewriter) => rewriter.scope.types.get(name ?? '') === dataTypes.float;

function matMul(node: NodeProto, rewriter: Rewriter, options: DynamicOptions, activations: Map<string, Quantized>): Outcome {
  const [input = ''] = node.input;
  const [output = ''] = node.output;
  if (!isFloatType(rewriter.scope.types.get(input))) return null;
  if (!isFloat32(input, rewriter)) return { kept: 'its input is not float32' };
  const matrix = matrixOf(node, rewriter);
  if (typeof matrix === 'string') return { kept: matrix };
  const axis = options.perChannel && matrix.dims.length === 2 ? 1 : null;
  const quantized = quantizeWeight(matrix.data, matrix.dims, axis, { type: 'int8', symmetric: true, reduceRange: options.reduceRange });
  const weight = addWeight(matrix.name, matrix.dims, quantized, 'int8', axis === null ? [] : [matrix.dims[1]!], axis === null, rewriter);
  const activation = quantizeActivation(input, rewriter, activations);
  const integer = rewriter.fresh(`${output}_output_quantized`);
  rewriter.emit(makeNode('MatMulInteger', [activation.values, weight.values, activation.zeroPoint, weight.zeroPoint], [integer], { name: `${node.name}_quant` }));
  const bias = node.opType === 'Gemm' ? node.input[2] : undefined;
  const beta = floatAttribute(node, 'beta', 1);
  if (!bias || beta === 0) { rescale(node, integer, [activation.scale, weight.scale], output, rewriter); return 'replaced'; }
  const scaled = rewriter.fresh(`${output}_before_bias`);
  rescale(node, integer, [activation.scale, weight.scale], scaled, rewriter);
  rewriter.emit(makeNode('Add', [scaled, scaledBias(node, bias, beta, rewriter)], [output], { name: `${node.name}_bias_add` }));
  return 'replaced';
}

/** Gemm's beta times its bias, as a constant where the bias is one. */
export function scaledBias(node: NodeProto, bias: string, beta: number, rewriter: Rewriter): string {
  if (beta === 1) return bias;
  const constant = rewriter.weightOf(bias);
  if (constant) return rewriter.add(tensorOver(rewriter.fresh(`${bias}_times_beta`), dataTypes.float, dimsOf(constant), Float32Array.from(floatsOf(constant), (x) => x * beta)));
  const factor = rewriter.add(tensorOver(rewriter.fresh(`${node.name}_beta`), dataTypes.float, [], new Float32Array([beta])));
  const product = rewriter.fresh(`${bias}_times_beta`);
  rewriter.emit(makeNode('Mul', [bias, factor], [product], { name: `${node.name}_beta_mul` }));
  return product;
}

/** Smaller tables are not worth a scale; the reference quantizes them all. */
const minTableElements = 4096;

/** A constant table (embeddings, say) is stored as U8; only the rows that were picked become float again. */
function gather(node: NodeProto, rewriter: Rewriter, options: DynamicOptions): Outcome {
  const table = rewriter.weightOf(node.input[0]);
  if (!table || table.dataType !== dataTypes.float) return null;
  const dims = dimsOf(table);
  const [output = ''] = node.output;
  if (!options.parity && dims.reduce((a, b) => a * b, 1) < minTableElements) return null;
  const quantized = addWeight(table.name, dims, quantizeWeight(floatsOf(table), dims, null, { type: 'uint8', symmetric: false }), 'uint8', [], true, rewriter);
  const rows = rewriter.fresh(`${output}_quantized`);
  const replacement = makeNode('Gather', [quantized.values, node.input[1]!], [rows], { name: `${node.name}_quant` });
  replacement.attribute = [...node.attribute];
  rewriter.emit(replacement);
  rewriter.emit(makeNode('DequantizeLinear', [rows, quantized.scale, quantized.zeroPoint], [output], { name: `${output}_DequantizeLinear` }));
  return 'replaced';
}

function conv(node: NodeProto, rewriter: Rewriter, options: DynamicOptions, activations: Map<string, Quantized>): Outcome {
  const [input = '', weightName, bias] = node.input;
  const [output = ''] = node.output;
  const tensor = rewriter.weightOf(weightName);
  if (!tensor) return { kept: 'its weight is not constant' };
  if (!isFloat32(input, rewriter)) return { kept: 'its input is not float32' };
  const dims = dimsOf(tensor);
  // ConvInteger takes one zero point: around 128 it is the same for all channels, so that each may have its own scale.
  const perChannel = options.perChannel && !options.parity;
  const type = options.parity ? 'int8' : 'uint8';
  const quantized = quantizeWeight(floatsOf(tensor), dims, perChannel ? 0 : null, { type, symmetric: options.parity || perChannel, reduceRange: options.reduceRange });
  const weight = addWeight(tensor.name, dims, quantized, type, perChannel ? [dims[0]!, ...dims.slice(2).map(() => 1)] : [], true, rewriter);
  const activation = quantizeActivation(input, rewriter, activations);
  const integer = rewriter.fresh(`${output}_output_quantized`);
  const replacement = makeNode('ConvInteger', [activation.values, weight.values, activation.zeroPoint, weight.zeroPoint], [integer], { name: `${node.name}_quant` });
  replacement.attribute = [...node.attribute];
  rewriter.emit(replacement);
  if (!bias) { rescale(node, integer, [activation.scale, weight.scale], output, rewriter); return 'replaced'; }
  const scaled = rewriter.fresh(`${output}_before_bias`);
  rescale(node, integer, [activation.scale, weight.scale], scaled, rewriter);
  const shape = rewriter.add(tensorOver(rewriter.fresh(`${output}_bias_shape`), dataTypes.int64, [dims.length], BigInt64Array.from(dims, (_, i) => (i === 1 ? -1n : 1n))));
  const reshaped = rewriter.fresh(`${output}_bias_reshaped`);
  rewriter.emit(makeNode('Reshape', [bias, shape], [reshaped], { name: `${node.name}_bias_reshape` }));
  rewriter.emit(makeNode('Add', [scaled, reshaped], [output], { name: `${node.name}_bias_add` }));
  return 'replaced';
}

/** W and R of [directions, 4 * hidden, size] become int8 of [directions, size, 4 * hidden]. Source: com.microsoft DynamicQuantizeLSTM. */
function lstm(node: NodeProto, rewriter: Rewriter, options: DynamicOptions): Outcome {
  const weights = [node.input[1], node.input[2]].map((name) => rewriter.weightOf(name));
  const [w, r] = weights;
  if (!w || !r || w.dims.length !== 3 || r.dims.length !== 3) return { kept: 'its weights are not constant' };
  if (intAttribute(node, 'layout', 0) === 1) return { kept: 'the runtime has no batch-first INT8 LSTM' };
  if (!isFloat32(node.input[0], rewriter)) return { kept: 'its input is not float32' };
  const pack = (tensor: TensorProto): Quantized => {
    const [directions, rows, columns] = dimsOf(tensor) as [number, number, number]; // rank 3, checked above
    const grouped = options.perChannel ? [directions * rows, columns] : [directions, rows * columns];
    const quantized = quantizeWeight(floatsOf(tensor), grouped, 0, { type: 'int8', symmetric: true, reduceRange: options.reduceRange });
    const values = new Int8Array(quantized.values.length);
    for (let d = 0; d < directions; d++) for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[(d * columns + j) * rows + i] = quantized.values[(d * rows + i) * columns + j]!;
    return addWeight(tensor.name, [directions, columns, rows], { ...quantized, values }, 'int8', options.perChannel ? [directions, rows] : [directions], false, rewriter);
  };
  const [qw, qr] = [pack(w), pack(r)];
  const replacement = makeNode('DynamicQuantizeLSTM', [node.input[0]!, qw.values, qr.values, ...[3, 4, 5, 6, 7].map((i) => node.input[i] ?? ''), qw.scale, qw.zeroPoint, qr.scale, qr.zeroPoint], node.output, { name: `${node.name}_quant`, domain: contribDomain });
  const layout = attributeOf(node, 'layout');
  replacement.attribute = node.attribute.filter((a) => a !== layout);
  rewriter.emit(replacement);
  return 'replaced';
}

/** Weights of [hidden, 3 * hidden] in columns. Source: com.microsoft Attention and QAttention; onnxruntime.quantization 1.32 AttentionQuant. */
function attention(node: NodeProto, rewriter: Rewriter, options: DynamicOptions, activations: Map<string, Quantized>): Outcome {
  const [input = '', weightName, bias = '', mask = '', past = '', ...more] = node.input;
  const tensor = rewriter.weightOf(weightName);
  if (tensor?.dims.length !== 2) return { kept: 'its weight is not constant' };
  if (!isFloat32(input, rewriter)) return { kept: 'its input is not float32' };
  if (bias === '' || more.some((name) => name !== '') || ['qkv_hidden_sizes', 'scale'].some((name) => attributeOf(node, name))) return { kept: 'the INT8 kernel has no such form of attention' };
  const dims = dimsOf(tensor);
  const axis = options.perChannel ? 1 : null;
  const weight = addWeight(tensor.name, dims, quantizeWeight(floatsOf(tensor), dims, axis, { type: 'int8', symmetric: true, reduceRange: options.reduceRange }), 'int8', axis === null ? [] : [dims[1]!], axis === null, rewriter);
  const activation = quantizeActivation(input, rewriter, activations);
  const replacement = makeNode('QAttention', [activation.values, weight.values, bias, activation.scale, weight.scale, mask, activation.zeroPoint, weight.zeroPoint, past], node.output, { name: `${node.name}_quant`, domain: contribDomain });
  replacement.attribute = [...node.attribute];
  rewriter.emit(replacement);
  return 'replaced';
}
