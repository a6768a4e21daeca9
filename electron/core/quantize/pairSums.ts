// Which layers of an INT8 model could lose the upper bits of a sum in programs that add pairs of products in 16 bits.
import type { ModelProto, NodeProto, TensorProto } from '../onnx/schema/onnx_pb.ts';
import { viewGraph, type GraphView } from '../onnx/GraphView.ts';
import { dataTypes, dimsOf } from './graph/protos.ts';

export interface PairSums {
  readonly node: string;
  /** Share of the pairs of weights whose products with two activations of 255 do not fit 16 bits. */
  readonly share: number;
}

/** 255 · 128 = 32640 fits 16 bits, 255 · 129 = 32895 does not; nor does -32895. */
const leastBeyond = 129;

/** Weights [outer, k, inner] of int8: pairs of neighbours along k, as VPMADDUBSW adds them; a last one without a neighbour fits always. */
export function pairsBeyond(weights: Int8Array, outer: number, k: number, inner: number): { readonly beyond: number; readonly pairs: number } {
  let beyond = 0;
  for (let o = 0; o < outer; o++) for (let at = 0; at + 1 < k; at += 2) {
    const first = (o * k + at) * inner, second = first + inner;
    for (let i = 0; i < inner; i++) if (Math.abs(weights[first + i]! + weights[second + i]!) >= leastBeyond) beyond++;
  }
  return { beyond, pairs: outer * Math.floor(k / 2) * inner };
}

/** How a product reads its weights: [outer, k, inner]. */
function layoutOf(node: NodeProto, input: number, dims: readonly number[]): readonly [number, number, number] | null {
  const size = dims.reduce((a, b) => a * b, 1), [first = 1, second = 1] = dims;
  switch (node.opType) {
    // The runtime turns convolutions to channels last, so that neighbours are channels of one place; those with one channel a group have kernels of their own, which add in 32 bits.
    case 'Conv': case 'QLinearConv': case 'ConvInteger': return second < 2 ? null : [first, second, size / first / second];
    case 'MatMul': case 'MatMulInteger': case 'QLinearMatMul': case 'MatMulIntegerToFloat': case 'DynamicQuantizeMatMul': return dims.length < 2 ? null : [size / dims.at(-1)! / dims.at(-2)!, dims.at(-2)!, dims.at(-1)!];
    case 'Gemm': case 'QGemm': return dims.length !== 2 ? null : node.attribute.some(({ name, i }) => name === 'transB' && i === 1n) ? [first, second, 1] : [1, first, second];
    case 'DynamicQuantizeLSTM': return input > 2 ? null : [first, second, size / first / second];
    default: return null;
  }
}

const dequantizerOf = (view: GraphView, value: string): NodeProto | null => {
  const producer = view.producerOf(value);
  return producer?.opType === 'DequantizeLinear' ? producer : null;
};

/** The int8 constant behind an input of a product: the input itself, or what a DequantizeLinear makes of it. */
function weightBehind(view: GraphView, value: string): TensorProto | null {
  const tensor = view.constantOf(dequantizerOf(view, value)?.input[0] ?? value);
  return tensor?.dataType === dataTypes.int8 ? tensor : null;
}

/** Operators of integers read nothing else; the others are given integers where a DequantizeLinear of 8 bits stands before them. */
function readsBytes(view: GraphView, { opType, input }: NodeProto): boolean {
  const dequantizer = dequantizerOf(view, input[0] ?? '');
  if (!dequantizer) return !['Conv', 'MatMul', 'Gemm'].includes(opType);
  const type = view.constantOf(dequantizer.input[2] ?? '')?.dataType;
  return type === dataTypes.uint8 || type === dataTypes.int8;
}

/**
 * Layers whose activations have 8 bits, by what their weights alone allow: the activations are taken as the worst, 255 where it adds and 0 where it takes away. Layers that fit are not listed.
 * Source: MLAS kernels for AVX2 and AVX-512 without VNNI (GemmU8S8), whose VPMADDUBSW saturates at ±32767.
 */
export function saturatingLayers(model: ModelProto): PairSums[] {
  return model.graph ? viewGraph(model.graph).everyView().flatMap((view) => view.graph.node.flatMap((node) => {
    let beyond = 0, pairs = 0;
    node.input.forEach((name, input) => {
      const weight = input === 0 ? null : weightBehind(view, name);
      const layout = weight ? layoutOf(node, input, dimsOf(weight)) : null;
      if (!weight || !layout || !readsBytes(view, node)) return;
      const { rawData } = weight;
      if (rawData.length < layout[0] * layout[1] * layout[2]) return; // lies elsewhere
      const counted = pairsBeyond(new Int8Array(rawData.buffer, rawData.byteOffset, rawData.length), ...layout);
      beyond += counted.beyond;
      pairs += counted.pairs;
    });
    return beyond > 0 ? [{ node: `${view.place}${view.nameOf(node)}`, share: beyond / pairs }] : [];
  })) : [];
}
