// A backup of the database that is opened again and compared: a copy that nobody has opened is no backup.
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Services } from '../Services.ts';
import { openStore } from '../store/openStore.ts';

/** Writes the copy below `folder` as millwright.db, as it is in a data folder. `same`: the copy holds every entry of the audit chain up to its own end. */
export async function backUpStore(services: Pick<Services, 'store' | 'clock' | 'log'>, folder: string): Promise<{ readonly entries: number; readonly sizeBytes: number; readonly same: boolean }> {
  const target = join(folder, 'backup');
  await mkdir(target, { recursive: true });
  const path = join(target, 'millwright.db');
  services.store.copyTo(path);
  const { size } = await stat(path);
  const copy = openStore(target, { clock: services.clock, log: services.log });
  try {
    let entries = 0;
    let same = true;
    // Another process may have added entries since; those of the copy must be the first of ours.
    const ours = services.store.audit.all()[Symbol.iterator]();
    for (const entry of copy.audit.all()) {
      entries++;
      const own = ours.next();
      same &&= own.done !== true && own.value.hash === entry.hash;
    }
    return { entries, sizeBytes: size, same };
  } finally { copy.close(); }
}
