// The private key as it lies on the disk: in the clear, or encrypted with a secret that the key store of the operating system holds.
import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AppError, isAppError } from '#shared/errors';
import { safeLine } from '#core/report/text';
import { jsonOrNull } from '#shared/jsonOrNull';
import type { KeyKeeper } from '#shared/contract/keys';
import type { OsStore } from '../keystore/openOsStore.ts';
import type { Services } from '../Services.ts';
import { keyIdOf, publicPemOf, readPublicKey } from './publicKeys.ts';

/** What a file of a private key tells without its secret. */
export interface KeyOnDisk {
  readonly keyId: string;
  readonly publicPem: string;
  readonly keptIn: KeyKeeper;
  /** The entry in the store; null for a key in the clear. */
  readonly entry: StoreEntry | null;
  /** Why it is in a file; null where it is not, or nobody noted it. */
  readonly why: string | null;
  readonly text: string;
}
/** `account`: another one at each sealing, so that two who seal the same key do not take each other's secret away. `folder`: the data folder that it was made for. */
interface StoreEntry { readonly account: string; readonly folder: string }

export type KeyPlace = Pick<KeyOnDisk, 'keptIn' | 'why'>;

const cipher = 'aes-256-cbc';
const sealedMark = 'BEGIN ENCRYPTED PRIVATE KEY';
const entryMark = 'entry: ';
const whyMark = 'kept in a file because ';
const wayBack = 'Restore the keys folder or the key (`millwright keys restore`) from a backup, or move the file away: a new key is then made, which others do not know yet.';

/** @param path is named in the error only. BAD_INPUT when it is no key. */
export function readKeyOnDisk(text: string, path: string): KeyOnDisk {
  const publicKey = readPublicKey(text); // of a sealed key the public half stands before it, of one in the clear it follows from it
  if (publicKey === null || !/BEGIN (?:ENCRYPTED )?PRIVATE KEY/.test(text)) throw new AppError('BAD_INPUT', `${path} is not a readable private key.`, { hint: wayBack });
  const entry = text.includes(sealedMark) ? entryIn(text) : null;
  if (entry === undefined) throw new AppError('BAD_INPUT', `${path} does not say which entry of the key store opens it.`, { hint: wayBack });
  return { keyId: keyIdOf(publicKey), publicPem: publicPemOf(publicKey), keptIn: entry === null ? 'file' : 'os-store', entry, why: entry === null ? lineIn(text, whyMark) : null, text };
}

const lineIn = (text: string, mark: string): string | null => text.split(/\r?\n/).find((line) => line.startsWith(mark))?.slice(mark.length) ?? null;
const entryIn = (text: string): StoreEntry | undefined => z.object({ account: z.string(), folder: z.string() }).safeParse(jsonOrNull(lineIn(text, entryMark) ?? '')).data;

/** The text of the file, and its secret in the store where it is kept there. `why`: for a key in a file. KEY_STORE_UNAVAILABLE. */
export async function sealKey({ dataDir, osStore }: Pick<Services, 'dataDir' | 'osStore'>, key: KeyObject, { keptIn, why }: KeyPlace): Promise<KeyOnDisk> {
  const publicKey = createPublicKey(key);
  const [keyId, publicPem] = [keyIdOf(publicKey), publicPemOf(publicKey)];
  if (keptIn === 'file') {
    const because = why === null ? null : safeLine(why, 300);
    return { keyId, publicPem, keptIn, entry: null, why: because, text: `${because === null ? '' : `${whyMark}${because}\n`}${key.export({ type: 'pkcs8', format: 'pem' }).toString()}` };
  }
  const passphrase = randomBytes(32).toString('base64');
  const entry = { account: `${keyId}-${randomBytes(4).toString('hex')}`, folder: dataDir };
  await osStore.write(entry.account, passphrase);
  const words = `The key store of the operating system holds what opens this key, as an entry of Millwright.\n${entryMark}${JSON.stringify(entry)}\n`;
  return { keyId, publicPem, keptIn, entry, why: null, text: `${words}${publicPem}${key.export({ type: 'pkcs8', format: 'pem', cipher, passphrase }).toString()}` };
}

/** In the store where it works, else in a file. */
export async function sealWhereItWorks(services: Pick<Services, 'dataDir' | 'osStore'>, key: KeyObject, wish: KeyPlace): Promise<KeyOnDisk> {
  try {
    return await sealKey(services, key, wish);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'KEY_STORE_UNAVAILABLE') throw error;
    return sealKey(services, key, { keptIn: 'file', why: `the key store of the operating system did not take it: ${error.message}` });
  }
}

/** Asks the store where this process has not done so yet. KEY_STORE_UNAVAILABLE, BAD_INPUT. */
export async function openKey(osStore: OsStore, key: KeyOnDisk, path: string): Promise<KeyObject> {
  const { entry, keyId } = key;
  if (entry === null || await osStore.read(entry.account) !== null) return unsealKey(osStore, key, path);
  throw new AppError('KEY_STORE_UNAVAILABLE', `The key store of the operating system has nothing that opens the key ${keyId}: the entry was removed, or belongs to another user, or the folder comes from another machine.`, { hint: `Work as the user who made the key, on that machine. Otherwise: ${wayBack.charAt(0).toLowerCase()}${wayBack.slice(1)}` });
}

/** Does not wait: KEY_STORE_UNAVAILABLE where this process has not asked the store yet, or the key was sealed anew since. */
export function unsealKey(osStore: OsStore, { keyId, entry, text }: KeyOnDisk, path: string): KeyObject {
  const passphrase = entry === null ? undefined : osStore.remembered(entry.account);
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
