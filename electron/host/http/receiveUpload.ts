// Takes a file that the page sends and keeps it below the data folder, whole or not at all.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#shared/errors';
import { translateFileError } from '#services/files/translateFileError';
import { openAtomicTarget } from '#services/files/writeFileAtomic';

/** The largest file that is taken. */
export const uploadBytesMax = 8 * 1024 ** 3;

const partsMax = 16;
// oxlint-disable-next-line no-control-regex -- control characters are what is to be refused
const forbidden = /[\u0000-\u001f<>:"|?*\u007f]/;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The parts of a relative path, or BAD_INPUT where it would leave the folder or cannot be a file name on every system. */
export function uploadParts(name: string): string[] {
  const parts = name.split(/[\\/]/).filter((part) => part !== '');
  const bad = parts.length === 0 || parts.length > partsMax || parts.some((part) => part === '.' || part === '..' || part.length > 200 || forbidden.test(part) || reserved.test(part) || /[. ]$/.test(part));
  if (bad) throw new AppError('BAD_INPUT', `"${name.slice(0, 120)}" cannot be the name of a file here.`, { hint: 'Rename the file to letters, digits, points and dashes.' });
  return parts;
}

/**
 * Streams the body to `<dataDir>/uploads/<batch>/<name>` and answers the path to use: the file, or with `folder` the folder that holds the batch.
 * BAD_INPUT where the name or size is refused, DISK_FULL and PERMISSION_DENIED as the disk says.
 */
export async function receiveUpload(request: IncomingMessage, url: URL, dataDir: string, bytesMax: number = uploadBytesMax): Promise<string> {
  const batch = url.searchParams.get('batch') ?? '';
  if (!/^[a-z0-9-]{1,64}$/.test(batch)) throw new AppError('BAD_INPUT', 'The upload has no valid batch name.');
  const parts = uploadParts(url.searchParams.get('name') ?? '');
  const tooLarge = () => new AppError('BAD_INPUT', `The file is larger than the ${Math.floor(bytesMax / 1024 ** 2)} MiB that an upload may have.`, { hint: 'Copy it to the machine and type its path.' });
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();
  const root = join(dataDir, 'uploads', batch);
  const path = join(root, ...parts);
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(tooLarge()); else done(null, chunk);
    },
  });
  const target = await openAtomicTarget(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(request, counted, createWriteStream(target.tempPath, { flags: 'wx' }));
  } catch (error) {
    await target.discard();
    throw translateFileError(error, path, 'write');
  }
  await target.commit();
  if (url.searchParams.get('folder') !== '1') return path;
  return parts.length > 1 && parts[0] !== undefined ? join(root, parts[0]) : root;
}
