// Finds samples that two data sets share: identical ones by SHA-256, look-alikes by perceptual hash.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DatasetRecord } from '#shared/contract/datasets';
import { AppError } from '#shared/errors';
import { lookAlikes } from '#core/datasets/perceptualHash';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import type { Services } from '../Services.ts';
import type { DatasetReader, SampleIdentity } from './DatasetReader.ts';
import { datasetRecords } from './resolveDataset.ts';

const storedSchema = z.array(z.tuple([z.string(), z.string(), z.string().nullable(), z.string().nullable()]));
const fileOf = (services: Pick<Services, 'dataDir'>, id: string) => join(services.dataDir, 'datasets', id, 'identities.json');

/** Identities as text: the same samples give the same text. */
export function packIdentities(identities: readonly SampleIdentity[]): string {
  return JSON.stringify(identities.map(({ name, sha256, perceptualHash, thumbnail }) => [name, sha256, perceptualHash, thumbnail ? Buffer.from(thumbnail).toString('base64') : null]));
}

/** Throws where the text is none that `packIdentities` wrote. */
export function unpackIdentities(text: string): SampleIdentity[] {
  return storedSchema.parse(JSON.parse(text)).map(([name, sha256, perceptualHash, thumbnail], index) => ({ index, name, sha256, perceptualHash, ...(thumbnail === null ? {} : { thumbnail: new Uint8Array(Buffer.from(thumbnail, 'base64')) }) }));
}

/** Keeps the identities of a registered set, so that another set can be compared without reading this one again. */
export async function storeIdentities(services: Pick<Services, 'dataDir'>, id: string, identities: readonly SampleIdentity[]): Promise<void> {
  await writeFileAtomic(fileOf(services, id), packIdentities(identities), { force: true });
}

/** Null where they were never stored or cannot be read. */
export async function loadIdentities(services: Pick<Services, 'dataDir'>, id: string): Promise<SampleIdentity[] | null> {
  try { return unpackIdentities(await readFile(fileOf(services, id), 'utf8')); } catch { return null; }
}

/** Of all samples or of those in `only`; what cannot be read is left out. */
export async function collectIdentities(reader: Pick<DatasetReader, 'identities'>, signal?: AbortSignal, only?: ReadonlySet<number>): Promise<SampleIdentity[]> {
  const identities: SampleIdentity[] = [];
  for await (const entry of reader.identities(signal, only)) if (!('reason' in entry)) identities.push(entry);
  return identities;
}

export interface SharedSample { readonly mine: string; readonly theirs: string; readonly how: 'identical' | 'alike' }

/** Each sample of `mine` that is also in `theirs`, once. */
export function sharedSamples(mine: readonly SampleIdentity[], theirs: readonly SampleIdentity[]): SharedSample[] {
  const known = new Map(theirs.map((identity) => [identity.sha256, identity.name]));
  const shared = new Map<number, SharedSample>();
  mine.forEach((identity, at) => {
    const other = known.get(identity.sha256);
    if (other !== undefined) shared.set(at, { mine: identity.name, theirs: other, how: 'identical' });
  });
  const signed = (list: readonly SampleIdentity[]) => list.map(({ perceptualHash, thumbnail }) => ({ hash: perceptualHash, thumbnail: thumbnail ?? new Uint8Array(0) }));
  // What is identical needs no second look.
  const open = signed(mine).map((each, at) => (shared.has(at) ? { ...each, hash: null } : each));
  for (const [at, other] of lookAlikes(open, signed(theirs))) shared.set(at, { mine: mine[at]?.name ?? '', theirs: theirs[other]?.name ?? '', how: 'alike' });
  return [...shared].sort(([a], [b]) => a - b).map(([, sample]) => sample);
}

export interface Overlap { readonly record: DatasetRecord; readonly samples: readonly SharedSample[] }

/** What a set shares with the other registered sets. */
export async function findOverlaps(services: Pick<Services, 'dataDir' | 'store'>, mine: readonly SampleIdentity[], except: { readonly id?: string | undefined; readonly path: string }): Promise<Overlap[]> {
  const overlaps: Overlap[] = [];
  for (const record of datasetRecords(services).list()) {
    if (record.id === except.id || record.path === except.path) continue;
    const theirs = await loadIdentities(services, record.id);
    const samples = theirs ? sharedSamples(mine, theirs) : [];
    if (samples.length > 0) overlaps.push({ record, samples });
  }
  return overlaps;
}

/** Two sets must not share samples where one is used to tune and the other to judge. */
export function refuseOverlap(name: string, purpose: DatasetRecord['purpose'], overlaps: readonly Overlap[]): void {
  for (const { record, samples } of overlaps) {
    const tunes = (each: DatasetRecord['purpose']) => each === 'calibration';
    if (tunes(purpose) === tunes(record.purpose)) continue;
    throw sharedWith(name, `also in the ${record.purpose} set "${record.name}"`, samples, 'Remove them from one of the two sets: a model must not be judged on samples that it was tuned with.');
  }
}

/** "3 samples of lids are WHERE (a.png is b.png)." */
export function sharedWith(name: string, where: string, samples: readonly SharedSample[], hint: string): AppError {
  const [first] = samples;
  return new AppError('BAD_DATA', `${samples.length} sample${samples.length === 1 ? '' : 's'} of ${name} ${samples.length === 1 ? 'is' : 'are'} ${where} (${first?.mine ?? ''} ${first?.how === 'alike' ? 'looks like' : 'is'} ${first?.theirs ?? ''}).`, { hint });
}
