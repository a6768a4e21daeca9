// Opens the bundled sample: copies it to the data folder, imports model and data sets, locks the limits, makes the station.
import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '#shared/errors';
import type { StationRecord } from '#shared/contract/stations';
import { detachedContext, type JobContext, type Services } from '../Services.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { tempPathFor } from '../files/tempFiles.ts';
import { translateFileError } from '../files/translateFileError.ts';
import type { StationPeers } from './StationPeers.ts';
import { changeStation, createStation, findStation } from './stationRecords.ts';

const sampleSchema = z.object({
  name: z.string(), line: z.string(), description: z.string(), taktMs: z.number().positive(),
  model: z.string(), calibration: z.string(), test: z.string(), challenge: z.string(), limits: z.string(),
});

/** The sample lies beside the program, which may be replaced or mounted elsewhere tomorrow; records point to this copy. */
async function copySample(services: Services): Promise<string> {
  const source = join(services.resourcesDir, 'sample');
  const target = join(services.dataDir, 'sample', services.version);
  if (await stat(target).then(() => true, () => false)) return target;
  if (!(await stat(source).then(() => true, () => false))) throw new AppError('NOT_FOUND', 'The bundled sample is missing from this installation.', { hint: 'Install Millwright again.' });
  makeFolder(dirname(target));
  const temporary = tempPathFor(target);
  try {
    await cp(source, temporary, { recursive: true });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (await stat(target).then(() => true, () => false)) return target; // another process was faster
    throw translateFileError(error, target, 'write');
  }
  return target;
}

/** Answers the sample station, made on the first call; what was removed from it since is put back. */
export async function openSample(services: Services, peers: StationPeers, context: JobContext): Promise<StationRecord> {
  const total = 6;
  const report = (stage: string, done: number) => { context.signal.throwIfAborted(); context.progress({ stage, done, total }); };
  const step = detachedContext({ ...context, progress: () => undefined, checkpoint: () => undefined, resumeState: null });
  report('Copying the sample', 0);
  const folder = await copySample(services);
  const sample = sampleSchema.parse(parse(await readFile(join(folder, 'station.yaml'), 'utf8')));
  const existing = findStation(services, sample.name);
  const station = existing ?? createStation(services, { ...sample, sample: true });

  const isThere = async (id: string | null, get: (id: string) => Promise<unknown>): Promise<string | null> => (id === null ? null : await get(id).then(() => id, () => null));
  report('Importing the model', 1);
  const modelId = await isThere(station.modelId, (id) => peers['models.get']({ id }, context))
    ?? (await peers['models.import'].run({ path: join(folder, sample.model), name: 'Lot code reader', licence: 'See PROVENANCE.md of the sample' }, step)).id;
  const dataset = async (id: string | null, path: string, purpose: 'calibration' | 'test' | 'challenge', done: number): Promise<string> => {
    report(`Reading the ${purpose} set`, done);
    return await isThere(id, (known) => peers['datasets.get']({ id: known }, context))
      ?? (await peers['datasets.add'].run({ path: join(folder, path), name: `Lot codes, ${purpose}`, purpose }, step)).id;
  };
  const calibrationId = await dataset(station.calibrationId, sample.calibration, 'calibration', 2);
  const testId = await dataset(station.testId, sample.test, 'test', 3);
  const challengeId = await dataset(station.challengeId, sample.challenge, 'challenge', 4);
  report('Locking the limits', 5);
  const known = await peers['validation.listLimits']({}, context);
  const limitsId = known.find(({ id }) => id === station.limitsId)?.id ?? (await peers['validation.lockLimits']({ path: join(folder, sample.limits) }, context)).id;
  report('Ready', total);
  const unchanged = station.modelId === modelId && station.calibrationId === calibrationId && station.testId === testId && station.challengeId === challengeId && station.limitsId === limitsId;
  return unchanged ? station : changeStation(services, station.id, { modelId, calibrationId, testId, challengeId, limitsId, taktMs: sample.taktMs, sample: true });
}
