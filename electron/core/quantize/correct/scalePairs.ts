// Places where a scale per channel can move from one layer into the next without changing the function: what equalisation and SmoothQuant use.
import { intAttribute } from '../../onnx/graph/attributes.ts';
import { outerReadsOf, readsOf, subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import type { GraphProto, NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { dataTypes, dimsOf, floatsOf, isDefaultDomain, tensorOver } from '../graph/protos.ts';

/** f(s x) = s f(x) for every s > 0, channel by channel. */
const homogeneous = new Set(['Relu', 'LeakyRelu', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'Identity']);

/** The same where channels come last. */
const betweenProducts = new Set(['Relu', 'LeakyRelu', 'Identity']);

/** A float constant that one node alone reads, as values that may be replaced. */
export interface Constant { readonly name: string; readonly values: Float32Array; readonly dims: readonly number[] }

export interface ScalePair {
  /** Conv, Gemm, MatMul (scaled by rows of its output) or LayerNormalization (by its scale and shift). */
  readonly producer: NodeProto;
  /** Convolutions and matrix products that read it, all with constant weights. */
  readonly consumers: readonly NodeProto[];
  /** The tensor that the consumers read. */
  readonly tensor: string;
  readonly channels: number;
  /** True where nothing lies between that mixes positions. */
  readonly rectified: boolean;
  /** Constants added to the producer's output, to be scaled with it. */
  readonly added: readonly string[];
}

/** Works on graphs of the main scope. */
export function graphIndex(graph: GraphProto) {
  const constants = new Map(graph.initializer.filter((t) => t.dataType === dataTypes.float).map((t) => [t.name, t]));
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node) for (const name of new Set(readsOf(node))) { const list = readers.get(name); if (list) list.push(node); else readers.set(name, [node]); }
  const outputs = new Set([...graph.output.map((o) => o.name), ...graph.node.flatMap((n) => subgraphsOf(n).flatMap(({ graph: inner }) => [...outerReadsOf(inner)]))]);
  const own = (name: string | undefined): Constant | null => {
    const tensor = name ? constants.get(name) : undefined;
    return tensor && readers.get(tensor.name)?.length === 1 && !outputs.has(tensor.name) ? { name: tensor.name, values: floatsOf(tensor), dims: dimsOf(tensor) } : null;
  };
  const replace = ({ name, dims }: Constant, values: Float32Array): void => {
    const at = graph.initializer.findIndex((t) => t.name === name);
    graph.initializer[at] = tensorOver(name, dataTypes.float, dims, values as Float32Array<ArrayBuffer>); // made here
    constants.set(name, graph.initializer[at]!);
  };
  return { constants, readers, outputs, own, replace };
}
export type GraphIndex = ReturnType<typeof graphIndex>;

const isMatrix = (node: NodeProto) => node.opType === 'MatMul' || (node.opType === 'Gemm' && !intAttribute(node, 'transA', 0));

/** Channels that a layer answers; null where its output cannot be scaled channel by channel. */
function outputChannels(node: NodeProto, { own }: GraphIndex): number | null {
  if (!isDefaultDomain(node)) return null;
  if (node.opType === 'LayerNormalization') {
    const scale = own(node.input[1]);
    return scale && scale.dims.length === 1 && (!node.input[2] || own(node.input[2])) && node.output.filter(Boolean).length === 1 ? scale.dims[0]! : null;
  }
  const weight = own(node.input[1]);
  if (!weight || !(node.opType === 'Conv' || (isMatrix(node) && weight.dims.length === 2))) return null;
  const channels = node.opType === 'Conv' || intAttribute(node, 'transB', 0) ? weight.dims[0]! : weight.dims[1]!;
  if (!node.input[2]) return channels;
  // Gemm also takes a bias for all channels at once, or one for each row: that one cannot be scaled channel by channel.
  const bias = own(node.input[2]);
  return bias?.values.length === channels && bias.dims.at(-1) === channels ? channels : null;
}

/** Channels that a layer takes; null where its weight is not its own constant. */
export function inputChannels(node: NodeProto, { own }: GraphIndex): number | null {
  const weight = own(node.input[1]);
  if (!isDefaultDomain(node) || !weight) return null;
  if (node.opType === 'Conv') {
    const groups = intAttribute(node, 'group', 1);
    return groups === 1 || weight.dims[1] === 1 ? weight.dims[1]! * groups : null;
  }
  if (isMatrix(node) && weight.dims.length === 2) return node.opType === 'Gemm' && intAttribute(node, 'transB', 0) ? weight.dims[1]! : weight.dims[0]!;
  return null;
}

export function findScalePairs(graph: GraphProto, index: GraphIndex): ScalePair[] {
  const pairs: ScalePair[] = [];
  for (const producer of graph.node) {
    const channels = outputChannels(producer, index);
    if (channels === null) continue;
    const convolution = producer.opType === 'Conv';
    const added: string[] = [];
    let tensor = producer.output[0]!;
    let rectified = true;
    for (;;) {
      const next: readonly NodeProto[] = index.outputs.has(tensor) ? [] : index.readers.get(tensor) ?? [];
      const [only] = next;
      if (!only) break;
      if (next.length === 1 && isDefaultDomain(only)) {
        if (only.input[0] === tensor && (convolution ? homogeneous : betweenProducts).has(only.opType)) {
          rectified &&= betweenProducts.has(only.opType);
          tensor = only.output[0]!;
          continue;
        }
        // A constant that is added to a product is its bias: it is scaled with it.
        const constant = producer.opType === 'MatMul' && only.opType === 'Add' && tensor === producer.output[0] ? index.own(only.input[only.input[0] === tensor ? 1 : 0]) : null;
        if (constant?.dims.length === 1 && constant.dims[0] === channels) {
          added.push(constant.name);
          tensor = only.output[0]!;
          continue;
        }
      }
      const takes = (node: NodeProto) => node.input[0] === tensor && inputChannels(node, index) === channels && (node.opType === 'Conv') === convolution && !readsTwice(node, tensor);
      if (next.every(takes)) pairs.push({ producer, consumers: next, tensor, channels, rectified, added });
      break;
    }
  }
  return pairs;
}

const readsTwice = (node: NodeProto, tensor: string): boolean => node.input.filter((name) => name === tensor).length > 1;

/** The largest magnitude of a consumer's weights that meet each of its input channels. */
export const consumerReach = (node: NodeProto, channels: number, index: GraphIndex): Float64Array => reachOf(node, channels, index, eachInput);

/** The largest magnitude of a producer's weights that make each of its output channels. */
export const producerReach = (node: NodeProto, channels: number, index: GraphIndex): Float64Array => reachOf(node, channels, index, eachOutput);

function reachOf(node: NodeProto, channels: number, { own }: GraphIndex, each: typeof eachInput): Float64Array {
  const { values, dims } = own(node.input[1])!;
  const reach = new Float64Array(channels);
  each(node, dims, values.length, (at, channel) => { const x = Math.abs(values[at]!); if (x > reach[channel]!) reach[channel] = x; });
  return reach;
}

export function eachInput(node: NodeProto, dims: readonly number[], count: number, visit: (at: number, channel: number) => void): void {
  if (node.opType === 'Conv') {
    const [, perGroup = 1] = dims;
    const kernel = dims.slice(2).reduce((a, b) => a * b, 1);
    const groups = intAttribute(node, 'group', 1);
    const outputsPerGroup = dims[0]! / groups;
    for (let at = 0; at < count; at++) {
      const output = Math.floor(at / (perGroup * kernel));
      visit(at, Math.floor(output / outputsPerGroup) * perGroup + (Math.floor(at / kernel) % perGroup));
    }
    return;
  }
  const transposed = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) > 0;
  const columns = dims[1]!;
  for (let at = 0; at < count; at++) visit(at, transposed ? at % columns : Math.floor(at / columns));
}

