// Chooses free ports for a station: the same on every machine where they are free, so that a plant's lists of ports stay short.
import { createServer } from 'node:net';
import { AppError } from '#shared/errors';

const first = 8100;
const last = 8999;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** `taken`: ports of stations that may be stopped just now. @throws PORT_TAKEN */
export async function choosePort(wanted: number | undefined, taken: ReadonlySet<number>): Promise<number> {
  if (wanted !== undefined) {
    if (taken.has(wanted)) throw new AppError('PORT_TAKEN', `Port ${wanted} belongs to another station.`);
    if (!(await isFree(wanted))) throw new AppError('PORT_TAKEN', `Port ${wanted} is taken by another program, or this user may not use it.`);
    return wanted;
  }
  for (let port = first; port <= last; port++) if (!taken.has(port) && await isFree(port)) return port;
  throw new AppError('PORT_TAKEN', `All ports from ${first} to ${last} are taken.`, { hint: 'Name a free one with --port.' });
}
