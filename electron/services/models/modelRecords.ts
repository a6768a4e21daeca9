// The registry of models in the store, and where their files are.
import { join } from 'node:path';
import { modelRecordSchema, type ModelRecord } from '#shared/contract/models';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';

export const modelRecords = (services: Pick<Services, 'store'>) => services.store.collection('models', modelRecordSchema);

/** Folder of a model's files: model.onnx and its external data. */
export const modelFolder = (services: Pick<Services, 'dataDir'>, id: string) => join(services.dataDir, 'models', id);

/** Throws NOT_FOUND. */
export function modelRecordOf(services: Pick<Services, 'store'>, id: string): ModelRecord {
  const record = modelRecords(services).get(id);
  if (!record) throw new AppError('NOT_FOUND', `There is no model with the id ${id}.`, { hint: 'See the Models screen for the ids, or give a path.' });
  return record;
}
