// A data folder of its own for a self-test, so that nothing of it lands among what the user has.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { strengthForRandom } from '../people/passwordHash.ts';
import { openOsStore } from '../keystore/openOsStore.ts';
import type { Services } from '../Services.ts';
import { openStore } from '../store/openStore.ts';

/** Runs `work` on services with a store, keys and clock of their own below `folder`; what they log is no news for the user. */
export async function inTrialFolder<T>(services: Services, folder: string, name: string, work: (trial: Services, clock: { shiftMs: number }) => Promise<T>): Promise<T> {
  const dataDir = join(folder, name);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const shift = { shiftMs: 0 };
  const clock = () => services.clock() + shift.shiftMs;
  const silent = () => undefined;
  const log = { info: silent, warn: silent, error: silent };
  const store = openStore(dataDir, { clock, log });
  try {
    // Passwords there are random. Keys are kept in files: the key store of the system is the user's.
    return await work({ ...services, dataDir, store, clock, log, passwordStrength: strengthForRandom, osStore: openOsStore(() => Promise.reject(new Error('a self-test asks no key store')), { forNewKeys: false }) }, shift);
  } finally { store.close(); }
}
