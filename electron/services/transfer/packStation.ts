// Packs a station for another machine: its validated model, its signed evidence and what they are, in one new folder with the hash of every file.
import { copyFile, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CarriedStation, Packed } from '#shared/contract/transfer';
import type { StationRecord } from '#shared/contract/stations';
import { AppError } from '#shared/errors';
import { getEvidence } from '../evidence/evidenceRecords.ts';
import { openEvidence } from '../evidence/verifyEvidence.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { sha256OfFile } from '../files/sha256OfFile.ts';
import { tempPathFor } from '../files/tempFiles.ts';
import { translateFileError } from '../files/translateFileError.ts';
import { refuseOverwrite } from '../files/writeFileAtomic.ts';
import { modelFolder, modelRecords } from '../models/modelRecords.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { getStation } from '../stations/stationRecords.ts';
import { evidenceName, listFolder, modelName, stationName, sumsName, writeSums, type SumLine } from './carriedFolder.ts';

/** "Line 3 · Lid seal" → "line-3-lid-seal"; a name without any such letter is "station". */
export function folderNameOf({ line, name }: Pick<StationRecord, 'line' | 'name'>): string {
  const title = line === '' || name.startsWith(line) ? name : `${line} ${name}`;
  const plain = title.normalize('NFKD').replace(/\p{Mark}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60).replace(/^-|-$/g, '');
  return plain === '' ? 'station' : plain;
}

/** BAD_INPUT without evidence, EVIDENCE_INVALID where it does not hold or is of another model; ALREADY_EXISTS, DISK_FULL, PERMISSION_DENIED. */
export async function packStation(services: Services, { stationId, folder }: { stationId: string; folder: string }, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<Packed> {
  progress({ stage: 'Checking the evidence', done: 0, total: 0 });
  const station = getStation(services, stationId);
  if (station.evidenceId === null) throw new AppError('BAD_INPUT', `${station.name} has no evidence yet, so that nobody could tell on the other machine what was proven.`, { hint: 'Commission the station first.' });
  const evidence = getEvidence(services, station.evidenceId);
  const { valid, report } = await openEvidence(services, evidence.paths.zip);
  if (!valid || report === null) throw new AppError('EVIDENCE_INVALID', `The evidence of ${station.name} does not verify.`, { hint: 'Open it on the Evidence screen to see what was changed, then validate again.' });
  const model = modelRecords(services).list().find((each) => each.summary.sha256 === report.modelSha256);
  if (!model) throw new AppError('NOT_FOUND', `The model that the evidence of ${station.name} speaks of (SHA-256 ${report.modelSha256.slice(0, 12)}) is not in the registry any more.`, { hint: 'Import it again, or validate the present model.' });

  const source = modelFolder(services, model.id);
  const modelFiles = (await listFolder(source)).filter((entry) => entry.kind === 'file');
  const target = join(folder, `${folderNameOf(station)}-${report.modelSha256.slice(0, 8)}`);
  await refuseOverwrite(target, false);
  makeFolder(folder);
  const temp = tempPathFor(target);
  const carried: CarriedStation = {
    format: 'millwright-station/1', packedAt: new Date(services.clock()).toISOString(), packedBy: actorOf(services), version: services.version,
    station: { name: station.name, line: station.line, description: station.description, taktMs: station.taktMs },
    model: { file: modelName, name: model.name, sha256: model.summary.sha256, precision: model.summary.precision, recipe: model.derivedFrom?.recipe ?? null, labels: model.labels, licence: model.licence },
    evidence: { file: evidenceName, id: evidence.id, reportSha256: evidence.reportSha256, verdict: evidence.verdict },
  };
  try {
    const copies = [{ from: evidence.paths.zip, name: evidenceName }, ...modelFiles.map(({ name }) => ({ from: join(source, name), name: `model/${name}` }))];
    for (const [done, { from, name }] of copies.entries()) {
      signal.throwIfAborted();
      progress({ stage: `Copying ${name}`, done, total: copies.length });
      await mkdir(dirname(join(temp, name)), { recursive: true });
      await copyFile(from, join(temp, name));
    }
    await writeFile(join(temp, stationName), `${JSON.stringify(carried, null, 2)}\n`);
    progress({ stage: 'Reading back what was written', done: 0, total: 0 });
    const files: (SumLine & { readonly sizeBytes: number })[] = [];
    for (const { name } of [...copies, { name: stationName }]) {
      signal.throwIfAborted();
      await sync(join(temp, name));
      files.push({ name, sha256: await sha256OfFile(join(temp, name)), sizeBytes: (await stat(join(temp, name))).size });
    }
    const copied = files.find(({ name }) => name === modelName)?.sha256;
    if (copied !== report.modelSha256) throw new AppError('BAD_MODEL', `The file of ${model.name} in the registry is not the one that was validated: its SHA-256 differs.`, { hint: 'Import the model again, and look at the disk.' });
    await writeFile(join(temp, sumsName), writeSums(files));
    await sync(join(temp, sumsName));
    await refuseOverwrite(target, false);
    await rename(temp, target);
    services.store.audit.append({ actor: actorOf(services), action: 'station.packed', subject: station.name, detail: { path: target, modelSha256: report.modelSha256, evidenceId: evidence.id } });
    return { path: target, totalBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0), modelSha256: report.modelSha256, files };
  } catch (error) {
    await rm(temp, { recursive: true, force: true }).catch(() => undefined);
    if (signal.aborted) throw error;
    throw translateFileError(error, target, 'write');
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try { await handle.sync(); } finally { await handle.close(); }
}
