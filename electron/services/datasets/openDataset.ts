// Opens a data set of any layout: tells the layout from what is there and from dataset.yaml, and gives a reader of samples.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { DataRef, TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import type { DatasetReader } from './DatasetReader.ts';
import { makeManifest } from './manifest.ts';
import { fileSource, openNpy, type NpyArray } from './npyFile.ts';
import { openArrays } from './openArrays.ts';
import { openNpz } from './npzFile.ts';
import { resolveDataset } from './resolveDataset.ts';

/** The inputs of the model that the samples are for; null to look at the data alone. */
export type DatasetTarget = { readonly inputs: readonly TensorInfo[] };

/**
 * Opens the data set for reading; nothing is ever written into its folder. With a target, `read` gives feeds that fit the model's inputs.
 * Throws NOT_FOUND or BAD_DATA: one sentence that names the file, row and column.
 */
export async function openDataset(services: Pick<Services, 'store'>, ref: DataRef, target: DatasetTarget | null): Promise<DatasetReader> {
  const { path } = resolveDataset(services, ref);
  const inputs = target?.inputs ?? null;
  const found = await stat(path).catch((error: unknown) => { throw new AppError('NOT_FOUND', `There is no data set at ${path}.`, { cause: error }); });
  const dataName = basename(path);
  const common = { inputs, task: null, classes: null, dataName };
  if (found.isDirectory()) {
    const names = (await readdir(path)).sort();
    const arrayNames = names.filter((name) => name.endsWith('.npy'));
    if (arrayNames.length > 0) {
      const arrays = new Map<string, NpyArray>();
      for (const name of arrayNames) arrays.set(name.slice(0, -'.npy'.length), await openNpy(await fileSource(join(path, name), name)));
      const files = arrayNames.map((name) => join(path, name));
      return openArrays({ arrays, manifest: (signal) => makeManifest(path, files, firstLength(arrays), signal), close: () => closeAll(arrays) }, common);
    }
    throw new AppError('BAD_DATA', `The folder ${dataName} holds no data set that can be read.`);
  }
  if (extname(path) === '.npz') {
    const { arrays, close } = await openNpz(path, dataName);
    return openArrays({ arrays, manifest: (signal) => makeManifest(dirname(path), [path], firstLength(arrays), signal), close }, common);
  }
  throw new AppError('BAD_DATA', `${dataName} is not a data set that can be read.`);
}

const firstLength = (arrays: ReadonlyMap<string, NpyArray>): number => [...arrays.values()][0]?.shape[0] ?? 0;

async function closeAll(arrays: ReadonlyMap<string, NpyArray>): Promise<void> {
  for (const array of arrays.values()) await array.close();
}
