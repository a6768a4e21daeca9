// Signature files: canonical JSON whose every byte is either signed or the signature itself.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../store/canonicalJson.ts';
import { type SigningKey } from './keys.ts';
import { isSignedBy, keyIdOf, readPublicKey } from './publicKeys.ts';
import type { PackedEntry } from './zipContainer.ts';

export const meanings = ['prepared', 'reviewed', 'approved'] as const;
export type Meaning = (typeof meanings)[number];

const payloadSchema = z.strictObject({
  format: z.literal('millwright-signature-1'),
  /** SHA-256 of manifest.sha256. */
  manifestSha256: z.string(),
  /** SHA-256 of the signature file before this one; null for the first. */
  previousSha256: z.string().nullable(),
  /** Name and SHA-256 of the packed bytes of each entry before this file: different packings can unpack alike. */
  packed: z.array(z.tuple([z.string(), z.string()])),
  keyId: z.string(), publicKey: z.string(), signer: z.string(), role: z.string(), meaning: z.enum(meanings), signedAt: z.string(),
  /** True: the signer gave the password of a user of that name and role. Packages from before there were users do not say. */
  authenticated: z.boolean().optional(),
});
export type SignaturePayload = z.infer<typeof payloadSchema>;
const fileSchema = z.strictObject({ algorithm: z.literal('Ed25519'), payload: payloadSchema, signature: z.string() });

export const sha256Hex = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
export const packedHashes = (entries: readonly PackedEntry[]): Array<[string, string]> => entries.map((entry) => [entry.name, sha256Hex(entry.packed)]);

export interface SignatureRequest { readonly signer: string; readonly role: string; readonly meaning: Meaning; readonly signedAt: string; readonly authenticated: boolean }

/** The bytes of a signature file over all entries before it. */
export function makeSignature(key: SigningKey, before: readonly PackedEntry[], manifest: Uint8Array, previous: Uint8Array | null, request: SignatureRequest): Buffer {
  const payload: SignaturePayload = {
    format: 'millwright-signature-1', manifestSha256: sha256Hex(manifest), previousSha256: previous === null ? null : sha256Hex(previous), packed: packedHashes(before),
    keyId: key.keyId, publicKey: key.publicPem, signer: request.signer, role: request.role, meaning: request.meaning, signedAt: request.signedAt, authenticated: request.authenticated,
  };
  const signature = key.sign(Buffer.from(canonicalJson(payload), 'utf8')).toString('base64');
  return encode({ algorithm: 'Ed25519', payload, signature });
}

const encode = (file: z.infer<typeof fileSchema>) => Buffer.from(`${canonicalJson(file)}\n`, 'utf8');

export type SignatureCheck = { readonly payload: SignaturePayload; readonly fault: null } | { readonly payload: SignaturePayload | null; readonly fault: string };

/** Reads a signature file and checks form, key and signature; what it signs is checked by the caller. */
export function readSignature(bytes: Uint8Array): SignatureCheck {
  let file: z.infer<typeof fileSchema>;
  try {
    file = fileSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return { payload: null, fault: 'It is not a signature file.' };
  }
  const { payload } = file;
  if (Buffer.compare(encode(file), bytes) !== 0) return { payload, fault: 'Its bytes are not in the form in which they were written.' };
  const key = readPublicKey(payload.publicKey);
  if (key === null || keyIdOf(key) !== payload.keyId) return { payload, fault: 'Its public key does not have the key id that it names.' };
  const signature = Buffer.from(file.signature, 'base64');
  if (signature.toString('base64') !== file.signature || !isSignedBy(key, Buffer.from(canonicalJson(payload), 'utf8'), signature)) return { payload, fault: 'The signature does not fit what it signs.' };
  return { payload, fault: null };
}
