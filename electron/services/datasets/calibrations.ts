// What each model that was made here was tuned on, by the model's hash: so that no model is judged on those samples, however they are named later.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isoTimeSchema, sha256Schema } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import type { Services } from '../Services.ts';
import type { DatasetReader, SampleIdentity } from './DatasetReader.ts';
import { collectIdentities, packIdentities, sharedSamples, sharedWith, unpackIdentities } from './overlaps.ts';

const calibrationSchema = z.object({
  /** SHA-256 of the model that came out. */
  id: sha256Schema,
  /** Each way in which these very bytes were made: another set may give the same file. */
  made: z.array(z.object({
    at: isoTimeSchema, inputSha256: sha256Schema, set: z.object({ name: z.string(), manifestSha256: sha256Schema }), samples: z.number(),
    /** Hash and name of the file with the samples' identities; it cannot be changed unseen, as this record is sealed. */
    identitiesSha256: sha256Schema,
  })),
});
type Calibration = z.infer<typeof calibrationSchema>['made'][number];

const calibrationRecords = (services: Pick<Services, 'store'>) => services.store.collection('calibrations', calibrationSchema);
const fileOf = (services: Pick<Services, 'dataDir'>, sha256: string) => join(services.dataDir, 'calibrations', `${sha256}.json`);
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');

/** A set that a model was tuned on. */
export interface CalibratedOn {
  readonly name: string;
  readonly manifestSha256: string;
  /** How many of its samples; null where they are not known here, so that nothing could be compared. */
  readonly samples: number | null;
}

/** The model that is to be judged. */
export interface JudgedModel {
  readonly name: string;
  /** Of its file, and of the files that it was made from. */
  readonly sha256s: readonly string[];
  /** The set that the receipt beside it names; null without one. */
  readonly calibration: Omit<CalibratedOn, 'samples'> | null;
}

export interface Tuning { readonly outputSha256: string; readonly inputSha256: string; readonly set: Calibration['set']; /** Samples that were looked at to make the model. */ readonly indices: readonly number[] }

/** To be called before the model is put in place: a model without its record would be the worse half. */
export async function recordCalibration(services: Pick<Services, 'dataDir' | 'store' | 'clock'>, reader: Pick<DatasetReader, 'identities'>, { outputSha256, inputSha256, set, indices }: Tuning, signal?: AbortSignal): Promise<void> {
  const identities = await collectIdentities(reader, signal, new Set(indices));
  const text = packIdentities(identities);
  const identitiesSha256 = sha256Of(text);
  await writeFileAtomic(fileOf(services, identitiesSha256), text, { force: true });
  services.store.atomically(() => {
    const others = calibrationRecords(services).get(outputSha256)?.made.filter((one) => one.identitiesSha256 !== identitiesSha256 || one.inputSha256 !== inputSha256) ?? [];
    calibrationRecords(services).put({ id: outputSha256, made: [...others, { at: new Date(services.clock()).toISOString(), inputSha256, set, samples: identities.length, identitiesSha256 }] });
  });
}

/** Of the model itself and of all that it was made from, since a model keeps what it was tuned on. */
function calibrationsOf(services: Pick<Services, 'store'>, sha256s: readonly string[]): Calibration[] {
  const seen = new Set<string>();
  const found: Calibration[] = [];
  for (const open = [...sha256s]; open.length > 0;) {
    const sha256 = open.pop() ?? '';
    if (seen.has(sha256)) continue;
    seen.add(sha256);
    const made = calibrationRecords(services).get(sha256)?.made ?? [];
    found.push(...made);
    open.push(...made.map((one) => one.inputSha256));
  }
  return [...new Map(found.map((one) => [one.identitiesSha256, one])).values()];
}

async function identitiesOf(services: Pick<Services, 'dataDir'>, model: JudgedModel, { identitiesSha256, set }: Calibration): Promise<SampleIdentity[]> {
  const text = await readFile(fileOf(services, identitiesSha256), 'utf8').catch(() => null);
  if (text === null || sha256Of(text) !== identitiesSha256) {
    throw new AppError('BAD_DATA', `The list of samples that ${model.name} was calibrated on (${set.name}) ${text === null ? 'is gone' : 'was changed'}, so it cannot be ruled out that the test data holds them.`, { hint: 'Quantize the model again with the same data: that makes the list anew.' });
  }
  return unpackIdentities(text);
}

/**
 * Refuses test data that shares samples with what this model was tuned on: identical ones by SHA-256, look-alikes of images by perceptual hash.
 * Throws BAD_DATA for that, and where the list of those samples was tampered with.
 * @param mine is asked for the identities of the test data only where there is something to compare with
 * @returns the sets that were compared; one that only the model's receipt names has `samples: null`
 */
export async function refuseCalibratedOn(services: Pick<Services, 'dataDir' | 'store'>, model: JudgedModel, data: { readonly name: string; readonly manifestSha256: string; mine(): Promise<readonly SampleIdentity[]> }): Promise<CalibratedOn[]> {
  const calibrations = calibrationsOf(services, model.sha256s);
  const hint = `Validate ${model.name} on samples that it has not seen, or calibrate it on others.`;
  for (const each of calibrations) {
    const shared = sharedSamples(await data.mine(), await identitiesOf(services, model, each));
    if (shared.length > 0) throw sharedWith(data.name, `among those that ${model.name} was calibrated on, from "${each.set.name}"`, shared, hint);
  }
  const known = calibrations.map(({ set, samples }): CalibratedOn => ({ ...set, samples }));
  const named = model.calibration;
  if (named === null || known.some(({ manifestSha256 }) => manifestSha256 === named.manifestSha256)) return known;
  if (named.manifestSha256 === data.manifestSha256) throw new AppError('BAD_DATA', `${data.name} is the set that ${model.name} was calibrated on.`, { hint });
  return [...known, { ...named, samples: null }];
}
