// Whether the ports that stations are served on by default are free.
import { createServer } from 'node:net';

export const servingPorts = [8080, 8081] as const;

/** The ports of the list that another program holds on loopback. */
export async function takenPorts(ports: readonly number[] = servingPorts): Promise<number[]> {
  const free = await Promise.all(ports.map((port) => new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  })));
  return ports.filter((_, index) => !free[index]);
}
