// Which other machines a set of sockets speaks with, from the kernel's tables.
const words = (hex: string): number[] => Array.from({ length: hex.length / 8 }, (_, word) => [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(word * 8 + at, word * 8 + at + 2), 16))).flat();

/** Words of four bytes in the order of a little-endian machine: 0100007F is 127.0.0.1. */
function addressOf(hex: string): { readonly text: string; readonly isLocal: boolean } {
  const bytes = words(hex);
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (bytes.length === 4 || isMapped) { const four = bytes.slice(-4); return { text: four.join('.'), isLocal: four[0] === 127 }; }
  const text = Array.from({ length: 8 }, (_, at) => (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16)).join(':');
  return { text: `[${text}]`, isLocal: text === '0:0:0:0:0:0:0:1' };
}

/**
 * "address:port" of each established connection that leaves this machine.
 * @param table text of /proc/net/tcp and tcp6 (Linux, Documentation/networking/proc_net_tcp)
 * @param inodes of the sockets that are asked about
 */
export function readRemotePeers(table: string, inodes: ReadonlySet<string>): string[] {
  const peers = new Set<string>();
  for (const line of table.split('\n')) {
    const [slot, , remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [hex = '', port = ''] = remote.split(':');
    if (!/^\d+:$/.test(slot ?? '') || state !== '01' || !inodes.has(inode)) continue;
    const { text, isLocal } = addressOf(hex);
    if (!isLocal) peers.add(`${text}:${Number.parseInt(port, 16)}`);
  }
  return [...peers].sort();
}
