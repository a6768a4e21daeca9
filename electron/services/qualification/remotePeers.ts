// Whom this program and its workers speak with at this moment beyond this machine, and who listens on it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Listener } from '#core/report/security';
import { readHostListeners } from '#core/stations/listeners';
import { readRemotePeers } from '#core/stations/remotePeers';

const textOf = (path: string): string => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };
const namesIn = (path: string): string[] => { try { return readdirSync(path); } catch { return []; } };

/** A process and all that it started. */
function family(pid: string): string[] {
  const children = namesIn(`/proc/${pid}/task`).flatMap((thread) => textOf(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean));
  return [pid, ...children.flatMap(family)];
}

const socketsOf = (pid: string): string[] => namesIn(`/proc/${pid}/fd`).flatMap((name) => { try { return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? []; } catch { return []; } });

const ownSockets = (): Set<string> => new Set(family(String(process.pid)).flatMap(socketsOf));
const socketTables = (): string => ['/proc/net/tcp', '/proc/net/tcp6'].map(textOf).join('\n');

/** Null where the system does not tell: its tables are those of Linux. */
export function remotePeers(): string[] | null {
  const table = socketTables();
  return table.trim() === '' ? null : readRemotePeers(table, ownSockets());
}

/** Every TCP port at which this machine takes connections; null where the system does not tell. */
export function hostListeners(): Listener[] | null {
  const table = socketTables();
  return table.trim() === '' ? null : readHostListeners(table, ownSockets());
}
