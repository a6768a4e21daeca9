// Names of temporary files: they carry the process that made them, so that what a dead process left can be told and swept.
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isProcessAlive } from './isProcessAlive.ts';

const pattern = /^\.mw-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/;

/** Eight hex digits that tell machines (and containers) sharing a folder apart: a process id only means something on its own machine. */
function machineMark(): string {
  let hash = 0x811c9dc5; // FNV-1a
  for (const char of hostname()) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** A temporary name in the folder of the target (so that the rename stays on one file system). */
export function tempPathFor(target: string): string {
  return join(dirname(target), `.mw-${machineMark()}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
}

/** Removes temporary files and folders in `folder` whose process is gone. Answers the names removed; a folder that cannot be listed has none. */
export async function sweepDeadTempFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const dead = names.filter((name) => {
    const match = pattern.exec(name);
    return match !== null && match[1] === machineMark() && !isProcessAlive(Number(match[2]));
  });
  await Promise.all(dead.map((name) => rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)));
  return dead.map((name) => basename(name));
}
