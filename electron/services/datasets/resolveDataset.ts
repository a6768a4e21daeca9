// Finds what a reference to a data set means: the path on this machine, its schema file and its record.
import { resolve } from 'node:path';
import { datasetRecordSchema, type DatasetRecord } from '#shared/contract/datasets';
import type { DataRef } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';

export interface ResolvedDataset {
  readonly path: string;
  /** A dataset.yaml kept elsewhere than in the data. */
  readonly schemaPath: string | null;
  readonly record: DatasetRecord | null;
}

export const datasetRecords = (services: Pick<Services, 'store'>) => services.store.collection('datasets', datasetRecordSchema);

/** Throws NOT_FOUND for an id that is not registered. A path may name a registered set, too: then its record comes with it. */
export function resolveDataset(services: Pick<Services, 'store'>, ref: DataRef): ResolvedDataset {
  const records = datasetRecords(services);
  if ('id' in ref) {
    const record = records.get(ref.id);
    if (!record) throw new AppError('NOT_FOUND', `There is no data set with the id ${ref.id}.`, { hint: 'See the Datasets screen for the ids, or give a path.' });
    return { path: record.path, schemaPath: null, record };
  }
  const path = resolve(ref.path);
  return { path, schemaPath: ref.schema === undefined ? null : resolve(ref.schema), record: records.list().find((record) => record.path === path) ?? null };
}
