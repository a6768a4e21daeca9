// Makes a folder with all above it, and says the true reason when it cannot.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCodeOf, translateFileError } from './translateFileError.ts';

/** PERMISSION_DENIED, DISK_FULL, BAD_INPUT where a part of the path is a file. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const code = systemCodeOf(error);
    // A file in the place of the folder is EEXIST to Node; "it exists already, add --force" would be the wrong advice.
    throw translateFileError(code === 'ENOENT' ? reasonOf(path) ?? error : code === 'EEXIST' ? { code: 'ENOTDIR' } : error, path, 'write');
  }
}

/** Node reports ENOENT for a recursive mkdir on a read-only disk; making just the first missing folder tells why. */
function reasonOf(path: string): unknown {
  let missing = path;
  while (dirname(missing) !== missing && statSync(dirname(missing), { throwIfNoEntry: false }) === undefined) missing = dirname(missing);
  try {
    mkdirSync(missing);
    return null;
  } catch (error) {
    return error;
  }
}
