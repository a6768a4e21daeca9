// A backup of the data folder that is restored into an empty one and opened: a copy that nobody has opened is no backup.
import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { nouns } from '#shared/contract/app';
import { verifyAuditChain } from '../evidence/verifyAudit.ts';
import type { Services } from '../Services.ts';
import { openStore } from '../store/openStore.ts';
import type { Store } from '../store/Store.ts';

export interface Restored {
  readonly entries: number;
  readonly records: number;
  readonly sizeBytes: number;
  /** What differs from the folder that was backed up, one sentence each. */
  readonly differences: readonly string[];
}

const anyRecord = z.looseObject({ id: z.string() });
const recordsOf = (store: Store) => Object.fromEntries(nouns.map((noun) => [noun, JSON.stringify(store.collection(noun, anyRecord).list())]));

/**
 * Backs the database and the keys up below `folder`, restores them into an empty data folder beside it, and opens that: its audit chain must be the
 * first entries of ours, each record must be the same, and its own seals must hold.
 */
export async function backUpStore(services: Pick<Services, 'store' | 'clock' | 'log' | 'dataDir'>, folder: string): Promise<Restored> {
  const [backup, restored] = [join(folder, 'backup'), join(folder, 'restored')];
  await mkdir(backup, { recursive: true, mode: 0o700 });
  await mkdir(restored, { recursive: true, mode: 0o700 });
  const before = recordsOf(services.store);
  services.store.copyTo(join(backup, 'millwright.db'));
  await cp(join(services.dataDir, 'keys'), join(backup, 'keys'), { recursive: true });
  for (const name of await readdir(backup)) await cp(join(backup, name), join(restored, name), { recursive: true, errorOnExist: true });
  const { size } = await stat(join(restored, 'millwright.db'));

  const copy = openStore(restored, { clock: services.clock, log: services.log });
  try {
    const differences: string[] = [];
    const chain = [...copy.audit.all()];
    const ours = services.store.audit.all()[Symbol.iterator]();
    // Another process may have added entries since; those of the copy must be the first of ours.
    if (!chain.every((entry) => { const own = ours.next(); return own.done !== true && own.value.hash === entry.hash; })) differences.push('The audit chain differs.');
    const broken = verifyAuditChain(chain, { head: null, fault: null }).findings.find(({ id, severity }) => severity === 'error' && id !== 'AUDIT_NO_HEAD');
    if (broken) differences.push(broken.message);
    const after = recordsOf(copy), now = recordsOf(services.store);
    for (const noun of nouns) if (after[noun] !== before[noun] && after[noun] !== now[noun]) differences.push(`The records of ${noun} differ.`);
    const [unsealed] = copy.checkRecords().filter(({ severity }) => severity === 'error');
    if (unsealed && services.store.checkRecords().every(({ message }) => message !== unsealed.message)) differences.push(unsealed.message);
    return { entries: chain.length, records: nouns.reduce((sum, noun) => sum + copy.collection(noun, anyRecord).list().length, 0), sizeBytes: size, differences };
  } finally { copy.close(); }
}
