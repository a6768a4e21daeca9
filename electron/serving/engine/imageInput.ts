// The model's one image input, filled from PNG, JPEG or BMP files by the same pipeline as calibration and validation.
import { AppError } from '#shared/errors';
import type { TensorInfo } from '#shared/contract/references';
import { resolvePreprocess, preprocessImage } from '#core/preprocess/preprocessImage';
import { badInput } from '../protocol/badInput.ts';
import { datatypeOf, datatypeOfElement } from '../protocol/datatypes.ts';
import type { InferTensor, ModelSignature } from '../protocol/InferRequest.ts';
import type { ModelSettings } from '../repository/modelSettings.ts';
import { decodeEncodedImage } from './decodeEncodedImage.ts';

export interface ImageInput {
  readonly name: string;
  prepare(files: readonly Uint8Array[]): InferTensor;
}

const imagesMax = 1024;

/** Null where the model has not exactly one input that an image can fill. Without settings the input itself says how images are prepared, where nobody is against it (`images`). */
export function imageInputOf(signature: ModelSignature, settings: ModelSettings): ImageInput | null {
  const [input, second] = signature.inputs;
  if (!input || second) return null;
  const element = datatypeOf(input.datatype)?.element;
  const info: TensorInfo = { name: input.name, type: element ?? '', shape: input.shape.map((size) => (size === -1 ? null : size)) };
  let spec;
  try {
    spec = resolvePreprocess(settings.preprocess ?? null, info);
  } catch (error) {
    if (error instanceof AppError && settings.preprocess === undefined) return null; // no image input, and nobody said it were one
    throw error;
  }
  // A guess would be answered with 200, whatever the model was trained with.
  if (settings.images === false) return { name: input.name, prepare: () => { throw badInput(`Nobody has said how pictures are prepared for input "${input.name}": send it as a tensor, prepared as the model wants it.`); } };
  return {
    name: input.name,
    prepare(files) {
      if (files.length === 0 || files.length > imagesMax) throw badInput(`Input "${input.name}" takes 1 to ${imagesMax} images, not ${files.length}.`);
      const values = [];
      for (const [index, file] of files.entries()) values.push(preprocessImage(decodeEncodedImage(file, files.length === 1 ? 'The image' : `Image ${index}`), spec));
      const [first] = values;
      const datatype = first ? datatypeOfElement(first.type) : null;
      if (!first || !datatype?.Kind) throw new AppError('INTERNAL', 'An image became no tensor.');
      if (values.length === 1) return { name: input.name, datatype: datatype.name, shape: first.dims, data: first.data };
      if (!spec.batch) throw badInput(`Input "${input.name}" takes one image at a time.`);
      if (values.some(({ dims }) => dims.some((size, axis) => size !== first.dims[axis]))) throw badInput('The images have different sizes after preparation, so that they make no batch.');
      const data = new datatype.Kind(values.length * first.data.length);
      for (const [index, value] of values.entries()) data.set(value.data as never, index * first.data.length); // all of one kind
      return { name: input.name, datatype: datatype.name, shape: [values.length, ...first.dims.slice(1)], data };
    },
  };
}
