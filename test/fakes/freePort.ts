// A port of this machine that nobody listens on just now.
import { createServer, type AddressInfo } from 'node:net';

export const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo; // a TCP server's address
    server.close(() => resolve(port));
  });
});
