// Reads a request whose body is one encoded image, for the model's only input.
import { badInput } from './badInput.ts';
import type { InferRequest, ModelSignature } from './InferRequest.ts';

export function readImageRequest(body: Uint8Array, { inputs }: ModelSignature): InferRequest {
  const [input] = inputs;
  if (!input || inputs.length !== 1) throw badInput(`An image as body is for models with one input; this one has ${inputs.length}.`);
  return { id: '', parameters: {}, inputs: [{ name: input.name, datatype: 'BYTES', shape: [1], data: [body] }], outputs: [] };
}
