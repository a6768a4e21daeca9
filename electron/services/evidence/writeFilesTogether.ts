// Several files that belong together: all are written and synced under temporary names before the first gets its own.
import { open, rm } from 'node:fs/promises';
import { translateFileError } from '../files/translateFileError.ts';
import { openAtomicTarget, refuseOverwrite, type AtomicTarget } from '../files/writeFileAtomic.ts';

/** The last file given appears last: its presence says that the set is whole. What was already placed is taken away again when a later one fails. */
export async function writeFilesTogether(files: ReadonlyArray<{ readonly path: string; readonly bytes: Uint8Array }>, force: boolean): Promise<void> {
  for (const file of files) await refuseOverwrite(file.path, force);
  const targets: Array<{ path: string; target: AtomicTarget }> = [];
  const placed: string[] = [];
  try {
    for (const { path, bytes } of files) {
      const target = await openAtomicTarget(path, { force });
      targets.push({ path, target });
      await write(target.tempPath, path, bytes);
    }
    for (const { path, target } of targets) {
      await target.commit();
      placed.push(path);
    }
  } catch (error) {
    await Promise.all(targets.map(({ target }) => target.discard()));
    if (!force) await Promise.all(placed.map((path) => rm(path, { force: true }))); // with force an older file may have been there: a new one stays whole
    throw error;
  }
}

async function write(tempPath: string, path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(tempPath, 'wx', 0o644);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw translateFileError(error, path, 'write');
  }
}
