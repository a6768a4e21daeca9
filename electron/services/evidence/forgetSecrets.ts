// Secrets in the key store of the operating system that nothing needs any more: noted before the step that makes them useless, and removed after it, at once or at a later start.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonOrNull } from '#shared/jsonOrNull';
import type { Services } from '../Services.ts';
import { replaceFileSync } from '../files/replaceFileSync.ts';
import { readKeyFile, keysFolderOf, nextKeyPathOf, privatePathOf } from './keys.ts';
import { textOf } from './keyRotations.ts';
import type { KeyOnDisk } from './sealedKey.ts';

type ForgettingServices = Pick<Services, 'dataDir' | 'store' | 'osStore'>;

const notePathOf = (dataDir: string) => join(keysFolderOf(dataDir), 'secrets-to-forget.json');
const noted = (dataDir: string): string[] => z.array(z.string()).safeParse(jsonOrNull(textOf(notePathOf(dataDir)))).data ?? [];

function note(dataDir: string, accounts: readonly string[]): void {
  if (accounts.length === 0) rmSync(notePathOf(dataDir), { force: true });
  else replaceFileSync(notePathOf(dataDir), `${JSON.stringify(accounts)}\n`, 0o600);
}

/** Alone among all processes. A key that came with a copied folder is still opened by its secret where the copy was made, so that it stays in the store. */
export function noteToForget(dataDir: string, key: KeyOnDisk | null): void {
  if (key?.entry && key.entry.folder === dataDir) note(dataDir, [...new Set([...noted(dataDir), key.entry.account])]);
}

/** After a step that came about or not: what a key here still needs is kept. No failure, since what stays noted is tried again. */
export async function forgetSecrets({ dataDir, store, osStore }: ForgettingServices): Promise<void> {
  if (noted(dataDir).length === 0) return;
  try {
    const useless = store.atomically(() => {
      // One that cannot be read ends it here: it may need any of them.
      const needed = [privatePathOf(dataDir), nextKeyPathOf(dataDir)].map((path) => readKeyFile(path)?.entry?.account);
      const rest = noted(dataDir).filter((account) => !needed.includes(account));
      note(dataDir, rest);
      return rest;
    });
    const gone: string[] = [];
    for (const account of useless) if (await osStore.forget(account)) gone.push(account);
    store.atomically(() => note(dataDir, noted(dataDir).filter((account) => !gone.includes(account))));
  } catch { /* at the next change of the key, or the next start */ }
}

/** Of a key that was sealed for a step that did not come about. */
export async function forgetSecretOf(services: ForgettingServices, key: KeyOnDisk): Promise<void> {
  try { services.store.atomically(() => noteToForget(services.dataDir, key)); } catch { return; }
  await forgetSecrets(services);
}
