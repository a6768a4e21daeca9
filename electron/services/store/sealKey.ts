// The secret that seals stored records; made on first use, beside the signing key and outside the database.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#shared/errors';
import { tempPathFor } from '../files/tempFiles.ts';
import { systemCodeOf, translateFileError } from '../files/translateFileError.ts';

/** 32 bytes. Of two processes that start at once the first to link its file wins, and both use it. BAD_DATA where the file is no key. */
export function openSealKey(dataDir: string): Buffer {
  const path = join(dataDir, 'keys', 'record-seal.key');
  try {
    const text = readOr(path) ?? makeKey(path);
    if (!/^[0-9a-f]{64}\n$/.test(text)) throw new AppError('BAD_DATA', `${path} is not a key that seals records.`, { hint: 'Restore the keys folder from a backup.' });
    return Buffer.from(text.trim(), 'hex');
  } catch (error) {
    throw translateFileError(error, path, 'write');
  }
}

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function makeKey(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temp = tempPathFor(path);
  try {
    const file = openSync(temp, 'wx', 0o600);
    try {
      writeSync(file, `${randomBytes(32).toString('hex')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      linkSync(temp, path);
    } catch (error) {
      // Where links are not supported the rename may replace the key of a process that started in the same moment; then nothing is sealed yet.
      if (systemCodeOf(error) !== 'EEXIST') renameSync(temp, path);
    }
  } finally {
    rmSync(temp, { force: true });
  }
  return readFileSync(path, 'utf8');
}

const levelPath = (dataDir: string) => join(dataDir, 'keys', 'record-seal.level');

/** How much of the database of this folder was sealed already. It is kept beside the key: who may only write the database must not get it sealed anew. */
export function sealedLevel(dataDir: string): number {
  try { return Number(readOr(levelPath(dataDir)) ?? 0); } catch (error) { throw translateFileError(error, levelPath(dataDir), 'read'); }
}

export function noteSealedLevel(dataDir: string, level: number): void {
  const path = levelPath(dataDir);
  const temp = tempPathFor(path);
  try {
    const file = openSync(temp, 'wx', 0o600);
    try { writeSync(file, `${level}\n`); fsyncSync(file); } finally { closeSync(file); }
    renameSync(temp, path);
  } catch (error) { throw translateFileError(error, path, 'write'); } finally { rmSync(temp, { force: true }); }
}
