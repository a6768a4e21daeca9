// Public keys of Ed25519: read, named by their id, and what they signed.
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

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
