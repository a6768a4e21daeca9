// Makes a folder with all above it, and says the true reason when it cannot.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCodeOf, translateFileError } from './translateFileError.ts';

const found = (path: string) => statSync(path, { throwIfNoEntry: false });

/** PERMISSION_DENIED, DISK_FULL, BAD_INPUT where a part of the path is a file. */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  try {
    // One by one: Node's recursive mkdir hides the reason on a read-only disk, and never ends where a folder that is there takes no entry as if it were not (/proc).
    for (let at = path; dirname(at) !== at && found(at) === undefined; at = dirname(at)) missing.unshift(at);
    if (missing.length === 0) mkdirSync(path, { recursive: true }); // refused where a file has that name
    for (const folder of missing) makeOne(folder);
  } catch (error) {
    const code = systemCodeOf(error);
    // A file in the place of the folder is EEXIST to Node; "it exists already, add --force" would be the wrong advice. What has no entry although the folder above it is there takes none.
    throw translateFileError(code === 'EEXIST' ? { code: 'ENOTDIR' } : code === 'ENOENT' ? { code: 'EPERM' } : error, path, 'write');
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST' || found(folder)?.isDirectory() !== true) throw error; // another process made it just now
  }
}
