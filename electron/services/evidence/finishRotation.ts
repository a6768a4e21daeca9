// A rotation or a move of the key that was stopped between its steps: finished where the audit trail has it, undone where it does not.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Services } from '../Services.ts';
import { systemCodeOf } from '../files/translateFileError.ts';
import { forgetSecrets, noteToForget } from './forgetSecrets.ts';
import { keysFolderOf, nextKeyPathOf, privatePathOf, readableKeyFile } from './keys.ts';
import { rotationPathOf } from './keyRotations.ts';
import type { KeyOnDisk } from './sealedKey.ts';

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
export async function finishRotation(services: Pick<Services, 'dataDir' | 'store' | 'osStore'>): Promise<void> {
  const { dataDir, store } = services;
  if (rotationWaits(dataDir)) store.atomically(() => {
    if (!rotationWaits(dataDir)) return; // finished by another process
    const [present, next] = [privatePathOf(dataDir), nextKeyPathOf(dataDir)].map(readableKeyFile);
    for (const key of [present, next]) noteToForget(dataDir, key ?? null);
    const isMove = next?.keyId === present?.keyId;
    if (next && isAudited(store, next, isMove)) return takeNextKey(dataDir);
    if (next && !isMove) for (const path of [rotationPathOf(dataDir, next.keyId), publicPathOf(dataDir, next.keyId)]) rmSync(path, { force: true });
    rmSync(nextKeyPathOf(dataDir), { force: true });
  });
  await forgetSecrets(services);
}

/** The last entry that changed the key says so: a rotation names the new key, a move the keeper. */
function isAudited(store: Pick<Services['store'], 'audit'>, next: KeyOnDisk, isMove: boolean): boolean {
  const last = [...store.audit.all()].filter(({ action }) => action === 'keys.rotated' || action === 'keys.moved').at(-1);
  if (last?.action !== (isMove ? 'keys.moved' : 'keys.rotated') || last.subject !== next.keyId) return false;
  return !isMove || z.object({ to: z.string() }).safeParse(last.detail).data?.to === next.keptIn;
}
