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
import { refuseCalibratedOn, type CalibratedOn, type JudgedModel } from './calibrations.ts';
import { checkDataset } from './checkDataset.ts';
import type { DatasetManifest, DatasetReader, SampleIdentity } from './DatasetReader.ts';
import { openDataset, type OpenedDataset } from './openDataset.ts';
import { openingAction, openingsOf, type Opening } from './openings.ts';
import { collectIdentities, findOverlaps, loadIdentities, refuseOverlap, storeIdentities, type Overlap } from './overlaps.ts';
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
  const { record, path } = resolveDataset(services, ref);
  const { check, identities } = await checkDataset(services, ref, context);
  const fault = check.findings.find((finding) => finding.id === 'DATA_UNREADABLE');
  if (fault) throw new AppError('BAD_DATA', `${fault.place} cannot be sealed: ${fault.message}`, { hint: fault.remedy ?? 'Replace or remove the file.' });
  const reader = await openDataset(services, ref, null);
  try {
    const name = record?.name ?? reader.yaml?.name ?? basename(path);
    refuseOverlap(name, record?.purpose ?? 'test', await findOverlaps(services, identities, { id: record?.id, path }));
    context.progress({ stage: 'Hash files', done: 0, total: 0 });
    const manifest = await reader.manifest(context.signal);
    if (record?.seal && record.seal.manifestSha256 !== manifest.sha256) throw await changedSince(services, name, record.seal, manifest);
    const earlier = await readSealFile(services, manifest.sha256);
    const seal: Seal = record?.seal ?? { manifestSha256: manifest.sha256, samples: manifest.samples, sealedAt: earlier?.sealedAt ?? new Date(services.clock()).toISOString() };
    if (!earlier) {
      const text = JSON.stringify({ ...seal, path: reader.path, entries: manifest.entries }, null, 1);
      await writeFileAtomic(sealPath(services, manifest.sha256), text, { force: true });
    }
    if (record && !record.seal) {
      await storeIdentities(services, record.id, identities);
      datasetRecords(services).put({ ...record, check, seal, openings: openingsOf(services, manifest.sha256, record) });
    }
    if (!earlier || (record && !record.seal)) services.store.audit.append({ actor: actorOf(services), action: 'dataset.seal', subject: name, detail: { manifestSha256: seal.manifestSha256, samples: seal.samples } });
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
  readonly name: string;
  readonly manifest: DatasetManifest;
  readonly record: DatasetRecord | null;
  readonly seal: Seal | null;
  /** Every use of these samples, this one last. */
  readonly openings: readonly Opening[];
  readonly overlaps: readonly Overlap[];
  /** False where no other registered set was there to compare with. */
  readonly overlapChecked: boolean;
  /** What the model was tuned on; no sample of it is in the data. */
  readonly calibratedOn: readonly CalibratedOn[];
}
interface Note { readonly by: string; readonly reason: string }
interface Use extends Note { readonly model: JudgedModel }

/**
 * What must be true before samples are judged on, for a registered set and for one given by its path: the seal holds, no sample is in a
 * registered calibration set, and none was used to tune this very model. Writes the opening into the audit trail, which is the ledger, and into
 * the record of a registered set. Throws BAD_DATA otherwise.
 */
export async function openForUse(services: Services, ref: DataRef, reader: DatasetReader & Pick<OpenedDataset, 'yaml'>, use: Use, signal?: AbortSignal): Promise<OpenedForUse> {
  const { record, path } = resolveDataset(services, ref);
  const { name, manifest } = await readUnchanged(services, { record, path }, reader, signal);
  let identities: readonly SampleIdentity[] | null = null;
  const mine = async () => (identities ??= (record?.seal ? await loadIdentities(services, record.id) : null) ?? await collectIdentities(reader, signal));
  const others = datasetRecords(services).list().filter((other) => other.id !== record?.id && other.path !== path);
  const overlaps = others.length > 0 ? await findOverlaps(services, await mine(), { id: record?.id, path }) : [];
  refuseOverlap(name, record?.purpose ?? 'test', overlaps);
  const calibratedOn = await refuseCalibratedOn(services, use.model, { name, manifestSha256: manifest.sha256, mine });
  const { opened, openings } = writeOpening(services, { name, manifest, record }, use);
  const sealFile = record?.seal ? null : await readSealFile(services, manifest.sha256);
  const seal = record?.seal ?? (sealFile ? { manifestSha256: sealFile.manifestSha256, samples: sealFile.samples, sealedAt: sealFile.sealedAt } : null);
  return { name, manifest, record: opened, seal, openings, overlaps, overlapChecked: others.length > 0, calibratedOn };
}

/** What the set is called and holds now. BAD_DATA where it was sealed and has changed since. */
async function readUnchanged(services: Services, { record, path }: Pick<ReturnType<typeof resolveDataset>, 'record' | 'path'>, reader: DatasetReader & Pick<OpenedDataset, 'yaml'>, signal: AbortSignal | undefined): Promise<Pick<OpenedForUse, 'name' | 'manifest'>> {
  const manifest = await reader.manifest(signal);
  const name = record?.name ?? reader.yaml?.name ?? basename(path);
  if (record?.seal && record.seal.manifestSha256 !== manifest.sha256) throw await changedSince(services, name, record.seal, manifest);
  return { name, manifest };
}

/** Into the audit trail and the record, both or neither. */
function writeOpening(services: Pick<Services, 'store'>, { name, manifest, record }: Pick<OpenedForUse, 'name' | 'manifest' | 'record'>, { by, reason }: Note): { readonly opened: DatasetRecord | null; readonly openings: readonly Opening[] } {
  return services.store.atomically(() => {
    services.store.audit.append({ actor: by, action: openingAction, subject: name, detail: { manifestSha256: manifest.sha256, reason } });
    const openings = openingsOf(services, manifest.sha256, record);
    const opened = record && { ...record, openings };
    if (opened) datasetRecords(services).put(opened);
    return { opened, openings };
  });
}

/**
 * Counts a look at labels that judges nothing (a comparison of two models) in the ledger: whoever chooses by the labels of a test set has opened it.
 * Sets without labels and those registered for calibration are left alone. BAD_DATA where a sealed set has changed.
 */
export async function countOpening(services: Services, ref: DataRef, reader: DatasetReader & Pick<OpenedDataset, 'yaml'>, note: Note, signal?: AbortSignal): Promise<void> {
  const { record, path } = resolveDataset(services, ref);
  if (reader.labels === null || record?.purpose === 'calibration') return;
  writeOpening(services, { record, ...await readUnchanged(services, { record, path }, reader, signal) }, note);
}
