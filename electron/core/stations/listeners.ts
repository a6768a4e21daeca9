// Who listens in a container or on a machine, from the kernel's tables, and what to make of it.
import type { Finding } from '#shared/finding';
import type { Listener } from '../report/security.ts';
import { isLoopback, readSocketTable, shownAddress, socketStates } from './socketTable.ts';

/** Ports that listen, apart from those that only the container itself reaches. The table is that of /proc/net/tcp and tcp6. */
export function readListeners(table: string): number[] {
  const open = readSocketTable(table).filter(({ state, localAddress }) => state === socketStates.listening && !isLoopback(localAddress));
  return [...new Set(open.map(({ localPort }) => localPort))].sort((a, b) => a - b);
}

/**
 * Every listening TCP socket of a machine, by port. The table is that of /proc/net/tcp and tcp6.
 * @param own inodes of the sockets of this program and what it started
 */
export function readHostListeners(table: string, own: ReadonlySet<string>): Listener[] {
  const rows = readSocketTable(table).filter(({ state }) => state === socketStates.listening)
    .map(({ localAddress, localPort, inode }): Listener => ({ address: shownAddress(localAddress), port: localPort, loopback: isLoopback(localAddress), own: own.has(inode) }));
  return [...new Map(rows.map((row) => [`${row.address}:${row.port}:${row.own}`, row])).values()].sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1));
}

interface Expected { readonly title: string; readonly ports: { readonly http: number; readonly grpc: number | null; readonly metrics: number }; readonly published: { readonly host: string; readonly http: number; readonly grpc: number } }

/** `listening`: null where it could not be seen. */
export function judgeListeners(listening: readonly number[] | null, { title, ports, published }: Expected): Finding {
  const base = { id: 'ENGINE_LISTENERS', place: title };
  if (listening === null) return { ...base, severity: 'warning', message: `Who listens in the container of ${title} could not be seen: its image lets nothing read the kernel's table.`, remedy: 'Nothing of it is published in any case: only the gateway is.' };
  const wanted = [ports.http, ...(ports.grpc === null ? [] : [ports.grpc]), ports.metrics];
  const others = listening.filter((port) => !wanted.includes(port));
  const missing = [...new Set(wanted)].filter((port) => !listening.includes(port));
  const outside = `only the gateway listens outside of it, at ${published.host}, ports ${published.http} and ${published.grpc}`;
  if (missing.length > 0) return { ...base, severity: 'warning', message: `${title} does not listen at port ${missing.join(' and ')}, which its plan names.`, remedy: 'See its log; its image may be of a version that is started in another way.' };
  if (others.length > 0) return { ...base, severity: 'warning', message: `${title} also listens at port ${others.join(' and ')} within the network of the station, which nothing here uses; ${outside}.`, remedy: 'Switch it off in the image where it matters to you.' };
  return { ...base, severity: 'info', message: `${title} listens at ports ${listening.join(', ')} within the network of the station; ${outside}.` };
}
