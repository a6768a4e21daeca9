// Does a sample's answer depend on the others of its batch? It does where the model takes its ranges at run time.
import { readFile } from 'node:fs/promises';
import { isAppError } from '#shared/errors';
import { decodeModel } from '#core/onnx/decodeModel';
import { eachGraph } from '#core/onnx/graph/subgraphs';

/** DynamicQuantizeLinear and the fused operators of its kind (com.microsoft) span the whole input, batch included. */
const dynamicRanges = /^DynamicQuantize/;

/** False also for a file that only the runtime can read: the caller opens it there and learns more. */
export async function rangesDependOnBatch(path: string): Promise<boolean> {
  try {
    const { graph, functions } = decodeModel(await readFile(path));
    const nodes = [...(graph ? [...eachGraph(graph)].flatMap(({ node }) => node) : []), ...functions.flatMap(({ node }) => node)];
    return nodes.some(({ opType }) => dynamicRanges.test(opType));
  } catch (error) {
    if (isAppError(error) && error.code === 'BAD_MODEL') return false;
    throw error;
  }
}
