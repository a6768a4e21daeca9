// A rotation or a move of the key that was stopped between its steps: finished where the audit trail has it, undone where it does not.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Services } from '../Services.ts';
import { systemCodeOf } from '../files/translateFileError.ts';
import { keysFolderOf, presentKey, privatePathOf } from './keys.ts';
import { rotationPathOf } from './keyRotations.ts';
import { readKeyOnDisk, type KeyOnDisk } from './sealedKey.ts';

/** The private key that waits to take the place of the present one. */
export const nextKeyPathOf = (dataDir: string): string => join(keysFolderOf(dataDir), 'signing-key.next');
export const publicPathOf = (dataDir: string, keyId: string): string => join(keysFolderOf(dataDir), `${keyId}.pub.pem`);
export const rotationWaits = (dataDir: string): boolean => existsSync(nextKeyPathOf(dataDir));

/** The last step, once its entry is durable; another process may have done it meanwhile. */
export function takeNextKey(dataDir: string): void {
  try {
    renameSync(nextKeyPathOf(dataDir), privatePathOf(dataDir));
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
}

/** Alone among all processes, so that a rotation that is under way elsewhere is either not begun or has its entry. */
export async function finishRotation({ dataDir, store, osStore }: Pick<Services, 'dataDir' | 'store' | 'osStore'>): Promise<void> {
  if (!rotationWaits(dataDir)) return;
  const sealed: KeyOnDisk[] = [];
  store.atomically(() => {
    let next: KeyOnDisk | null;
    try {
      next = readKeyOnDisk(readFileSync(nextKeyPathOf(dataDir), 'utf8'), nextKeyPathOf(dataDir));
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return; // finished by another process
      next = null;
    }
    const present = readable(dataDir);
    sealed.push(...[present, next].filter((key) => key?.keptIn === 'os-store').flatMap((key) => key ?? []));
    const isMove = next !== null && next.keyId === present?.keyId;
    if (next !== null && isAudited(store, next, isMove)) return takeNextKey(dataDir);
    if (next !== null && !isMove) for (const path of [rotationPathOf(dataDir, next.keyId), publicPathOf(dataDir, next.keyId)]) rmSync(path, { force: true });
    rmSync(nextKeyPathOf(dataDir), { force: true });
  });
  const kept = readable(dataDir);
  for (const { keyId } of sealed) if (kept === null || kept.keptIn === 'file' || kept.keyId !== keyId) await osStore.forget(keyId);
}

/** The last entry that changed the key says so: a rotation names the new key, a move the keeper. */
function isAudited(store: Pick<Services['store'], 'audit'>, next: KeyOnDisk, isMove: boolean): boolean {
  const last = [...store.audit.all()].filter(({ action }) => action === 'keys.rotated' || action === 'keys.moved').at(-1);
  if (last?.action !== (isMove ? 'keys.moved' : 'keys.rotated') || last.subject !== next.keyId) return false;
  return !isMove || z.object({ to: z.string() }).safeParse(last.detail).data?.to === next.keptIn;
}

function readable(dataDir: string): KeyOnDisk | null {
  try { return presentKey(dataDir); } catch { return null; }
}
