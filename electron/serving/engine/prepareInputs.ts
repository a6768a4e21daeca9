// From the tensors of a request to what the session takes; BYTES become text, or an image prepared as the model wants it.
import { AppError } from '#shared/errors';
import type { Feeds, TensorValue } from '#shared/tensor';
import { badInput } from '../protocol/badInput.ts';
import { datatypeOf } from '../protocol/datatypes.ts';
import type { InferData, InferRequest, InferTensor } from '../protocol/InferRequest.ts';
import type { ImageInput } from './imageInput.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const isBytes = (data: InferData): data is readonly Uint8Array[] => Array.isArray(data) && data[0] instanceof Uint8Array;

function textOf(data: readonly Uint8Array[], name: string): string[] {
  return data.map((bytes, index) => {
    try {
      return utf8.decode(bytes);
    } catch (error) {
      throw new AppError('BAD_INPUT', `Element ${index} of input "${name}" is not UTF-8 text.`, { cause: error });
    }
  });
}

export function valueOf({ name, datatype, shape, data }: InferTensor): TensorValue {
  const known = datatypeOf(datatype);
  if (!known) throw badInput(`The datatype of input "${name}" is none of the protocol.`);
  return { type: known.element, dims: shape, data: isBytes(data) ? textOf(data, name) : data };
}

/** The encoded images of an input, from the binary form or as base64 text in JSON. */
const imagesOf = (data: InferData): Uint8Array[] => (isBytes(data) ? [...data] : Array.from(data as readonly string[], (text) => Buffer.from(text, 'base64'))); // BYTES are one of the two

/** `image` is null where the model takes no images. */
export function prepareInputs(request: InferRequest, image: ImageInput | null): InferRequest {
  if (!image || !request.inputs.some(({ name, datatype }) => name === image.name && datatype === 'BYTES')) return request;
  return { ...request, inputs: request.inputs.map((input) => (input.name === image.name && input.datatype === 'BYTES' ? image.prepare(imagesOf(input.data)) : input)) };
}

export const feedsOf = (request: InferRequest): Feeds => Object.fromEntries(request.inputs.map((input) => [input.name, valueOf(input)]));
