// The registry of data sets: add with a check, list, show samples, remove. The data itself stays where it is.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { DatasetRecord } from '#shared/contract/datasets';
import { AppError } from '#shared/errors';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { checkDataset } from './checkDataset.ts';
import { makeThumbnail } from './decodeImage.ts';
import { labelShown } from './labelShown.ts';
import { openDataset } from './openDataset.ts';
import { findOverlaps, storeIdentities } from './overlaps.ts';
import { datasetRecords } from './resolveDataset.ts';

export interface AddDataset { readonly path: string; readonly name?: string | undefined; readonly purpose: DatasetRecord['purpose'] }

/** Checks and registers a data set. The same path and purpose added again refreshes its check, as long as it is not sealed. */
export async function addDataset(services: Services, input: AddDataset, context: Pick<JobContext, 'signal' | 'progress'>): Promise<DatasetRecord> {
  const path = resolve(input.path);
  const records = datasetRecords(services);
  const earlier = records.list().find((record) => record.path === path && record.purpose === input.purpose) ?? null;
  if (earlier?.seal) return earlier;
  const { check, identities } = await checkDataset(services, { path }, context);
  const id = earlier?.id ?? randomUUID();
  const overlaps = await findOverlaps(services, identities, { id, path });
  await storeIdentities(services, id, identities);
  const name = input.name ?? earlier?.name ?? basename(path);
  const record: DatasetRecord = {
    id, name, path, purpose: input.purpose, addedAt: earlier?.addedAt ?? new Date(services.clock()).toISOString(), check, seal: null, openings: earlier?.openings ?? [],
    overlaps: overlaps.map((overlap) => ({ datasetId: overlap.record.id, name: overlap.record.name, samples: overlap.samples.length })),
  };
  records.put(record);
  services.store.audit.append({ actor: actorOf(services), action: 'dataset.add', subject: name, detail: { id, purpose: input.purpose, samples: check.samples } });
  return record;
}

export function getDataset(services: Pick<Services, 'store'>, id: string): DatasetRecord {
  const record = datasetRecords(services).get(id);
  if (!record) throw new AppError('NOT_FOUND', `There is no data set with the id ${id}.`);
  return record;
}

/** Forgets the record; the files of the data set are not touched. */
export async function removeDataset(services: Services, id: string, reason?: string): Promise<void> {
  const record = getDataset(services, id);
  datasetRecords(services).remove(id);
  await rm(join(services.dataDir, 'datasets', record.id), { recursive: true, force: true });
  services.store.audit.append({ actor: actorOf(services), action: 'dataset.remove', subject: record.name, detail: { id, sealed: record.seal?.manifestSha256 ?? null, ...(reason === undefined ? {} : { reason }) } });
}

export interface SamplesPage { readonly total: number; readonly samples: { index: number; name: string; label: string | null; thumbnail: string | null }[] }

/** A page of samples, all or those of one label; thumbnails are made on the way. */
export async function listSamples(services: Services, query: { readonly id: string; readonly offset: number; readonly limit: number; readonly label?: string | undefined }, signal?: AbortSignal): Promise<SamplesPage> {
  getDataset(services, query.id);
  const reader = await openDataset(services, { id: query.id }, null);
  try {
    const chosen: number[] = [];
    for (let index = 0; index < reader.length; index++) if (query.label === undefined || reader.labels?.[index] === query.label) chosen.push(index);
    const samples: SamplesPage['samples'] = [];
    for (const index of chosen.slice(query.offset, query.offset + query.limit)) {
      signal?.throwIfAborted();
      const path = reader.imagePath(index);
      const name = reader.names[index] ?? String(index);
      const { label, mark } = await labelShown(reader, index);
      samples.push({ index, name, label, thumbnail: path === null ? null : await makeThumbnail(path, name, mark) });
    }
    return { total: chosen.length, samples };
  } finally { await reader.close(); }
}
