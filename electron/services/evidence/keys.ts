// The Ed25519 key of this installation, made on first use.
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import { systemCodeOf, translateFileError, withFileErrors } from '../files/translateFileError.ts';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import { keyIdOf, publicPemOf } from './publicKeys.ts';
import { openKey, readKeyOnDisk, sealWhereItWorks, unsealKey, type KeyOnDisk, type KeyPlace } from './sealedKey.ts';

export interface SigningKey {
  /** First 16 hex digits of the SHA-256 of the public key (SPKI, DER). */
  readonly keyId: string;
  /** SPKI, PEM. */
  readonly publicPem: string;
  /** Ed25519 over the bytes; 64 bytes. */
  sign(bytes: Uint8Array): Buffer;
}

export type KeyHolder = Pick<Services, 'dataDir' | 'osStore'>;

export const keysFolderOf = (dataDir: string) => join(dataDir, 'keys');
export const privatePathOf = (dataDir: string) => join(keysFolderOf(dataDir), 'signing-key.pem');
/** The private key that waits to take the place of the present one. */
export const nextKeyPathOf = (dataDir: string): string => join(keysFolderOf(dataDir), 'signing-key.next');

/**
 * The key of this installation; made on first use. Of two processes that start at once, the first to link its file wins and both use it.
 * PERMISSION_DENIED, DISK_FULL; BAD_INPUT when the file is no key; KEY_STORE_UNAVAILABLE.
 */
export async function openSigningKey(services: KeyHolder): Promise<SigningKey> {
  return signingKeyOf(await openPrivateKey(services));
}

export async function openPrivateKey({ dataDir, osStore }: KeyHolder): Promise<KeyObject> {
  const key = presentKey(dataDir) ?? await makeKey({ dataDir, osStore });
  return openKey(osStore, key, privatePathOf(dataDir));
}

/** As it is on disk at this moment, for work that may not wait; null where none was made yet. BAD_INPUT when the file is no key, KEY_STORE_UNAVAILABLE where it was not opened here before. */
export function readSigningKey({ dataDir, osStore }: KeyHolder): SigningKey | null {
  const key = presentKey(dataDir);
  return key === null ? null : signingKeyOf(unsealKey(osStore, key, privatePathOf(dataDir)));
}

/** What the file tells without the store; null where there is none. BAD_INPUT when it is no key. */
export const presentKey = (dataDir: string): KeyOnDisk | null => readKeyFile(privatePathOf(dataDir));

export function readKeyFile(path: string): KeyOnDisk | null {
  try {
    return readKeyOnDisk(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw isAppError(error) ? error : translateFileError(error, path, 'read');
  }
}

export function readableKeyFile(path: string): KeyOnDisk | null {
  try { return readKeyFile(path); } catch { return null; }
}

export const presentIfReadable = (dataDir: string): KeyOnDisk | null => readableKeyFile(privatePathOf(dataDir));

export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  return { keyId: keyIdOf(publicKey), publicPem: publicPemOf(publicKey), sign: (bytes) => sign(null, bytes, privateKey) };
}

/** Where nothing is to be signed yet: the key is there afterwards. */
export async function makeKey({ dataDir, osStore }: KeyHolder): Promise<KeyOnDisk> {
  const there = presentKey(dataDir);
  if (there !== null) return there;
  await withFileErrors(keysFolderOf(dataDir), 'write', () => mkdir(keysFolderOf(dataDir), { recursive: true, mode: 0o700 }));
  const made = await sealWhereItWorks({ dataDir, osStore }, generateKeyPairSync('ed25519').privateKey, placeOfNewKeys(osStore));
  const written = await writeOnce(privatePathOf(dataDir), made.text, 0o600).catch(async (error: unknown) => {
    if (made.entry !== null) await osStore.forget(made.entry.account);
    throw error;
  });
  if (!written && made.entry !== null) await osStore.forget(made.entry.account);
  const key = presentKey(dataDir); // perhaps another process was first: its key counts
  if (key === null) throw new AppError('NOT_FOUND', 'The signing key was removed just after it was made.');
  await writeOnce(join(keysFolderOf(dataDir), `${key.keyId}.pub.pem`), key.publicPem, 0o644);
  return key;
}

export const placeOfNewKeys = ({ forNewKeys }: KeyHolder['osStore']): KeyPlace =>
  (forNewKeys ? { keptIn: 'os-store', why: null } : { keptIn: 'file', why: 'the data folder was named, as for servers, CI and copies.' });

/** Never over an existing file: that one is kept, and the answer is false. */
async function writeOnce(path: string, text: string, mode: number): Promise<boolean> {
  try {
    await writeFileAtomic(path, text, { mode });
    return true;
  } catch (error) {
    if (!isAppError(error) || error.code !== 'ALREADY_EXISTS') throw error;
    return false;
  }
}
