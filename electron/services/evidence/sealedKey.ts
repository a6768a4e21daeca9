// The private key as it lies on the disk: in the clear, or encrypted with a secret that the key store of the operating system holds under the key's id.
import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from 'node:crypto';
import { AppError, isAppError } from '#shared/errors';
import type { KeyKeeper } from '#shared/contract/keys';
import type { OsStore } from '../keystore/openOsStore.ts';
import { keyIdOf, publicPemOf, readPublicKey } from './publicKeys.ts';

/** What a file of a private key tells without its secret. */
export interface KeyOnDisk { readonly keyId: string; readonly publicPem: string; readonly keptIn: KeyKeeper; readonly text: string }

const cipher = 'aes-256-cbc';
const sealedMark = 'BEGIN ENCRYPTED PRIVATE KEY';
const wayBack = 'Restore the keys folder or the key (`millwright keys restore`) from a backup, or move the file away: a new key is then made, which others do not know yet.';

/** @param path is named in the error only. BAD_INPUT when it is no key. */
export function readKeyOnDisk(text: string, path: string): KeyOnDisk {
  const publicKey = readPublicKey(text); // of a sealed key the public half stands before it, of one in the clear it follows from it
  if (publicKey === null || !/BEGIN (?:ENCRYPTED )?PRIVATE KEY/.test(text)) throw new AppError('BAD_INPUT', `${path} is not a readable private key.`, { hint: wayBack });
  return { keyId: keyIdOf(publicKey), publicPem: publicPemOf(publicKey), keptIn: text.includes(sealedMark) ? 'os-store' : 'file', text };
}

export function plainKeyText(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The text of the file, and its secret in the store where it is kept there. KEY_STORE_UNAVAILABLE. */
export async function sealKey(osStore: OsStore, key: KeyObject, keptIn: KeyKeeper): Promise<KeyOnDisk> {
  const publicKey = createPublicKey(key);
  const [keyId, publicPem] = [keyIdOf(publicKey), publicPemOf(publicKey)];
  if (keptIn === 'file') return { keyId, publicPem, keptIn, text: plainKeyText(key) };
  const passphrase = randomBytes(32).toString('base64');
  await osStore.write(keyId, passphrase);
  return { keyId, publicPem, keptIn, text: `${publicPem}${key.export({ type: 'pkcs8', format: 'pem', cipher, passphrase }).toString()}` };
}

/** In the store where it works, else in a file. */
export async function sealWhereItWorks(osStore: OsStore, key: KeyObject, wish: KeyKeeper): Promise<KeyOnDisk> {
  try {
    return await sealKey(osStore, key, wish);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'KEY_STORE_UNAVAILABLE') throw error;
    return sealKey(osStore, key, 'file');
  }
}

/** Asks the store where this process has not done so yet. KEY_STORE_UNAVAILABLE, BAD_INPUT. */
export async function openKey(osStore: OsStore, key: KeyOnDisk, path: string): Promise<KeyObject> {
  if (key.keptIn === 'file') return unsealKey(osStore, key, path);
  const known = osStore.remembered(key.keyId) !== null;
  await fetchSecret(osStore, key.keyId, false);
  try {
    return unsealKey(osStore, key, path);
  } catch (error) {
    if (!known) throw error;
    await fetchSecret(osStore, key.keyId, true); // another process may have sealed the key anew
    return unsealKey(osStore, key, path);
  }
}

async function fetchSecret(osStore: OsStore, keyId: string, anew: boolean): Promise<void> {
  if (await osStore.read(keyId, { anew }) !== null) return;
  throw new AppError('KEY_STORE_UNAVAILABLE', `The key store of the operating system has nothing that opens the key ${keyId}: the entry was removed, or belongs to another user, or the folder comes from another machine.`, { hint: `Work as the user who made the key, on that machine. Otherwise: ${wayBack.charAt(0).toLowerCase()}${wayBack.slice(1)}` });
}

/** Does not wait: KEY_STORE_UNAVAILABLE where this process has not asked the store yet, or the key was sealed anew since. */
export function unsealKey(osStore: OsStore, { keyId, keptIn, text }: KeyOnDisk, path: string): KeyObject {
  const passphrase = keptIn === 'file' ? undefined : osStore.remembered(keyId);
  if (passphrase === null) throw new AppError('KEY_STORE_UNAVAILABLE', `The key ${keyId} was not opened yet with the key store of the operating system.`);
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
  } catch (error) {
    if (passphrase === undefined) throw new AppError('BAD_INPUT', `${path} is not a readable private key.`, { cause: error, hint: wayBack });
    throw new AppError('KEY_STORE_UNAVAILABLE', `${path} does not open with what the key store of the operating system holds for the key ${keyId}.`, { hint: wayBack });
  }
  if (keyIdOf(createPublicKey(key)) !== keyId) throw new AppError('BAD_INPUT', `${path} holds another private key than it says.`, { hint: wayBack });
  return key;
}
