// The end of every change of the signing key, whatever it is for: the entry that decides, then the new file takes its place, then what nothing needs any more goes.
import { AppError } from '#shared/errors';
import { signAuditHead } from './auditHead.ts';
import { takeNextKey } from './finishRotation.ts';
import { forgetSecretOf, forgetSecrets } from './forgetSecrets.ts';
import type { Services } from '../Services.ts';
import type { KeyOnDisk } from './sealedKey.ts';

/** @param step is run alone among all processes: it puts the next key and its record on disk and appends the entry of the audit trail. What it throws undoes the sealing of `next`. */
export async function settleKey(services: Pick<Services, 'dataDir' | 'store' | 'osStore'>, next: KeyOnDisk, step: () => void): Promise<void> {
  try {
    services.store.atomically(step);
  } catch (error) {
    await forgetSecretOf(services, next);
    throw error;
  }
  takeNextKey(services.dataDir);
  try { signAuditHead(services); } catch { /* the key has changed all the same; the next entry signs the head */ }
  await forgetSecrets(services);
}

export const changedMeanwhile = (): AppError => new AppError('BUSY', 'Another program changed the key just now.', { hint: 'Look at `millwright keys list` before you change it again.' });