function eachOutput(node: NodeProto, dims: readonly number[], count: number, visit: (at: number, channel: number) => void): void {
  const byRows = node.opType === 'Conv' || (node.opType === 'Gemm' && intAttribute(node, 'transB', 0) > 0);
  const row = count / dims[0]!;
  for (let at = 0; at < count; at++) visit(at, byRows ? Math.floor(at / row) : at % dims[1]!);
}

/** Divides the producer's output channels by `scales` and multiplies what the consumers make of them. */
export function moveScales({ producer, consumers, added }: ScalePair, scales: Float64Array, index: GraphIndex): void {
  [...producer.input.slice(1, 3), ...added].forEach((name, i) => {
    const constant = index.own(name);
    if (!constant) return;
    const values = constant.values.slice();
    const divide = (at: number, channel: number) => { values[at] = values[at]! / scales[channel]!; };
    // A bias, and the scale of a normalization, have one value for each channel, whatever their layer's weight looks like.
    if (i === 0 && producer.opType !== 'LayerNormalization') eachOutput(producer, constant.dims, values.length, divide);
    else for (let at = 0; at < values.length; at++) divide(at, at);
    index.replace(constant, values);
  });
  for (const consumer of consumers) multiplyInputs(consumer, scales, index);
}

export function multiplyInputs(consumer: NodeProto, scales: Float64Array, index: GraphIndex): void {
  const weight = index.own(consumer.input[1])!;
  const values = weight.values.slice();
  eachInput(consumer, weight.dims, values.length, (at, channel) => { values[at] = values[at]! * scales[channel]!; });
  index.replace(weight, values);
}
