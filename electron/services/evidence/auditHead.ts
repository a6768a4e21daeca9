// The signed head of the audit trail: how long the chain was and its last hash, so that cutting its end off shows.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../store/canonicalJson.ts';
import { replaceFileSync } from '../files/replaceFileSync.ts';
import { systemCodeOf } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import { knownKeys, type KnownKeys } from './keyring.ts';
import { isAppError } from '#shared/errors';
import { makeKey, openSigningKey, presentKey, readSigningKey } from './keys.ts';
import { isSignedBy, keyIdOf, readPublicKey } from './publicKeys.ts';

const headSchema = z.strictObject({ seq: z.number().int().min(0), hash: z.string(), at: z.string(), keyId: z.string(), publicKey: z.string(), signature: z.string() });
export type AuditHead = z.infer<typeof headSchema>;

const pathOf = (dataDir: string) => join(dataDir, 'keys', 'audit-head.json');
const signedBytes = (head: Omit<AuditHead, 'signature'>) => createHash('sha256').update('millwright-audit-head-1\n').update(canonicalJson(head)).digest();

/** null: there is none. A fault: it cannot be trusted. */
export function readAuditHead(dataDir: string, known: KnownKeys): { head: AuditHead | null; fault: string | null } {
  let text: string;
  try {
    text = readFileSync(pathOf(dataDir), 'utf8');
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' ? { head: null, fault: null } : { head: null, fault: 'The signed head cannot be read.' };
  }
  try {
    const head = headSchema.parse(JSON.parse(text));
    const { signature, ...body } = head;
    // Base64 and JSON have several spellings of the same bytes; only the one that was written is taken.
    if (`${canonicalJson(head)}\n` !== text || Buffer.from(signature, 'base64').toString('base64') !== signature) return { head: null, fault: 'The signed head is not in the form in which it was written: it was changed.' };
    const key = readPublicKey(head.publicKey);
    if (key === null || keyIdOf(key) !== head.keyId || !isSignedBy(key, signedBytes(body), Buffer.from(signature, 'base64'))) return { head: null, fault: 'The signature of the head does not fit: it was changed.' };
    return known.has(head.keyId) ? { head, fault: null } : { head: null, fault: `The head was signed with the key ${head.keyId}, which is not known here.` };
  } catch {
    return { head: null, fault: 'The signed head is damaged.' };
  }
}

/**
 * Signs the present end of the chain. Only where the entry of the stored head is still in the chain: otherwise the old head stays as the witness of what
 * was cut off or written anew, and `audit verify` tells of it. KEY_STORE_UNAVAILABLE where the key was not opened here yet.
 */
export function signAuditHead(services: Pick<Services, 'dataDir' | 'store' | 'osStore'>): void {
  const { dataDir, store } = services;
  const present = presentKey(dataDir); // anew each time: another process may have rotated it
  const last = store.audit.list(1).entries[0];
  if (!last || present === null) return;
  const { head, fault } = readAuditHead(dataDir, knownKeys(dataDir));
  if (fault !== null || (head !== null && head.seq >= last.seq && (head.seq > last.seq || head.keyId === present.keyId))) return;
  if (head !== null && !store.audit.list(last.seq - head.seq + 1).entries.some((entry) => entry.seq === head.seq && entry.hash === head.hash)) return;
  const key = readSigningKey(services);
  if (key === null) return;
  const body = { seq: last.seq, hash: last.hash, at: last.at, keyId: key.keyId, publicKey: key.publicPem };
  replaceFileSync(pathOf(dataDir), `${canonicalJson({ ...body, signature: key.sign(signedBytes(body)).toString('base64') })}\n`, 0o600);
}

/** A locked store asks the person at each try: not for each entry that a station writes. What a person signs asks at once, and the head follows. */
const askAgainAfterMs = 600_000;

/**
 * Signs the head now and after each entry that this process appends, until stopped. Where the key must be opened first, that is asked for in the background and
 * stopping waits for it. A failure is logged and shows in `audit verify` as entries after the head.
 */
export async function keepAuditHead(services: Services): Promise<() => Promise<void>> {
  await makeKey(services);
  let opening: Promise<void> | null = null;
  let askAgainAtMs = -Infinity;
  const failed = (error: unknown) => services.log.warn('The head of the audit trail could not be signed.', { reason: error instanceof Error ? error.message : String(error) });
  const openAndSign = async () => {
    try {
      await openSigningKey(services);
      opening = null; // an entry from here on starts anew
      signAuditHead(services);
    } catch (error) {
      opening = null;
      askAgainAtMs = services.clock() + askAgainAfterMs;
      failed(error);
    }
  };
  const write = () => {
    try {
      signAuditHead(services);
    } catch (error) {
      if (!isAppError(error) || error.code !== 'KEY_STORE_UNAVAILABLE') failed(error);
      else if (services.clock() >= askAgainAtMs) opening ??= openAndSign();
    }
  };
  write();
  const stop = services.store.onChange((change) => { if (change.noun === 'audit') write(); });
  return async () => { stop(); await opening; };
}
