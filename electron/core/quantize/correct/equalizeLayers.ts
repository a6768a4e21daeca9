// Cross-layer equalisation: moves scales between neighbouring layers until the channels of each have like ranges, and high biases into the next layer; the function stays the same.
import { intsAttribute, stringAttribute } from '../../onnx/graph/attributes.ts';
import type { ModelProto, NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { rangeKey } from '../static/StaticOptions.ts';
import type { ChannelInputs } from './channelInputs.ts';
import { consumerReach, eachInput, findScalePairs, graphIndex, moveScales, producerReach, type GraphIndex, type ScalePair } from './scalePairs.ts';

export interface Equalized { readonly model: ModelProto; readonly pairs: number; readonly absorbed: number }

const rounds = 20;
/** Scales beyond these move noise, not ranges. */
const mostScale = 1e4;

/**
 * Works on a copy.
 * @param observed what calibration saw; where it is given, high biases are absorbed as far as every seen value allows, padding apart
 * Source: Nagel et al. 2019, Data-Free Quantization, sections 4.1 (s = sqrt(r1 r2) / r2) and 4.1.3; the low end of what was seen stands for beta - 3 gamma.
 */
export function equalizeLayers(source: ModelProto, observed?: ChannelInputs): Equalized {
  const model = cloneModel(source);
  const graph = model.graph!;
  const index = graphIndex(graph);
  const pairs = findScalePairs(graph, index).filter(({ producer, consumers }) => producer.opType !== 'LayerNormalization' && consumers.length === 1);
  const total = new Map(pairs.map((pair) => [pair, new Float64Array(pair.channels).fill(1)]));
  for (let round = 0; round < rounds; round++) {
    let moved = 0;
    for (const pair of pairs) {
      const [r1, r2] = [producerReach(pair.producer, pair.channels, index), consumerReach(pair.consumers[0]!, pair.channels, index)];
      const scales = r1.map((a, i) => (a > 0 && r2[i]! > 0 ? Math.min(mostScale, Math.max(1 / mostScale, Math.sqrt(a / r2[i]!))) : 1));
      scales.forEach((s, i) => { moved = Math.max(moved, Math.abs(Math.log(s))); total.get(pair)![i] = total.get(pair)![i]! * s; });
      moveScales(pair, scales, index);
    }
    if (moved < 1e-3) break;
  }
  let absorbed = 0;
  if (observed) for (const pair of pairs) {
    const lows = observed.get(rangeKey('', pair.tensor))?.lows;
    if (lows?.length === pair.channels && absorb(pair, lows.map((low, i) => Math.max(0, low) / total.get(pair)![i]!), graph.initializer, index)) absorbed++;
  }
  return { model, pairs: pairs.length, absorbed };
}

/** ReLU(x - c) = ReLU(x) - c where every x is at least c: the next layer's bias takes what was taken from this one. */
function absorb({ producer, consumers, rectified, added }: ScalePair, offsets: Float64Array, initializers: { push: (tensor: ReturnType<typeof tensorOver>) => unknown }, index: GraphIndex): boolean {
  const [consumer] = consumers;
  if (!consumer || !rectified || offsets.every((c) => !(c > 0) || !Number.isFinite(c)) || producer.opType === 'MatMul' || added.length || consumer.opType === 'MatMul' || isPadded(consumer)) return false;
  if (producer.opType === 'Gemm' || consumer.opType === 'Gemm') return false; // alpha and beta would have to be worked in; their biases are rarely high
  const bias = index.own(producer.input[2]);
  const next = consumer.input[2] ? index.own(consumer.input[2]) : null;
  if (!bias || (consumer.input[2] && !next)) return false;
  const weight = index.own(consumer.input[1])!;
  const [outputs = 0] = weight.dims;
  const gain = new Float64Array(outputs);
  const row = weight.values.length / outputs;
  eachInput(consumer, weight.dims, weight.values.length, (at, channel) => { const o = Math.floor(at / row); gain[o] = gain[o]! + weight.values[at]! * offsets[channel]!; });
  index.replace(bias, bias.values.map((b, i) => b - offsets[i]!));
  if (next) index.replace(next, next.values.map((b, o) => b + gain[o]!));
  else {
    const name = `${consumer.name}/absorbed_bias`;
    initializers.push(tensorOver(name, dataTypes.float, [outputs], Float32Array.from(gain)));
    consumer.input[2] = name;
  }
  return true;
}

/** Padding brings zeros in that are not the offset: then absorbing would change the border. */
const isPadded = (node: NodeProto): boolean => !['', 'NOTSET', 'VALID'].includes(stringAttribute(node, 'auto_pad', '')) || intsAttribute(node, 'pads', []).some((p) => p !== 0);
