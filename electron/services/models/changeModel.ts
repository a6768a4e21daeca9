// Rename models of the registry, state their version, and remove them; all of it is written to the audit trail.
import { rm } from 'node:fs/promises';
import type { ModelRecord } from '#shared/contract/models';
import { translateFileError } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { modelFolder, modelRecordOf, modelRecords } from './modelRecords.ts';

/** Throws NOT_FOUND. */
export function renameModel(services: Services, id: string, name: string, reason?: string): ModelRecord {
  const before = modelRecordOf(services, id);
  const record = { ...before, name };
  services.store.atomically(() => {
    modelRecords(services).put(record);
    services.store.audit.append({ actor: actorOf(services), action: 'model.renamed', subject: name, detail: { modelId: id, old: { name: before.name }, new: { name }, ...(reason === undefined ? {} : { reason }) } });
  });
  return record;
}

/** States the version of a model, or takes it back with null; the reason goes to the audit trail. Throws NOT_FOUND. */
export function setModelVersion(services: Services, { id, version, reason }: { readonly id: string; readonly version: string | null; readonly reason?: string | undefined }): ModelRecord {
  const before = modelRecordOf(services, id);
  if (before.version === version) return before;
  const record: ModelRecord = { ...before, version };
  services.store.atomically(() => {
    modelRecords(services).put(record);
    services.store.audit.append({ actor: actorOf(services), action: 'model.changed', subject: record.name, detail: { modelId: id, old: { version: before.version }, new: { version }, ...(reason === undefined ? {} : { reason }) } });
  });
  return record;
}

/** Removes the record first: files without a record are harmless, a record without files is not. Throws NOT_FOUND. */
export async function removeModel(services: Services, id: string, reason?: string): Promise<void> {
  const record = modelRecordOf(services, id);
  modelRecords(services).remove(id);
  services.store.audit.append({ actor: actorOf(services), action: 'model.removed', subject: record.name, detail: { modelId: id, sha256: record.summary.sha256, ...(reason === undefined ? {} : { reason }) } });
  const folder = modelFolder(services, id);
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => { throw translateFileError(error, folder, 'remove'); });
}
