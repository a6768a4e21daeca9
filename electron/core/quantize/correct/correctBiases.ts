// Bias correction: rounding weights shifts the mean of a layer's output; the shift is known from the mean input, and is taken out of the bias.
import { floatAttribute, intAttribute } from '../../onnx/graph/attributes.ts';
import { readsOf } from '../../onnx/graph/subgraphs.ts';
import type { GraphProto, ModelProto, NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { dataTypes, dimsOf, floatsOf, tensorOver } from '../graph/protos.ts';
import { channelAxis } from '../static/operatorRules.ts';
import { weightedNodes, type ChannelInputs, type WeightedNode } from './channelInputs.ts';

export interface BiasCorrection { readonly model: ModelProto; /** Nodes whose bias was corrected. */ readonly corrected: readonly string[] }

/**
 * Works on a copy. Convolutions and Gemm get a bias where they have none; a MatMul is corrected in the constant that is added to it, where there is one.
 * @param rounded the weight as the quantized model will compute with it; null for a node that stays as it is
 * Source: Nagel et al. 2019, Data-Free Quantization through Weight Equalization and Bias Correction, section 4.2: E[y'] - E[y] = (W' - W) E[x].
 */
export function correctBiases(source: ModelProto, inputs: ChannelInputs, rounded: (node: WeightedNode, data: Float32Array, dims: readonly number[], axis: number) => Float32Array | null): BiasCorrection {
  const model = cloneModel(source);
  const corrected: string[] = [];
  for (const one of weightedNodes(model)) {
    const means = inputs.get(one.key)?.means;
    const dims = dimsOf(one.weight);
    if (!means || one.node.opType === 'ConvTranspose' || (one.node.opType !== 'Conv' && dims.length !== 2)) continue;
    const { graph } = one.scope;
    const place = placeOfBias(graph, one.node);
    if (!place) continue;
    const data = floatsOf(one.weight);
    const after = rounded(one, data, dims, channelAxis(one.node.opType, intAttribute(one.node, 'transB', 0) > 0));
    if (!after) continue;
    const shift = shiftOf(one, data, after, dims, means);
    if (!shift || shift.every((x) => x === 0)) continue;
    const old = place.name === null ? null : graph.initializer.find((t) => t.name === place.name)!;
    if (old && floatsOf(old).length !== shift.length) continue;
    // Gemm multiplies its bias by beta.
    const beta = one.node.opType === 'Gemm' ? floatAttribute(one.node, 'beta', 1) : 1;
    if (beta === 0) continue;
    const values = old ? floatsOf(old) : new Float32Array(shift.length);
    const name = `${one.node.name}/corrected_bias`;
    graph.initializer.push(tensorOver(name, dataTypes.float, old ? dimsOf(old) : [shift.length], values.map((x, i) => x - shift[i]! / beta)));
    while (place.node.input.length < place.index) place.node.input.push('');
    place.node.input[place.index] = name;
    corrected.push(one.label);
  }
  return { model, corrected };
}

/** The input that holds the bias; its name is null where there is none yet. */
function placeOfBias(graph: GraphProto, node: NodeProto): { readonly node: NodeProto; readonly index: number; readonly name: string | null } | null {
  const constant = (name: string | undefined) => name !== undefined && graph.initializer.some((t) => t.name === name && t.dataType === dataTypes.float);
  if (node.opType !== 'MatMul') {
    const name = node.input[2] || null;
    return name === null || constant(name) ? { node, index: 2, name } : null;
  }
  const [output = ''] = node.output;
  const readers = graph.node.filter((other) => readsOf(other).includes(output));
  const [add] = readers;
  if (readers.length !== 1 || add!.opType !== 'Add' || graph.output.some((o) => o.name === output)) return null;
  const index = add!.input[0] === output ? 1 : 0;
  return constant(add!.input[index]) ? { node: add!, index, name: add!.input[index]! } : null;
}

/** (W' - W) E[x] for each output channel. */
function shiftOf({ node }: WeightedNode, before: Float32Array, after: Float32Array, dims: readonly number[], means: Float64Array): Float64Array | null {
  if (node.opType === 'Conv') {
    const [outputs = 0, perGroup = 0] = dims;
    const groups = intAttribute(node, 'group', 1);
    const kernel = before.length / Math.max(1, outputs * perGroup);
    if (means.length !== perGroup * groups) return null;
    const shift = new Float64Array(outputs);
    for (let o = 0, at = 0; o < outputs; o++) {
      const first = Math.floor(o / (outputs / groups)) * perGroup;
      for (let i = 0; i < perGroup; i++) {
        let sum = 0;
        for (let k = 0; k < kernel; k++, at++) sum += after[at]! - before[at]!;
        shift[o] = shift[o]! + sum * means[first + i]!;
      }
    }
    return shift;
  }
  const transposed = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) > 0;
  const alpha = node.opType === 'Gemm' ? floatAttribute(node, 'alpha', 1) : 1;
  const [outputs, inputs] = transposed ? [dims[0]!, dims[1]!] : [dims[1]!, dims[0]!];
  if (means.length !== inputs) return null;
  const shift = new Float64Array(outputs);
  for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) {
    const at = transposed ? o * inputs + i : i * outputs + o;
    shift[o] = shift[o]! + alpha * (after[at]! - before[at]!) * means[i]!;
  }
  return shift;
}
