// Keys: what evidence and the audit trail are signed with here, what it was before, and whose signatures are trusted.
import { z } from 'zod';
import { query } from './operation.ts';
import { credentialSchema } from './people.ts';
import { isoTimeSchema } from './references.ts';

/** file: readable by this user only. os-store: encrypted, and what opens it is in Windows Credential Manager, the macOS keychain or the Secret Service of Linux. */
export const keyKeeperSchema = z.enum(['file', 'os-store']);
export type KeyKeeper = z.infer<typeof keyKeeperSchema>;

export const keyInfoSchema = z.object({
  /** First 16 hex digits of the SHA-256 of the public key (DER). */
  keyId: z.string(), publicPem: z.string(),
  state: z.enum(['current', 'retired', 'trusted']),
  /** own: of this installation. trusted: of another, taken into keys/trusted. */
  origin: z.enum(['own', 'trusted']),
  /** Where the private key is kept; null for those that do not sign here. */
  keptIn: keyKeeperSchema.nullable(),
  /** Why it is in a file; null where it is not, or where it was made before this was noted. */
  keptWhy: z.string().nullable(),
  /** Null: since it was made. */
  from: isoTimeSchema.nullable(),
  /** When it was retired; null while it is not. */
  until: isoTimeSchema.nullable(), reason: z.string().nullable(), nextKeyId: z.string().nullable(),
});
export type KeyInfo = z.infer<typeof keyInfoSchema>;

/** An Admin with the password; `signer` is for a data folder without users, and is not proven. */
const who = { by: credentialSchema.optional(), signer: z.string().min(1).max(120).optional() };
const reasonSchema = z.string().trim().min(1).max(300);
const passphraseSchema = z.string().min(1).max(1024);

export const keysOperations = {
  'keys.list': query('List keys', () => z.object({}), () => z.array(keyInfoSchema)),
  /** Makes a new key, signed by the present one, which is retired. */
  'keys.rotate': query('Rotate the signing key', () => z.object({ reason: reasonSchema, ...who }), () => keyInfoSchema),
  /** The same key, kept elsewhere. */
  'keys.move': query('Move the signing key', () => z.object({ to: keyKeeperSchema, ...who }), () => keyInfoSchema),
  /** The public keys of this installation, for others to trust. */
  'keys.export': query('Export the public keys', () => z.object({ outputPath: z.string().min(1), force: z.boolean().default(false) }), () => z.object({ path: z.string(), keys: z.number() })),
  /** The private key, encrypted. */
  'keys.backup': query('Back up the signing key', () => z.object({ outputPath: z.string().min(1), force: z.boolean().default(false), passphrase: passphraseSchema, ...who }), () => z.object({ path: z.string(), keyId: z.string() })),
  'keys.restore': query('Restore the signing key', () => z.object({ path: z.string().min(1), passphrase: passphraseSchema, reason: reasonSchema, ...who }), () => keyInfoSchema),
} as const;
