// Records of key rotations: the old key signs the new one's public half, with time, reason and who did it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonOrNull } from '#shared/jsonOrNull';
import { canonicalJson } from '../store/canonicalJson.ts';
import { keysFolderOf, type SigningKey } from './keys.ts';
import { isSignedBy, keyIdOf, readPublicKey } from './publicKeys.ts';

const rotationSchema = z.strictObject({
  format: z.literal('millwright-key-rotation-1'), oldKeyId: z.string(), oldPublicKey: z.string(), newKeyId: z.string(), newPublicKey: z.string(),
  rotatedAt: z.string(), reason: z.string(), by: z.string(), signature: z.string(),
});
export type KeyRotation = z.infer<typeof rotationSchema>;

const signedBytes = (body: Omit<KeyRotation, 'signature'>) => createHash('sha256').update('millwright-key-rotation-1\n').update(canonicalJson(body)).digest();
export const rotationPathOf = (dataDir: string, newKeyId: string): string => join(keysFolderOf(dataDir), `${newKeyId}.rotation.json`);

export function signRotation(old: SigningKey, next: Pick<SigningKey, 'keyId' | 'publicPem'>, { rotatedAt, reason, by }: Pick<KeyRotation, 'rotatedAt' | 'reason' | 'by'>): KeyRotation {
  const body = { format: 'millwright-key-rotation-1' as const, oldKeyId: old.keyId, oldPublicKey: old.publicPem, newKeyId: next.keyId, newPublicKey: next.publicPem, rotatedAt, reason, by };
  return { ...body, signature: old.sign(signedBytes(body)).toString('base64') };
}

/** The one spelling in which it is written. */
export const rotationText = (rotation: KeyRotation): string => `${canonicalJson(rotation)}\n`;

/** Null where it was changed, or is none. */
export function readRotation(text: string): KeyRotation | null {
  const parsed = rotationSchema.safeParse(jsonOrNull(text));
  if (!parsed.success || rotationText(parsed.data) !== text) return null;
  const { signature, ...body } = parsed.data;
  const [old, next, bytes] = [readPublicKey(body.oldPublicKey), readPublicKey(body.newPublicKey), Buffer.from(signature, 'base64')];
  const holds = old !== null && next !== null && keyIdOf(old) === body.oldKeyId && keyIdOf(next) === body.newKeyId && body.oldKeyId !== body.newKeyId
    && bytes.toString('base64') === signature && isSignedBy(old, signedBytes(body), bytes);
  return holds ? parsed.data : null;
}

/** All that hold, in no order, and the files that do not. */
export function readRotations(dataDir: string): { readonly rotations: readonly KeyRotation[]; readonly faulty: readonly string[] } {
  const rotations: KeyRotation[] = [];
  const faulty: string[] = [];
  for (const name of namesIn(keysFolderOf(dataDir)).filter((each) => each.endsWith('.rotation.json')).sort()) {
    const rotation = readRotation(textOf(join(keysFolderOf(dataDir), name)));
    if (rotation !== null && name === `${rotation.newKeyId}.rotation.json`) rotations.push(rotation);
    else faulty.push(name);
  }
  return { rotations, faulty };
}

export function namesIn(folder: string): string[] {
  try { return readdirSync(folder); } catch { return []; }
}

export function textOf(path: string): string {
  try { return readFileSync(path, 'utf8'); } catch { return ''; }
}
