// Which activations feed constant weights, and what calibration keeps of each: per channel the mean, the largest magnitude and the smallest value.
import { intAttribute } from '../../onnx/graph/attributes.ts';
import type { ModelProto, NodeProto, TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { dataTypes, isDefaultDomain } from '../graph/protos.ts';
import { rangeKey } from '../static/StaticOptions.ts';
import { initializerOf, nodeLabel, walkScopes, type Scope } from '../static/walkScopes.ts';

export interface ChannelStats {
  readonly means: Float64Array;
  /** Largest magnitudes. */
  readonly reach: Float64Array;
  readonly lows: Float64Array;
  /** Values seen per channel. */
  count: number;
}
/** By rangeKey of the activation. */
export type ChannelInputs = ReadonlyMap<string, ChannelStats>;

export interface WeightedNode {
  readonly scope: Scope;
  readonly node: NodeProto;
  readonly label: string;
  readonly weight: TensorProto;
  /** rangeKey of its input. */
  readonly key: string;
  /** Where the input's channels lie: after the batch (convolutions), or last (matrix products). */
  readonly channels: 'second' | 'last';
}

/** Nodes whose second input is a constant float32 weight of two dimensions or more. */
export function weightedNodes(model: ModelProto): WeightedNode[] {
  return walkScopes(model).filter(({ observable, repeated }) => observable && !repeated).flatMap((scope) => scope.graph.node.flatMap((node): WeightedNode[] => {
    const convolution = node.opType === 'Conv' || node.opType === 'ConvTranspose';
    if (!isDefaultDomain(node) || !(convolution || node.opType === 'MatMul' || (node.opType === 'Gemm' && !intAttribute(node, 'transA', 0)))) return [];
    const [input = '', name = ''] = node.input;
    const weight = initializerOf(scope, name)?.tensor;
    if (!weight || weight.dataType !== dataTypes.float || weight.dims.length < 2 || initializerOf(scope, input)) return [];
    return [{ scope, node, label: nodeLabel(scope, node), weight, key: rangeKey(scope.path, input), channels: convolution ? 'second' : 'last' }];
  }));
}

export function newChannelStats(channels: number): ChannelStats {
  return { means: new Float64Array(channels), reach: new Float64Array(channels), lows: new Float64Array(channels).fill(Infinity), count: 0 };
}

/** Adds a tensor; returns false where its channels do not fit what was seen before. */
export function observeChannels(stats: ChannelStats, data: Float32Array, dims: readonly number[], where: 'second' | 'last'): boolean {
  const axis = where === 'last' ? dims.length - 1 : 1;
  const channels = dims[axis];
  if (channels === undefined || channels !== stats.means.length || data.length === 0) return false;
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = data.length / (channels * inner);
  const added = outer * inner;
  for (let c = 0; c < channels; c++) {
    let [sum, reach, low] = [0, stats.reach[c]!, stats.lows[c]!];
    for (let o = 0; o < outer; o++) {
      const start = (o * channels + c) * inner;
      for (let i = start; i < start + inner; i++) {
        const x = data[i]!;
        sum += x;
        if (x < low) low = x;
        if (x > reach) reach = x; else if (-x > reach) reach = -x;
      }
    }
    stats.means[c] = stats.means[c]! + (sum - added * stats.means[c]!) / (stats.count + added);
    stats.reach[c] = reach;
    stats.lows[c] = low;
  }
  stats.count += added;
  return true;
}
