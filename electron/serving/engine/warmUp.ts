// One execution on zeros before a model counts as ready, so that the first request does not pay for it.
import type { Feeds } from '#shared/tensor';
import { isAppError } from '#shared/errors';
import type { NativeSession } from '#services/inference/nativeSession';
import { datatypeOf } from '../protocol/datatypes.ts';
import type { ModelSignature } from '../protocol/InferRequest.ts';

const elementsMax = 64 * 1024 * 1024;

/** Free dimensions are 1. Says "done", or why not: a model need not take zeros. */
export async function warmUp(session: NativeSession, signature: ModelSignature): Promise<string> {
  const feeds: Feeds = Object.fromEntries(signature.inputs.flatMap(({ name, datatype, shape }) => {
    const known = datatypeOf(datatype);
    const dims = shape.map((size) => (size === -1 ? 1 : size));
    const count = dims.reduce((product, size) => product * size, 1);
    if (!known || count > elementsMax) return [];
    return [[name, { type: known.element, dims, data: known.Kind ? new known.Kind(count) : new Array<string>(count).fill('') }]];
  }));
  if (Object.keys(feeds).length < signature.inputs.length) return 'left out: the inputs are too large';
  try {
    await session.run(feeds);
    return 'done';
  } catch (error) {
    return `left out: ${isAppError(error) ? error.message : 'the model takes no zeros'}`;
  }
}
