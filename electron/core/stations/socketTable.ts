// The kernel's tables of TCP sockets: /proc/net/tcp and tcp6 (Linux, Documentation/networking/proc_net_tcp).

/** Addresses are in hexadecimal, in words of four bytes in the order of a little-endian machine: 127.0.0.1 is 0100007F. */
export interface SocketRow { readonly localAddress: string; readonly localPort: number; readonly remoteAddress: string; readonly remotePort: number; readonly state: string; readonly inode: string }

export const socketStates = { established: '01', listening: '0A' } as const;

/** @param table one table or several, heads among them */
export function readSocketTable(table: string): SocketRow[] {
  return table.split('\n').flatMap((line) => {
    const [, localAddress = '', localPort = '', remoteAddress = '', remotePort = '', state = '', inode = ''] = /^\s*\d+:\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+([0-9A-F]{2})\s+\S+\s+\S+\s+\S+\s+\d+\s+\d+\s+(\d+)/i.exec(line) ?? [];
    return state === '' ? [] : [{ localAddress: localAddress.toUpperCase(), localPort: Number.parseInt(localPort, 16), remoteAddress: remoteAddress.toUpperCase(), remotePort: Number.parseInt(remotePort, 16), state: state.toUpperCase(), inode }];
  });
}

const mappedPrefix = '0000000000000000FFFF0000';

export const isLoopback = (address: string): boolean => (address.endsWith('7F') && (address.length === 8 || address.startsWith(mappedPrefix))) || address === '00000000000000000000000001000000';

/** As people write it: 192.168.1.5, also for IPv4 within IPv6, or [2001:db8:0:0:0:0:0:1]. */
export function shownAddress(address: string): string {
  const bytes = Array.from({ length: address.length / 8 }, (_, word) => [6, 4, 2, 0].map((at) => Number.parseInt(address.slice(word * 8 + at, word * 8 + at + 2), 16))).flat();
  if (bytes.length === 4 || address.startsWith(mappedPrefix)) return bytes.slice(-4).join('.');
  return `[${Array.from({ length: 8 }, (_, at) => (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16)).join(':')}]`;
}
