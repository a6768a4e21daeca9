// A rotation that was stopped between its steps: finished where the audit trail has it, undone where it does not.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Services } from '../Services.ts';
import { systemCodeOf } from '../files/translateFileError.ts';
import { keysFolderOf, privatePathOf, signingKeyOf } from './keys.ts';
import { rotationPathOf } from './keyRotations.ts';

/** The private key that waits to take the place of the present one. */
export const nextKeyPathOf = (dataDir: string): string => join(keysFolderOf(dataDir), 'signing-key.next');
export const publicPathOf = (dataDir: string, keyId: string): string => join(keysFolderOf(dataDir), `${keyId}.pub.pem`);
export const rotationWaits = (dataDir: string): boolean => existsSync(nextKeyPathOf(dataDir));

/** The last step of a rotation, once its entry is durable; another process may have done it meanwhile. */
export function takeNextKey(dataDir: string): void {
  try {
    renameSync(nextKeyPathOf(dataDir), privatePathOf(dataDir));
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
}

/** Alone among all processes, so that a rotation that is under way elsewhere is either not begun or has its entry. */
export function finishRotation({ dataDir, store }: Pick<Services, 'dataDir' | 'store'>): void {
  if (!rotationWaits(dataDir)) return;
  store.atomically(() => {
    let nextKeyId: string | null;
    try {
      nextKeyId = signingKeyOf(readFileSync(nextKeyPathOf(dataDir), 'utf8'), nextKeyPathOf(dataDir)).keyId;
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return; // finished by another process
      nextKeyId = null;
    }
    const rotated = [...store.audit.all()].filter(({ action }) => action === 'keys.rotated').at(-1);
    const audited = z.object({ newKeyId: z.string() }).safeParse(rotated?.detail).data?.newKeyId ?? null;
    if (nextKeyId !== null && audited === nextKeyId) return takeNextKey(dataDir);
    if (nextKeyId !== null) for (const path of [rotationPathOf(dataDir, nextKeyId), publicPathOf(dataDir, nextKeyId)]) rmSync(path, { force: true });
    rmSync(nextKeyPathOf(dataDir), { force: true });
  });
}
