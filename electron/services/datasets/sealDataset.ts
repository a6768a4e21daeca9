// Seals a data set: fixes its manifest, so that any later change is found, and writes down each opening.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { DatasetRecord, Seal } from '#shared/contract/datasets';
import type { DataRef } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { checkDataset } from './checkDataset.ts';
import type { DatasetManifest, DatasetReader, SampleIdentity } from './DatasetReader.ts';
import { openDataset } from './openDataset.ts';
import { findOverlaps, loadIdentities, refuseOverlap, storeIdentities, type Overlap } from './overlaps.ts';
import { datasetRecords, resolveDataset } from './resolveDataset.ts';

const sealFileSchema = z.object({
  manifestSha256: z.string(), samples: z.number(), sealedAt: z.string(), path: z.string(),
  entries: z.array(z.object({ name: z.string(), sizeBytes: z.number(), sha256: z.string() })),
});
const sealPath = (services: Pick<Services, 'dataDir'>, sha256: string) => join(services.dataDir, 'seals', `${sha256}.json`);

/**
 * Seals a data set by its Merkle manifest, kept under `seals` of the data folder; nothing is written beside the data. Sealing again gives the
 * first seal while nothing has changed. Throws BAD_DATA where samples cannot be read, where a sealed set has changed, and where a calibration
 * and a test set share samples.
 */
export async function sealDataset(services: Services, ref: DataRef, context: Pick<JobContext, 'signal' | 'progress'>): Promise<Seal> {
  const { record } = resolveDataset(services, ref);
  const { check, identities } = await checkDataset(services, ref, context);
  const fault = check.findings.find((finding) => finding.id === 'DATA_UNREADABLE');
  if (fault) throw new AppError('BAD_DATA', `${fault.place} cannot be sealed: ${fault.message}`, { hint: fault.remedy ?? 'Replace or remove the file.' });
  const reader = await openDataset(services, ref, null);
  try {
    refuseOverlap(record?.name ?? basename(reader.path), record?.purpose ?? 'test', await findOverlaps(services, identities, { id: record?.id, path: reader.path }));
    context.progress({ stage: 'Hash files', done: 0, total: 0 });
    const manifest = await reader.manifest(context.signal);
    if (record?.seal && record.seal.manifestSha256 !== manifest.sha256) throw await changedSince(services, record.name, record.seal, manifest);
    const earlier = await readSealFile(services, manifest.sha256);
    const seal: Seal = record?.seal ?? { manifestSha256: manifest.sha256, samples: manifest.samples, sealedAt: earlier?.sealedAt ?? new Date(services.clock()).toISOString() };
    if (!earlier) {
      const text = JSON.stringify({ ...seal, path: reader.path, entries: manifest.entries }, null, 1);
      await writeFileAtomic(sealPath(services, manifest.sha256), text, { force: true });
    }
    if (record && !record.seal) {
      await storeIdentities(services, record.id, identities);
      datasetRecords(services).put({ ...record, check, seal });
    }
    if (!earlier || (record && !record.seal)) services.store.audit.append({ actor: actorOf(services), action: 'dataset.seal', subject: record?.name ?? basename(reader.path), detail: { manifestSha256: seal.manifestSha256, samples: seal.samples } });
    return seal;
  } finally { await reader.close(); }
}

async function readSealFile(services: Pick<Services, 'dataDir'>, sha256: string): Promise<z.infer<typeof sealFileSchema> | null> {
  try { return sealFileSchema.parse(JSON.parse(await readFile(sealPath(services, sha256), 'utf8'))); } catch { return null; }
}

/** The error for a sealed set that is not what it was, naming what differs where the seal's manifest is at hand. */
async function changedSince(services: Pick<Services, 'dataDir'>, name: string, seal: Seal, now: DatasetManifest): Promise<AppError> {
  const before = await readSealFile(services, seal.manifestSha256);
  const old = new Map(before?.entries.map((entry) => [entry.name, entry.sha256]));
  const fresh = new Map(now.entries.map((entry) => [entry.name, entry.sha256]));
  const differences = before ? [
    ...[...fresh].filter(([file, sha256]) => old.has(file) && old.get(file) !== sha256).map(([file]) => `${file} was changed`),
    ...[...fresh.keys()].filter((file) => !old.has(file)).map((file) => `${file} was added`),
    ...[...old.keys()].filter((file) => !fresh.has(file)).map((file) => `${file} is gone`),
  ] : [];
  const told = differences.length === 0 ? '' : ` (${differences.slice(0, 3).join('; ')}${differences.length > 3 ? `; ${differences.length - 3} more` : ''})`;
  return new AppError('BAD_DATA', `The data set "${name}" is not what was sealed on ${seal.sealedAt.slice(0, 10)}${told}.`, { hint: 'Restore the files, or add the changed data as a new data set and seal that.' });
}

export interface OpenedForUse {
  readonly manifest: DatasetManifest;
  readonly record: DatasetRecord | null;
  readonly seal: Seal | null;
  readonly overlaps: readonly Overlap[];
  /** False where no other registered set was there to compare with. */
  readonly overlapChecked: boolean;
}

/**
 * What must be true before samples are judged on: the seal holds, and no sample was used to calibrate. Writes the opening into the ledger of a
 * registered set and into the audit trail. Throws BAD_DATA otherwise.
 */
export async function openForUse(services: Services, ref: DataRef, reader: DatasetReader & { readonly path: string }, use: { readonly by: string; readonly reason: string }, signal?: AbortSignal): Promise<OpenedForUse> {
  const { record } = resolveDataset(services, ref);
  const manifest = await reader.manifest(signal);
  const name = record?.name ?? basename(reader.path);
  if (record?.seal && record.seal.manifestSha256 !== manifest.sha256) throw await changedSince(services, name, record.seal, manifest);
  const others = datasetRecords(services).list().filter((other) => other.id !== record?.id && other.path !== reader.path);
  let overlaps: Overlap[] = [];
  if (others.length > 0) {
    const stored = record?.seal ? await loadIdentities(services, record.id) : null;
    overlaps = await findOverlaps(services, stored ?? await collect(reader, signal), { id: record?.id, path: reader.path });
    refuseOverlap(name, record?.purpose ?? 'test', overlaps);
  }
  const opening = { at: new Date(services.clock()).toISOString(), by: use.by, reason: use.reason };
  const opened = record ? { ...record, openings: [...record.openings, opening] } : null;
  if (opened) datasetRecords(services).put(opened);
  services.store.audit.append({ actor: use.by, action: 'dataset.open', subject: name, detail: { manifestSha256: manifest.sha256, reason: use.reason } });
  const sealFile = record?.seal ? null : await readSealFile(services, manifest.sha256);
  const seal = record?.seal ?? (sealFile ? { manifestSha256: sealFile.manifestSha256, samples: sealFile.samples, sealedAt: sealFile.sealedAt } : null);
  return { manifest, record: opened, seal, overlaps, overlapChecked: others.length > 0 };
}

async function collect(reader: DatasetReader, signal: AbortSignal | undefined): Promise<SampleIdentity[]> {
  const identities: SampleIdentity[] = [];
  for await (const entry of reader.identities(signal)) if (!('reason' in entry)) identities.push(entry);
  return identities;
}
