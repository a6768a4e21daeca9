// Finds the file behind a reference to a model: an id of the registry, or a path.
import { stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { modelRecordSchema } from '#shared/contract/models';
import type { ModelRef } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { translateFileError } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';

export interface ResolvedModel {
  /** Absolute path of the .onnx file. */
  readonly path: string;
  readonly name: string;
  /** Null for a file that is not in the registry. */
  readonly id: string | null;
  /** Class names in output order where the registry knows them. */
  readonly labels: readonly string[] | null;
}

/** @throws NOT_FOUND, PERMISSION_DENIED, BAD_INPUT */
export async function resolveModel({ store }: Pick<Services, 'store'>, ref: ModelRef): Promise<ResolvedModel> {
  if ('id' in ref) {
    const record = store.collection('models', modelRecordSchema).get(ref.id);
    if (!record) throw new AppError('NOT_FOUND', `There is no model with the id ${ref.id} in the registry.`, { hint: 'List the models on the Models screen, or give a file.' });
    return { path: record.path, name: record.name, id: record.id, labels: record.labels };
  }
  if (!isAbsolute(ref.path)) throw new AppError('BAD_INPUT', `The path ${ref.path} is not absolute.`);
  const found = await stat(ref.path).catch((error: unknown) => { throw translateFileError(error, ref.path, 'read'); });
  if (!found.isFile()) throw new AppError('BAD_INPUT', `${ref.path} is a folder, not a model file.`, { hint: 'Give the .onnx file itself.' });
  return { path: ref.path, name: basename(ref.path).replace(/\.onnx$/i, ''), id: null, labels: null };
}
