// Which other machines a set of sockets speaks with, from the kernel's tables.
import { isLoopback, readSocketTable, shownAddress, socketStates } from './socketTable.ts';

/**
 * "address:port" of each established connection that leaves this machine.
 * @param table text of /proc/net/tcp and tcp6
 * @param inodes of the sockets that are asked about
 */
export function readRemotePeers(table: string, inodes: ReadonlySet<string>): string[] {
  const away = readSocketTable(table).filter(({ state, inode, remoteAddress }) => state === socketStates.established && inodes.has(inode) && !isLoopback(remoteAddress));
  return [...new Set(away.map(({ remoteAddress, remotePort }) => `${shownAddress(remoteAddress)}:${remotePort}`))].sort();
}
