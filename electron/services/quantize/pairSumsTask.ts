// Which layers of a written INT8 model other programs could get wrong: asked once, of the result, and not of each candidate on the way to it.
import { decodeModel } from '#core/onnx/decodeModel';
import { saturatingLayers, type PairSums } from '#core/quantize/pairSums';
import { readBytes } from './prepareTask.ts';

export const pairSumsTask = async ({ path }: { readonly path: string }): Promise<PairSums[]> => saturatingLayers(decodeModel(readBytes(path)));
