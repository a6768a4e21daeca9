// Takes a model into the registry: read, check, take off ends that no runtime hands over, copy, try it in the runtime, record it.
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { changeBetween } from '#shared/auditChange';
import type { ModelRecord } from '#shared/contract/models';
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import { decodeModel } from '#core/onnx/decodeModel';
import { encodeModel } from '#core/onnx/encodeModel';
import { labelsOfMetadata } from '#core/onnx/labelsOfMetadata';
import { stripZipMap } from '#core/onnx/stripZipMap';
import { metadataOf } from '#core/onnx/summarizeModel';
import { tempPathFor } from '../files/tempFiles.ts';
import { systemCodeOf, translateFileError } from '../files/translateFileError.ts';
import { probeModel } from '../inference/probeModel.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { copyDataFiles } from './copyDataFiles.ts';
import { findingsOf, summaryOf } from './inspectModel.ts';
import { modelFolder, modelRecords } from './modelRecords.ts';
import { readModelFile, type ModelFile } from './readModelFile.ts';

export interface ImportInput {
  readonly path: string;
  readonly name?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly licence?: string | null | undefined;
  readonly version?: string | null | undefined;
  /** Set by what makes models from models. */
  readonly derivedFrom?: ModelRecord['derivedFrom'] | undefined;
}

/**
 * Importing the same file again answers the record that is there, with the name, labels, licence and version given now. Throws BAD_MODEL, NOT_FOUND,
 * PERMISSION_DENIED, DISK_FULL; a model that the runtime cannot run is recorded with the reason.
 */
export async function importModel(services: Services, input: ImportInput, context: Pick<JobContext, 'signal' | 'progress' | 'log'>): Promise<ModelRecord> {
  const { signal } = context;
  const stage = (name: string, done: number) => { signal.throwIfAborted(); context.progress({ stage: name, done, total: 4 }); };
  stage('Reading', 0);
  const source = await readModelFile(input.path, signal);
  try {
    const id = `m-${source.sha256.slice(0, 16)}`;
    const known = modelRecords(services).get(id);
    if (known) return updateKnown(services, known, input);
    stage('Checking', 1);
    const { model, labels: classes, changes } = stripZipMap(source.model);
    const bytes = changes.length > 0 ? encodeModel(model) : source.bytes;
    const stored: ModelFile = changes.length > 0 ? { ...source, bytes, model: decodeModel(bytes), sha256: createHash('sha256').update(bytes).digest('hex'), totalBytes: source.totalBytes - source.bytes.length + bytes.length } : source;
    const findings = findingsOf(stored, signal);
    stage('Copying', 2);
    const folder = await storeFiles(services, id, stored, findings);
    const path = join(folder, 'model.onnx');
    stage('Trying it in the runtime', 3);
    for (const change of changes) context.log(change);
    const runnable = await judge(services, path, findings);
    if (!runnable.ok) context.log(`The runtime here cannot run it: ${runnable.reason}`);
    const record: ModelRecord = {
      id, path, name: input.name ?? basename(source.path).replace(/\.onnx$/i, ''), importedAt: new Date(services.clock()).toISOString(),
      summary: summaryOf(stored, findings),
      labels: input.labels ? [...input.labels] : classes ? [...classes] : labelsOfMetadata(metadataOf(source.model)),
      changes: [...changes], sourceSha256: source.sha256, derivedFrom: input.derivedFrom ?? null, runnable, licence: input.licence ?? null,
      version: input.version ?? versionOfDerived(services, input.derivedFrom ?? null),
    };
    modelRecords(services).put(record);
    services.store.audit.append({ actor: actorOf(services), action: 'model.imported', subject: record.name, detail: { modelId: id, sourceSha256: source.sha256, sha256: stored.sha256, runnable: runnable.ok, changes: record.changes, derivedFrom: record.derivedFrom } });
    context.progress({ stage: 'Done', done: 4, total: 4 });
    return record;
  } finally {
    source.external.close();
  }
}

/** What is made from a model has its version, and how it was made behind it, as build metadata of Semantic Versioning stands. */
function versionOfDerived(services: Services, derivedFrom: ModelRecord['derivedFrom']): string | null {
  const parent = derivedFrom?.modelId ? modelRecords(services).get(derivedFrom.modelId) : null;
  return parent?.version && derivedFrom ? `${parent.version}+${derivedFrom.recipe}`.slice(0, 120) : null;
}

function updateKnown(services: Services, known: ModelRecord, input: ImportInput): ModelRecord {
  const record: ModelRecord = {
    ...known, name: input.name ?? known.name, labels: input.labels ? [...input.labels] : known.labels,
    licence: input.licence ?? known.licence, version: input.version ?? known.version, derivedFrom: input.derivedFrom ?? known.derivedFrom,
  };
  const changed = changeBetween(known, record);
  if (changed === null) return known;
  services.store.atomically(() => {
    modelRecords(services).put(record);
    services.store.audit.append({ actor: actorOf(services), action: 'model.changed', subject: record.name, detail: { modelId: record.id, ...changed } });
  });
  return record;
}

/** An error that the checker found is named first, for it says which node; else the runtime is asked. */
async function judge(services: Services, path: string, findings: readonly Finding[]): Promise<{ ok: boolean; reason: string }> {
  const probe = await probeModel(services, path);
  if (probe.ok) return { ok: true, reason: '' };
  const error = findings.find((finding) => finding.severity === 'error' && (finding.id.startsWith('OPERATOR') || finding.id.startsWith('OPSET') || finding.id === 'EXTERNAL_DATA'));
  return { ok: false, reason: error ? `${error.place}: ${error.message} ${probe.reason}`.trim() : probe.reason };
}

/** All files are written into a temporary folder, synced, and moved into place in one step. Answers the folder. */
async function storeFiles(services: Services, id: string, file: ModelFile, findings: readonly Finding[]): Promise<string> {
  const folder = modelFolder(services, id);
  const temp = tempPathFor(folder);
  const usable = findings.some((finding) => finding.id === 'EXTERNAL_DATA') ? [] : file.locations;
  try {
    await mkdir(temp, { recursive: true });
    await writeFile(join(temp, 'model.onnx'), file.bytes);
    await syncPath(join(temp, 'model.onnx'));
    for (const location of usable) {
      if (location.replaceAll('\\', '/').replace(/^(\.\/)+/, '') === 'model.onnx') throw new AppError('BAD_MODEL', 'The model keeps data in a file of the name "model.onnx", which the registry uses for the model itself.', { hint: 'Export the model with another name for its data file.' });
    }
    for (const copy of await copyDataFiles(file, usable, temp)) await syncPath(copy);
    await rm(folder, { recursive: true, force: true }); // left by a process that ended before its record was written
    await rename(temp, folder);
    return folder;
  } catch (error) {
    await rm(temp, { recursive: true, force: true }).catch(() => undefined);
    if (systemCodeOf(error) === 'ENOTEMPTY' && modelRecords(services).get(id)) return folder; // another process imported the same file meanwhile
    throw translateFileError(error, folder, 'write');
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
