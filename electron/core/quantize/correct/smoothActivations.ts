// SmoothQuant: moves the wide channels of an activation into the weights that read it, so that one scale serves all its channels; the function stays the same.
import { makeNode } from '../../onnx/graph/attributes.ts';
import { sortNodes } from '../../onnx/graph/sortNodes.ts';
import type { ModelProto, NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { rangeKey } from '../static/StaticOptions.ts';
import type { ChannelInputs } from './channelInputs.ts';
import { consumerReach, findScalePairs, graphIndex, inputChannels, moveScales, multiplyInputs, type GraphIndex } from './scalePairs.ts';

export interface Smoothed { readonly model: ModelProto; /** Activations whose scales went into the layer before. */ readonly folded: number; /** Activations that got a multiplication of their own. */ readonly inserted: number }

/** A multiplication of its own must pay: the widest channel is so many times the median one. */
const worthInserting = 8;
const mostScale = 1e4;

/**
 * Works on a copy.
 * @param alpha how much of the difficulty goes from activations to weights; 0.5 shares it evenly
 * Source: Xiao et al. 2023, SmoothQuant: s = max|X|^alpha / max|W|^(1 - alpha), X' = X / s, W' = s W.
 */
export function smoothActivations(source: ModelProto, inputs: ChannelInputs, alpha = 0.5): Smoothed {
  const model = cloneModel(source);
  const graph = model.graph!;
  const index = graphIndex(graph);
  const done = new Set<string>();
  let [folded, inserted] = [0, 0];
  for (const pair of findScalePairs(graph, index)) {
    const scales = scalesFor(pair.tensor, pair.consumers, pair.channels, inputs, alpha, index);
    done.add(pair.tensor);
    if (!scales) continue;
    moveScales(pair, scales, index);
    folded++;
  }
  // Where other nodes read the activation too (a residual), its products read a scaled copy.
  for (const [tensor, readers] of [...index.readers]) {
    const products = readers.filter((node) => node.input[0] === tensor && (node.opType === 'MatMul' || node.opType === 'Gemm') && inputChannels(node, index) !== null);
    const [first] = products;
    if (!first || done.has(tensor)) continue;
    const channels = inputChannels(first, index)!;
    const reach = inputs.get(rangeKey('', tensor))?.reach;
    if (!reach || products.some((node) => inputChannels(node, index) !== channels) || spreadOf(reach) < worthInserting) continue;
    const scales = scalesFor(tensor, products, channels, inputs, alpha, index);
    if (!scales) continue;
    for (const product of products) multiplyInputs(product, scales, index);
    const [name, output] = [`${tensor}/smoothing`, `${tensor}/smoothed`];
    graph.initializer.push(tensorOver(name, dataTypes.float, [channels], Float32Array.from(scales, (s) => 1 / s)));
    graph.node.push(makeNode('Mul', [tensor, name], [output], { name: output }));
    for (const product of products) product.input[0] = output;
    inserted++;
  }
  if (inserted) graph.node = [...sortNodes(graph).order];
  return { model, folded, inserted };
}

function scalesFor(tensor: string, consumers: readonly NodeProto[], channels: number, inputs: ChannelInputs, alpha: number, index: GraphIndex): Float64Array | null {
  const reach = inputs.get(rangeKey('', tensor))?.reach;
  if (reach?.length !== channels) return null;
  const weights = consumers.map((node) => consumerReach(node, channels, index));
  return reach.map((x, i) => {
    const w = Math.max(...weights.map((one) => one[i]!));
    const s = x > 0 && w > 0 ? x ** alpha / w ** (1 - alpha) : 1;
    return Math.min(mostScale, Math.max(1 / mostScale, s));
  });
}

function spreadOf(reach: Float64Array): number {
  const sorted = [...reach].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1]!;
  return middle > 0 ? sorted.at(-1)! / middle : 1;
}
