// The secret that signs the cookies of the browser shell; kept in the data folder, so that an open page is let in again by a host that was restarted.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAppError } from '#shared/errors';
import { systemCodeOf, translateFileError } from '#services/files/translateFileError';
import { writeFileAtomic } from '#services/files/writeFileAtomic';

const secretBytes = 32;

async function readSecret(path: string): Promise<Buffer | null> {
  try {
    const secret = await readFile(path);
    return secret.length === secretBytes ? secret : null;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw translateFileError(error, path, 'read');
  }
}

/** Made on first use, for the owner's eyes only. Of two hosts that start at once, the first to write wins and both use it. */
export async function openSessionSecret(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, 'console-session.key');
  const known = await readSecret(path);
  if (known) return known;
  const fresh = randomBytes(secretBytes);
  try {
    await writeFileAtomic(path, fresh, { mode: 0o600 });
    return fresh;
  } catch (error) {
    const other = isAppError(error) && error.code === 'ALREADY_EXISTS' ? await readSecret(path) : null;
    if (other) return other;
    // A file that is there but is no secret is replaced: at worst, pages have to come through the door again.
    await writeFileAtomic(path, fresh, { mode: 0o600, force: true });
    return fresh;
  }
}
