// Chooses free ports for a station: the same on every machine where they are free, so that a plant's lists of ports stay short.
import { createServer } from 'node:net';
import { AppError } from '#shared/errors';

const first = 8100;
const last = 8999;

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      // No port of it is free, ever: that must not be told as taken ports.
      if (code === 'EADDRNOTAVAIL') reject(new AppError('BAD_INPUT', `This machine has no address ${host}.`, { hint: 'Name one of its own with --listen, or 0.0.0.0 for all.' }));
      else resolve(false);
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/**
 * @param taken ports of stations that may be stopped just now
 * @param host address of this machine; null where the ports are those of another one, and not looked at
 * @throws PORT_TAKEN, and BAD_INPUT for an address that this machine has not
 */
export async function choosePort(wanted: number | undefined, taken: ReadonlySet<number>, host: string | null): Promise<number> {
  if (wanted !== undefined) {
    if (taken.has(wanted)) throw new AppError('PORT_TAKEN', `Port ${wanted} belongs to another station${host === null ? ' or container there' : ''}.`);
    if (host !== null && !(await isFree(wanted, host))) throw new AppError('PORT_TAKEN', `Port ${wanted} is taken by another program, or this user may not use it.`);
    return wanted;
  }
  for (let port = first; port <= last; port++) if (!taken.has(port) && (host === null || await isFree(port, host))) return port;
  throw new AppError('PORT_TAKEN', `All ports from ${first} to ${last} are taken.`, { hint: 'Name a free one with --port.' });
}
