// SHA-256 of a file, streamed.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { translateFileError } from './translateFileError.ts';

/** @returns 64 hex digits */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  } catch (error) { throw translateFileError(error, path, 'read'); }
  return hash.digest('hex');
}
