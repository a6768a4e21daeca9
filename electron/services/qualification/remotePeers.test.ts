import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { hostListeners, remotePeers } from './remotePeers.ts';


it.skipIf(process.platform !== 'linux')('sees nobody beyond the machine while there is only loopback', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => { server.once('listening', done); });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1'); // a server on a port has one
  await new Promise((done) => { socket.once('connect', done); });
  expect(remotePeers()).toEqual([]);
  expect(hostListeners()).toContainEqual({ address: '127.0.0.1', port: (server.address() as AddressInfo).port, loopback: true, own: true });
  socket.destroy();
  server.close();
});
