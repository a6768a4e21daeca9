// External data of a model on disk: only regular files inside the model's own folder are read, whatever the model asks for.
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { AppError } from '#shared/errors';
import type { ExternalFiles } from '#core/onnx/check/checkTensor';
import type { ExternalData } from '#core/onnx/tensors/ExternalData';
import { systemCodeOf } from '../files/translateFileError.ts';

export interface ExternalReader extends ExternalData, ExternalFiles {
  /** Absolute path of a location, after all checks; throws BAD_MODEL with the reason. */
  pathOf(location: string): string;
  close(): void;
}

const sliceBytes = 64 * 2 ** 20;

/** Files are opened when first read and stay open until `close`. Reading is synchronous: the core asks for one tensor at a time. */
export function openExternalFiles(modelPath: string): ExternalReader {
  const folder = dirname(modelPath);
  const handles = new Map<string, number>();

  function pathOf(location: string): string {
    const refuse = (reason: string) => new AppError('BAD_MODEL', `The model keeps data in "${location.slice(0, 120)}", which is refused: ${reason}.`, { hint: 'Keep the data file in the folder of the model, and export the model with its plain name.' });
    // oxlint-disable-next-line no-control-regex -- NUL ends names in the system's calls
    if (location === '' || /[\u0000]/.test(location)) throw refuse('it is no file name');
    if (/^([/\\]|[a-zA-Z]:)/.test(location)) throw refuse('the path is absolute');
    if (location.split(/[/\\]/).includes('..')) throw refuse('the path leaves the folder of the model');
    const path = join(folder, location);
    let real: string;
    let root: string;
    try {
      root = realpathSync(folder);
      real = realpathSync(path);
    } catch (error) {
      throw refuse(systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR' ? 'it does not exist' : 'it cannot be opened');
    }
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) throw refuse('it is a link that leaves the folder of the model');
    if (!statSync(real).isFile()) throw refuse('it is no regular file');
    return real;
  }

  function handleOf(location: string): number {
    const known = handles.get(location);
    if (known !== undefined) return known;
    const path = pathOf(location);
    try {
      const handle = openSync(path, 'r');
      handles.set(location, handle);
      return handle;
    } catch (error) {
      throw new AppError('PERMISSION_DENIED', `The data file "${location}" of the model cannot be opened.`, { cause: error });
    }
  }

  return {
    pathOf,
    sizeOf(location) {
      try {
        return statSync(pathOf(location)).size;
      } catch (error) {
        if (error instanceof AppError) return error.message.replace(/^.*which is refused: /, '').replace(/\.$/, '');
        return 'it cannot be read';
      }
    },
    read(location, offset, length) {
      const handle = handleOf(location);
      const size = fstatSync(handle).size;
      if (offset + length > size) throw new AppError('BAD_MODEL', `The model reads bytes ${offset} to ${offset + length} of "${location}", which has only ${size}.`, { hint: 'Copy the data file again.' });
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length;) {
        const count = readSync(handle, bytes, at, Math.min(sliceBytes, length - at), offset + at);
        if (count === 0) throw new AppError('BAD_MODEL', `The data file "${location}" ended while it was read.`);
        at += count;
      }
      return bytes;
    },
    close() {
      for (const handle of handles.values()) closeSync(handle);
      handles.clear();
    },
  };
}
