// The keys as people see them: which one signs, which were retired when and why, and whose else are trusted; and all of it in a file for others.
import type { KeyInfo } from '#shared/contract/keys';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import { actorOf } from '../stations/actor.ts';
import { effectiveRotations, knownKeys, rotationLine, type KnownKey } from './keyring.ts';
import { rotationText } from './keyRotations.ts';
import { makeKey, presentIfReadable, type KeyHolder } from './keys.ts';
import type { KeyOnDisk } from './sealedKey.ts';

const infoOf = (key: KnownKey, current: KeyOnDisk | null): KeyInfo => (key.keyId === current?.keyId ? { ...key, state: 'current', keptIn: current.keptIn, keptWhy: current.why } : { ...key, state: key.origin === 'trusted' ? 'trusted' : 'retired', keptIn: null, keptWhy: null });

/** The present one first, then those that it followed, newest first, then those of others. */
export async function listKeys(services: KeyHolder): Promise<KeyInfo[]> {
  const { dataDir } = services;
  await makeKey(services).catch(() => null); // made on first use; one that cannot be read is missing in the list
  const current = presentIfReadable(dataDir);
  const rank = { current: 0, retired: 1, trusted: 2 } as const;
  return [...knownKeys(dataDir).values()].map((key) => infoOf(key, current))
    .sort((a, b) => rank[a.state] - rank[b.state] || (b.until ?? '').localeCompare(a.until ?? '') || a.keyId.localeCompare(b.keyId));
}

export function currentKeyInfo(dataDir: string): KeyInfo {
  const current = presentIfReadable(dataDir);
  const key = current === null ? undefined : knownKeys(dataDir).get(current.keyId);
  if (!key) throw new AppError('NOT_FOUND', 'There is no readable signing key.');
  return infoOf(key, current);
}

/** The public keys of this installation as PEM, with their times and the signed rotations as text between them, to be put into keys/trusted elsewhere. */
export async function exportKeys(services: Pick<Services, 'dataDir' | 'store' | 'osStore'>, { outputPath, force }: { readonly outputPath: string; readonly force: boolean }): Promise<{ path: string; keys: number }> {
  const own = (await listKeys(services)).filter(({ origin }) => origin === 'own');
  const blocks = own.map(({ keyId, state, from, until, publicPem }) => `Key ${keyId} (${state})${from === null ? '' : `, from ${from}`}${until === null ? '' : `, until ${until}`}\n${publicPem}`);
  const rotations = effectiveRotations(services.dataDir).map((rotation) => `${rotationLine}${rotationText(rotation)}`);
  await writeFileAtomic(outputPath, [...blocks, ...rotations].join('\n'), { force });
  services.store.audit.append({ actor: actorOf(services), action: 'keys.exported', subject: own[0]?.keyId ?? 'no key', detail: { path: outputPath, keyIds: own.map(({ keyId }) => keyId) } });
  return { path: outputPath, keys: own.length };
}
