// Writing a file so that it is either whole or absent: temporary file, fsync, rename, fsync of the folder.
import { access, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '#shared/errors';
import { makeFolder } from './makeFolder.ts';
import { systemCodeOf, translateFileError } from './translateFileError.ts';
import { tempPathFor } from './tempFiles.ts';

export interface AtomicWriteOptions {
  /** Replace an existing file; without it an existing one is ALREADY_EXISTS. Default false. */
  readonly force?: boolean;
  readonly mode?: number;
}

export interface AtomicTarget {
  /** Write here (a file that does not exist yet, in the target's folder). */
  readonly tempPath: string;
  /** Syncs the temporary file and moves it to the target. */
  commit(): Promise<void>;
  /** Removes the temporary file; harmless after commit. */
  discard(): Promise<void>;
}

/** Throws ALREADY_EXISTS when there is something at the path and it may not be replaced: call it before long work. */
export async function refuseOverwrite(path: string, force: boolean): Promise<void> {
  if (force) return;
  const exists = await access(path).then(() => true, (error: unknown) => systemCodeOf(error) !== 'ENOENT' && systemCodeOf(error) !== 'ENOTDIR');
  if (exists) throw new AppError('ALREADY_EXISTS', `${path} exists already and is not overwritten.`);
}

/** For writers that stream: they fill `tempPath`, then commit. The folder is made when it is missing. */
export async function openAtomicTarget(path: string, { force = false }: AtomicWriteOptions = {}): Promise<AtomicTarget> {
  await refuseOverwrite(path, force);
  makeFolder(dirname(path));
  const tempPath = tempPathFor(path);
  const discard = () => rm(tempPath, { force: true, recursive: true }).catch(() => undefined);
  return {
    tempPath,
    discard,
    async commit() {
      try {
        await syncPath(tempPath);
        if (force) await rename(tempPath, path);
        else await moveWithoutReplacing(tempPath, path);
        await syncPath(dirname(path)).catch(() => undefined); // Windows and some file systems cannot sync a folder
      } catch (error) {
        await discard();
        throw translateFileError(error, path, 'write');
      }
    },
  };
}

/** Writes text or bytes whole or not at all. DISK_FULL, PERMISSION_DENIED, ALREADY_EXISTS. */
export async function writeFileAtomic(path: string, data: string | Uint8Array, options: AtomicWriteOptions = {}): Promise<void> {
  const target = await openAtomicTarget(path, options);
  try {
    const file = await open(target.tempPath, 'wx', options.mode ?? 0o644);
    try {
      await file.writeFile(data);
    } finally {
      await file.close();
    }
  } catch (error) {
    await target.discard();
    throw translateFileError(error, path, 'write');
  }
  await target.commit();
}

/** A hard link fails when the name is taken, which rename does not; where links are not supported, rename after a last look. */
async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST') throw new AppError('ALREADY_EXISTS', `${to} exists already and is not overwritten.`);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
    await refuseOverwrite(to, false);
    return rename(from, to);
  }
  await rm(from, { force: true });
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } catch (error) {
    if (systemCodeOf(error) !== 'EINVAL' && systemCodeOf(error) !== 'EPERM' && systemCodeOf(error) !== 'EISDIR') throw error;
  } finally {
    await file.close();
  }
}
