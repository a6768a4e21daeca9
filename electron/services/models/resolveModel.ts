// Finds what a reference to a model means: the file on this machine, and its record where it is registered.
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ModelRecord } from '#shared/contract/models';
import type { ModelRef } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { translateFileError } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import { modelRecordOf, modelRecords } from './modelRecords.ts';

export interface ResolvedModel {
  readonly path: string;
  readonly name: string;
  readonly id: string | null;
  readonly record: ModelRecord | null;
  /** Class names in output order where the registry knows them. */
  readonly labels: readonly string[] | null;
}

/** Throws NOT_FOUND, BAD_INPUT (a folder), PERMISSION_DENIED. A path into the registry is recognised. */
export async function resolveModel(services: Pick<Services, 'store'>, ref: ModelRef): Promise<ResolvedModel> {
  const path = 'id' in ref ? modelRecordOf(services, ref.id).path : resolve(ref.path);
  const info = await stat(path).catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
  if (info.isDirectory()) throw new AppError('BAD_INPUT', `${path} is a folder, and a model file is needed.`, { hint: 'Name the .onnx file in it.' });
  const record = 'id' in ref ? modelRecordOf(services, ref.id) : modelRecords(services).list().find((one) => one.path === path) ?? null;
  return { path, record, labels: record?.labels ?? null, id: record?.id ?? null, name: record?.name ?? basename(path).replace(/\.onnx$/i, '') };
}
