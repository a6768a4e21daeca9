// The Ed25519 key of this installation, made on first use.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '#shared/errors';
import { systemCodeOf, translateFileError, withFileErrors } from '../files/translateFileError.ts';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';

export interface SigningKey {
  /** First 16 hex digits of the SHA-256 of the public key (SPKI, DER). */
  readonly keyId: string;
  /** SPKI, PEM. */
  readonly publicPem: string;
  /** Ed25519 over the bytes; 64 bytes. */
  sign(bytes: Uint8Array): Buffer;
}

export const keysFolderOf = (dataDir: string) => join(dataDir, 'keys');
export const privatePathOf = (dataDir: string) => join(keysFolderOf(dataDir), 'signing-key.pem');

export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex').slice(0, 16);
}

/** The public key of a PEM text, or null when it is none of Ed25519. */
export function readPublicKey(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem); // of a private key it makes the public one
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

export const publicPemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
export const isSignedBy = (publicKey: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean => signature.length === 64 && verify(null, bytes, publicKey, signature);

/**
 * The key of this installation; made on first use with mode 0600. Of two processes that start at once, the first to link its file wins and both use it.
 * PERMISSION_DENIED, DISK_FULL; BAD_INPUT when the file is no key.
 */
export async function openSigningKey(dataDir: string): Promise<SigningKey> {
  const path = privatePathOf(dataDir);
  const pem = await readFile(path, 'utf8').catch(async (error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw translateFileError(error, path, 'read');
    return makeKey(dataDir, path);
  });
  return signingKeyOf(pem, path);
}

/** As it is on disk at this moment, for work that may not wait; null where none was made yet. BAD_INPUT when the file is no key. */
export function readSigningKey(dataDir: string): SigningKey | null {
  const path = privatePathOf(dataDir);
  try {
    return signingKeyOf(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw isAppError(error) ? error : translateFileError(error, path, 'read');
  }
}

/** @param path is named in the error only */
export function signingKeyOf(pem: string, path: string): SigningKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch (error) {
    throw new AppError('BAD_INPUT', `${path} is not a readable private key.`, { cause: error, hint: 'Restore the keys folder or the key (`millwright keys restore`) from a backup, or move the file away: a new key is then made, which others do not know yet.' });
  }
  const publicKey = createPublicKey(privateKey);
  return { keyId: keyIdOf(publicKey), publicPem: publicPemOf(publicKey), sign: (bytes) => sign(null, bytes, privateKey) };
}

async function makeKey(dataDir: string, path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  await withFileErrors(keysFolderOf(dataDir), 'write', () => mkdir(keysFolderOf(dataDir), { recursive: true, mode: 0o700 }));
  await writeOnce(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  const pem = await withFileErrors(path, 'read', () => readFile(path, 'utf8')); // perhaps another process was first: its key counts
  const publicKey = createPublicKey(pem);
  await writeOnce(join(keysFolderOf(dataDir), `${keyIdOf(publicKey)}.pub.pem`), publicPemOf(publicKey), 0o644);
  return pem;
}

/** Never over an existing file: that one is kept. */
async function writeOnce(path: string, text: string, mode: number): Promise<void> {
  await writeFileAtomic(path, text, { mode }).catch((error: unknown) => {
    if (!isAppError(error) || error.code !== 'ALREADY_EXISTS') throw error;
  });
}
