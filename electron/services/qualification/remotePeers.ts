// Whom this program and its workers speak with at this moment, beyond this machine.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readRemotePeers } from '#core/stations/remotePeers';

const textOf = (path: string): string => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };
const namesIn = (path: string): string[] => { try { return readdirSync(path); } catch { return []; } };

/** A process and all that it started. */
function family(pid: string): string[] {
  const children = namesIn(`/proc/${pid}/task`).flatMap((thread) => textOf(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean));
  return [pid, ...children.flatMap(family)];
}

const socketsOf = (pid: string): string[] => namesIn(`/proc/${pid}/fd`).flatMap((name) => { try { return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? []; } catch { return []; } });

/** Null where the system does not tell: its tables are those of Linux. */
export function remotePeers(): string[] | null {
  const table = ['/proc/net/tcp', '/proc/net/tcp6'].map(textOf).join('\n');
  return table.trim() === '' ? null : readRemotePeers(table, new Set(family(String(process.pid)).flatMap(socketsOf)));
}
