// What is told of INT8 layers that programs which add in 16 bits could get wrong; Millwright's own sessions and stations add exactly where the model lets them.
import { readFile, stat } from 'node:fs/promises';
import type { Finding } from '#shared/finding';
import { decodeModel } from '#core/onnx/decodeModel';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { saturatingLayers, type PairSums } from '#core/quantize/pairSums';
import { exactSumsObstacle, type ExactSumsObstacle } from '../inference/exactSums.ts';
import type { ResultSums } from '../quantize/pairSumsTask.ts';

/** Why the runtime's exact sums cannot be had. */
const obstacleWords: Readonly<Record<ExactSumsObstacle, string>> = {
  'no zero point': "it has INT8 weights with several scales and no zero point, and the runtime's exact sums need one",
  'shared weights': "several operators share an INT8 weight or zero point, and the runtime's exact sums cannot be had for those",
};
const obstacleRemedies: Readonly<Record<ExactSumsObstacle, string>> = {
  'no zero point': 'Give its DequantizeLinear nodes zero points of 0, or quantize the float model with Millwright.',
  'shared weights': 'Quantize the float model with Millwright and --reduce-range.',
};

/** The finding, told by how many layers and up to what percentage of their pairs; at the layer with the most. */
function findingsOn(layers: readonly PairSums[], tell: (count: number, percent: string) => Omit<Finding, 'place'>): Finding[] {
  const [worst] = [...layers].sort((a, b) => b.share - a.share);
  return worst ? [{ ...tell(layers.length, Math.max(0.1, 100 * worst.share).toFixed(1)), place: worst.node }] : [];
}

/** Of a result: a warning where Millwright's sessions cannot add it exactly either. */
export const pairSumFindings = ({ layers, obstacle }: ResultSums): Finding[] => findingsOn(layers, (count, percent) => ({
  id: 'QUANTIZE_PAIR_SUMS', severity: obstacle === null ? 'info' : 'warning',
  message: `On processors without VNNI ${obstacle === null ? 'other programs than Millwright' : 'programs, Millwright among them,'} may add wrongly in ${count} of the layers: sums of two products can leave 16 bits, here for up to ${percent} % of the pairs of weights.`,
  remedy: obstacle === null
    ? 'For such a program quantize with --reduce-range, or set session.x64quantprecision in ONNX Runtime. Millwright and its stations add exactly.'
    : `Quantize with --reduce-range, which is exact everywhere: ${obstacleWords[obstacle]}.`,
}));

/** Larger files are float in all likelihood, and too much to read for this. */
const largestBytes = 256 << 20;

/** For a model that another engine is to serve. A file that cannot be read says nothing: whoever serves it tells. */
export async function pairSumNotes(path: string, engineTitle: string): Promise<Finding[]> {
  let layers: readonly PairSums[];
  try {
    if ((await stat(path)).size > largestBytes) return [];
    layers = saturatingLayers(decodeModel(await readFile(path)));
  } catch { return []; }
  return findingsOn(layers, (count, percent) => ({
    id: 'ENGINE_PAIR_SUMS', severity: 'warning',
    message: `Where its processor has no VNNI, ${engineTitle} may add wrongly in ${count} layers of this INT8 model: sums of two products can leave 16 bits, for up to ${percent} % of the pairs of weights.`,
    remedy: 'Quantize it with --reduce-range, or serve it with Millwright\'s own runtime, which adds exactly.',
  }));
}

/** For a model whose form keeps even Millwright's sessions from adding exactly; see exactSumsObstacle. */
export function inexactFindings({ path, model }: { readonly path: string; readonly model: ModelProto }): Finding[] {
  const obstacle = exactSumsObstacle(path);
  if (obstacle === null) return [];
  let layers: readonly PairSums[];
  try { layers = saturatingLayers(model); } catch { return []; } // what is wrong with its graphs is told by the check
  return findingsOn(layers, (count) => ({
    id: 'MODEL_PAIR_SUMS', severity: 'warning',
    message: `On processors without VNNI ${count} layers of this INT8 model may be added wrongly, by Millwright too: ${obstacleWords[obstacle]}.`,
    remedy: obstacleRemedies[obstacle],
  }));
}
