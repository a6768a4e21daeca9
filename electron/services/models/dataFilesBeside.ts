// Brings the data files of a model along where its file is copied to another folder: without them the copy cannot be loaded.
import { copyFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { realpathSync } from 'node:fs';
import { AppError } from '#shared/errors';
import { translateFileError } from '../files/translateFileError.ts';
import { openAtomicTarget, type AtomicTarget } from '../files/writeFileAtomic.ts';
import { readModelFile } from './readModelFile.ts';

export interface DataFiles {
  /** Moves all into place; where one fails, none is left. */
  commit(): Promise<void>;
  /** Removes them again, those in place too; harmless where nothing was done. */
  discard(): Promise<void>;
}

/** Copies them beside the target under temporary names. @throws AppError ALREADY_EXISTS, BAD_MODEL for what leaves the folder, DISK_FULL; then nothing is left behind */
export async function dataFilesBeside(modelPath: string, targetPath: string, { force, signal }: { readonly force: boolean; readonly signal: AbortSignal }): Promise<DataFiles> {
  const staged: { readonly path: string; readonly target: AtomicTarget }[] = [];
  const placed: string[] = [];
  const discard = async (): Promise<void> => {
    for (const { target } of staged) await target.discard();
    for (const path of placed) await rm(path, { force: true });
  };
  const { external, locations } = await readModelFile(modelPath, signal);
  try {
    for (const location of locations) {
      signal.throwIfAborted();
      const [from, path] = [external.pathOf(location), join(dirname(resolve(targetPath)), location)];
      if (path === resolve(targetPath)) throw new AppError('BAD_MODEL', `The model keeps data in a file of the name "${location.slice(0, 120)}", which is also that of the output.`, { hint: 'Choose another name with -o.' });
      if (isSame(from, path)) continue; // the copy lies beside the original and shares its data
      const target = await openAtomicTarget(path, { force });
      staged.push({ path, target });
      await copyFile(from, target.tempPath).catch((error: unknown) => { throw translateFileError(error, path, 'write'); });
    }
  } catch (error) {
    await discard();
    throw error;
  } finally { external.close(); }
  return {
    discard,
    async commit() {
      try {
        for (const { path, target } of staged) { await target.commit(); placed.push(path); }
      } catch (error) {
        await discard();
        throw error;
      }
    },
  };
}

function isSame(from: string, path: string): boolean {
  try { return realpathSync(path) === from; } catch { return false; }
}
