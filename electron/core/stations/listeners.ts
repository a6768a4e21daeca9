// Who listens in a container, from the kernel's tables, and what to make of it.
import type { Finding } from '#shared/finding';

/** Ports that listen, apart from those that only the container itself reaches. The table is that of /proc/net/tcp and tcp6. */
export function readListeners(table: string): number[] {
  const ports = new Set<number>();
  for (const line of table.split('\n')) {
    const [, address = '', port = '', state] = /^\s*\d+:\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+\S+\s+([0-9A-F]{2})\s/i.exec(line) ?? [];
    if (state?.toUpperCase() !== '0A' || isLoopback(address.toUpperCase())) continue;
    ports.add(Number.parseInt(port, 16));
  }
  return [...ports].sort((a, b) => a - b);
}

/** Words of four bytes in the order of the machine: 127.0.0.1 is 0100007F. */
const isLoopback = (hex: string): boolean => hex.endsWith('7F') && (hex.length === 8 || hex.startsWith('0000000000000000FFFF0000')) || hex === '00000000000000000000000001000000';

interface Expected { readonly title: string; readonly ports: { readonly http: number; readonly grpc: number | null; readonly metrics: number }; readonly published: { readonly http: number; readonly grpc: number } }

/** `listening`: null where it could not be seen. */
export function judgeListeners(listening: readonly number[] | null, { title, ports, published }: Expected): Finding {
  const base = { id: 'ENGINE_LISTENERS', place: title };
  if (listening === null) return { ...base, severity: 'warning', message: `Who listens in the container of ${title} could not be seen: its image lets nothing read the kernel's table.`, remedy: 'Nothing of it is published in any case: only the gateway is, on the loopback of this machine.' };
  const wanted = [ports.http, ...(ports.grpc === null ? [] : [ports.grpc]), ports.metrics];
  const others = listening.filter((port) => !wanted.includes(port));
  const missing = [...new Set(wanted)].filter((port) => !listening.includes(port));
  const outside = `only the gateway listens outside of it, at 127.0.0.1, ports ${published.http} and ${published.grpc}`;
  if (missing.length > 0) return { ...base, severity: 'warning', message: `${title} does not listen at port ${missing.join(' and ')}, which its plan names.`, remedy: 'See its log; its image may be of a version that is started in another way.' };
  if (others.length > 0) return { ...base, severity: 'warning', message: `${title} also listens at port ${others.join(' and ')} within the network of the station, which nothing here uses; ${outside}.`, remedy: 'Switch it off in the image where it matters to you.' };
  return { ...base, severity: 'info', message: `${title} listens at ports ${listening.join(', ')} within the network of the station; ${outside}.` };
}
