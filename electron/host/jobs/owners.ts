// Which host process owns a job, and whether it still lives: processes that share a data folder tell each other by heartbeat.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Database } from '#services/store/openDatabase';
import { isProcessAlive } from '#services/files/isProcessAlive';

/** A host on another machine (a shared folder) that has not been heard of for this long is taken for dead. */
export const silentOwnerMs = 60_000;

/** When the process with this id started, as the kernel counts; a reused id differs. Empty where it cannot be read. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

export interface Owners {
  readonly id: string;
  beat(): void;
  isAlive(owner: string): boolean;
  leave(): void;
}

export function registerOwner(database: Database, clock: () => number): Owners {
  const id = randomUUID();
  const host = hostname();
  database.run('INSERT INTO owners (id, host, pid, process_start, heartbeat_at) VALUES (?, ?, ?, ?, ?)', [id, host, process.pid, processStart(process.pid), clock()]);
  return {
    id,
    beat: () => { database.run('UPDATE owners SET heartbeat_at = ? WHERE id = ?', [clock(), id]); },
    isAlive(owner) {
      if (owner === id) return true;
      const row = database.get('SELECT host, pid, process_start, heartbeat_at FROM owners WHERE id = ?', [owner]);
      if (!row) return false;
      if (row['host'] !== host) return clock() - Number(row['heartbeat_at']) < silentOwnerMs;
      const pid = Number(row['pid']);
      return isProcessAlive(pid) && String(row['process_start']) === processStart(pid);
    },
    leave: () => { database.run('DELETE FROM owners WHERE id = ?', [id]); },
  };
}
