// A model as the serving runtime reads it from its folder of models: NAME/VERSION/model.onnx with its data files, and NAME/millwright.json.
import { join, posix } from 'node:path';
import type { Preparation, Tuning } from '#shared/contract/serving';
import type { ResolvedModel } from '../models/resolveModel.ts';
import { readModelFile } from '../models/readModelFile.ts';
import { fileOfBytes, fileOfPath, withFolders, type TarFile } from './tarStream.ts';

/** A name that is safe in paths and addresses. */
export const servedNameOf = (name: string): string => name.normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-._]+/, '').slice(0, 80).replace(/[-._]+$/, '') || 'model';

/** As part of an image's name, where letters are small, and between them stand one dot, one or two underscores, or hyphens. */
export const imageNameOf = (servedName: string): string => servedNameOf(servedName).toLowerCase().replace(/[._-]+/g, (run) => (/^(?:\.|__?|-+)$/.test(run) ? run : '-'));

/** A runtime of an earlier release passes `images` and `managed` over; it would not load a model with a `preprocess` of null. */
function settingsOf(prepared: Preparation | null): Readonly<Record<string, unknown>> {
  if (prepared === null) return {};
  const { preprocess, state, managed = false } = prepared;
  return { ...(preprocess === null ? { images: false } : { preprocess }), ...(state === null ? {} : { state }), ...(managed ? { managed } : {}) };
}

/** Paths are relative to the folder of models. @throws BAD_MODEL, and what reading throws */
export async function repositoryFiles(model: ResolvedModel, { name, version = 1, threads, tuning = null, prepared = null, signal }: { readonly name: string; readonly version?: number; readonly threads?: number; /** As it was measured; its threads go before `threads`. */ readonly tuning?: Tuning | null; /** Null or left out: as earlier releases wrote it, so that what they deployed is made anew as it was. */ readonly prepared?: Preparation | null; readonly signal?: AbortSignal }): Promise<{ readonly files: readonly TarFile[]; readonly sha256: string }> {
  const read = await readModelFile(model.path, signal);
  try {
    const folder = posix.join(name, String(version));
    const data = await Promise.all(read.locations.map((location) => fileOfPath(posix.join(folder, location.replaceAll('\\', '/')), read.external.pathOf(location))));
    // The runtime would take all processors of the machine, and a container with fewer would be throttled.
    const values = { ...(model.labels === null ? {} : { labels: model.labels }), ...(tuning !== null ? { instances: tuning.instances, threads: tuning.threads, ...(tuning.maxBatch > 1 ? { batching: { maxBatch: tuning.maxBatch, maxDelayMs: tuning.maxDelayMs } } : {}) } : threads === undefined ? {} : { threads }), ...settingsOf(prepared) };
    const settings = Object.keys(values).length === 0 ? [] : [fileOfBytes(posix.join(name, 'millwright.json'), `${JSON.stringify(values)}\n`, 0o444)];
    return { files: withFolders([await fileOfPath(join(folder, 'model.onnx'), model.path), ...data, ...settings]), sha256: read.sha256 };
  } finally {
    read.external.close();
  }
}
