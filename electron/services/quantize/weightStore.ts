// The large weights of a job in one scratch file beside its models: each is written once, and the runtime maps them instead of reading a copy with every model.
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError } from '#shared/errors';
import { GraphProtoSchema, ModelProtoSchema, type GraphProto, type ModelProto, type TensorProto } from '#core/onnx/schema/onnx_pb';
import { externalPlaceOf, isExternal } from '#core/onnx/tensors/ExternalData';
import { copyMessage } from '#core/quantize/graph/protos';
import { translateFileError } from '../files/translateFileError.ts';
import { appendAligned, externalTensor, internalTensor } from './externalTensor.ts';

export interface WeightStore {
  /** A copy of the model whose large weights lie in the file; those that do not yet are added where `add` says so, else they stay inside the model. */
  refer(model: ModelProto, options?: { readonly add?: boolean }): ModelProto;
  /** A copy of such a model with the weights in it again, read from the file; a second `refer` knows them. */
  resolve(model: ModelProto): ModelProto;
}

/** Smaller weights are not worth an entry. */
const largeBytes = 4096;
/** What vector instructions like best. */
const alignment = 64;

/** @param path of a new file in the folder of the models that will refer to it */
export function openWeightStore(path: string): WeightStore {
  const places = new WeakMap<Uint8Array, number>();
  let end = 0;

  const append = (tensors: readonly TensorProto[]): void => {
    if (tensors.length === 0) return;
    try {
      const file = openSync(path, end === 0 ? 'w' : 'a');
      try {
        for (const { rawData } of tensors) {
          const offset = appendAligned(file, end, rawData, alignment);
          places.set(rawData, offset);
          end = offset + rawData.length;
        }
      } finally { closeSync(file); }
    } catch (error) { throw translateFileError(error, path, 'write'); }
  };
  const external = (tensor: TensorProto): TensorProto => {
    const offset = places.get(tensor.rawData);
    return offset === undefined ? tensor : externalTensor(tensor, basename(path), offset);
  };
  const internal = (tensor: TensorProto, file: number): TensorProto => {
    if (!isExternal(tensor)) return tensor;
    const { offset, length } = externalPlaceOf(tensor);
    const rawData = new Uint8Array(length ?? 0);
    for (let at = 0; at < rawData.length;) {
      const read = readSync(file, rawData, at, rawData.length - at, offset + at);
      if (read === 0) throw new AppError('INTERNAL', `The weight "${tensor.name}" is not whole in the job's file.`);
      at += read;
    }
    places.set(rawData, offset);
    return internalTensor(tensor, rawData);
  };
  // The main graph only: weights inside If branches are few, and tools differ in what they take there.
  const withWeights = (model: ModelProto, change: (tensor: TensorProto) => TensorProto): ModelProto => {
    const graph: GraphProto = copyMessage(GraphProtoSchema, model.graph!, { initializer: model.graph!.initializer.map(change) });
    return copyMessage(ModelProtoSchema, model, { graph });
  };
  return {
    refer(model, { add = false } = {}) {
      if (add) append(model.graph!.initializer.filter(({ rawData }) => rawData.length >= largeBytes && !places.has(rawData)));
      return withWeights(model, external);
    },
    resolve(model) {
      if (end === 0) return model;
      try {
        const file = openSync(path, 'r');
        try { return withWeights(model, (tensor) => internal(tensor, file)); } finally { closeSync(file); }
      } catch (error) { throw translateFileError(error, path, 'read'); }
    },
  };
}
