// Which layers of a written INT8 model other programs could get wrong: asked once, of the result, and not of each candidate on the way to it.
import { decodeModel } from '#core/onnx/decodeModel';
import { saturatingLayers, type PairSums } from '#core/quantize/pairSums';
import { exactSumsObstacle, type ExactSumsObstacle } from '../inference/exactSums.ts';
import { readBytes } from './prepareTask.ts';

export interface ResultSums { readonly layers: readonly PairSums[]; /** What keeps Millwright's own sessions from adding them exactly on every processor. */ readonly obstacle: ExactSumsObstacle | null }

export const pairSumsTask = async ({ path }: { readonly path: string }): Promise<ResultSums> => ({ layers: saturatingLayers(decodeModel(readBytes(path))), obstacle: exactSumsObstacle(path) });
