// The public keys that are known here: the present one, those that it followed with their end, and those of others that were taken into keys/trusted.
import { join } from 'node:path';
import { keysFolderOf, presentKey, type SigningKey } from './keys.ts';
import { keyIdOf, publicPemOf, readPublicKey } from './publicKeys.ts';
import { namesIn, readRotation, readRotations, textOf, type KeyRotation } from './keyRotations.ts';

export interface KnownKey {
  readonly keyId: string;
  readonly publicPem: string;
  /** own: of this installation, now or once. */
  readonly origin: 'own' | 'trusted';
  /** Null: since it was made. */
  readonly from: string | null;
  /** Null: it was not retired, as far as is known. */
  readonly until: string | null;
  readonly reason: string | null;
  readonly nextKeyId: string | null;
}
export type KnownKeys = Pick<ReadonlyMap<string, KnownKey>, 'has' | 'get'>;

const pemBlock = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;
/** How an exported file tells of a rotation, among text that other readers of PEM skip. */
export const rotationLine = 'rotation: ';

const plain = (publicPem: string, keyId: string, origin: KnownKey['origin']): KnownKey => ({ keyId, publicPem, origin, from: null, until: null, reason: null, nextKeyId: null });

export function knownKeys(dataDir: string): Map<string, KnownKey> {
  const known = new Map<string, KnownKey>();
  const add = (pem: string, origin: KnownKey['origin']) => {
    const key = readPublicKey(pem);
    if (key !== null && !known.has(keyIdOf(key))) known.set(keyIdOf(key), plain(publicPemOf(key), keyIdOf(key), origin));
  };
  const folder = keysFolderOf(dataDir);
  for (const name of namesIn(folder).filter((each) => each.endsWith('.pem'))) add(textOf(join(folder, name)), 'own');
  retire(known, effectiveRotations(dataDir));
  const trusted = join(folder, 'trusted');
  for (const name of namesIn(trusted).filter((each) => each.endsWith('.pem'))) {
    const text = textOf(join(trusted, name));
    const blocks = text.match(pemBlock) ?? [];
    for (const block of blocks.length > 0 ? blocks : [text]) add(block, 'trusted');
    // An own key is retired by own records only.
    retire(known, text.split(/\r?\n/).flatMap((line) => (line.startsWith(rotationLine) ? readRotation(`${line.slice(rotationLine.length)}\n`) ?? [] : [])), 'trusted');
  }
  return known;
}

function retire(known: Map<string, KnownKey>, rotations: readonly KeyRotation[], origin: KnownKey['origin'] = 'own'): void {
  for (const { oldKeyId, newKeyId, rotatedAt, reason } of rotations) {
    const [old, next] = [known.get(oldKeyId), known.get(newKeyId)];
    if (old?.origin === origin) known.set(oldKeyId, { ...old, until: rotatedAt, reason, nextKeyId: newKeyId });
    if (next?.origin === origin) known.set(newKeyId, { ...next, from: rotatedAt });
  }
}

/** Those that led to the present key, newest first. One that was prepared and never took effect is not among them. */
export function effectiveRotations(dataDir: string): KeyRotation[] {
  const { rotations } = readRotations(dataDir);
  const path: KeyRotation[] = [];
  for (let keyId = currentKeyId(dataDir); keyId !== null;) {
    const led = rotations.find((rotation) => rotation.newKeyId === keyId);
    if (led === undefined || path.includes(led)) break;
    path.push(led);
    keyId = led.oldKeyId;
  }
  return path;
}

/** Null where there is none, or it cannot be read. */
export function currentKeyId(dataDir: string): string | null {
  try { return presentKey(dataDir)?.keyId ?? null; } catch { return null; }
}

/** Nothing but this key is known: for a look at what it just signed. */
export const onlyKey = ({ keyId, publicPem }: Pick<SigningKey, 'keyId' | 'publicPem'>): KnownKeys => new Map([[keyId, plain(publicPem, keyId, 'own')]]);
