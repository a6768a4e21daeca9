import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { GatewayConfig } from '#shared/gateway';
import { makeConfigStore } from '../../serving/gateway/configStore.ts';
import { makeGateway } from '../../serving/gateway/gateway.ts';
import { gatewayStatus, isVersionReady, putOrders } from './gatewayClient.ts';

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => { for (const close of closers.splice(0)) await close(); });

const orders: GatewayConfig = {
  revision: 7, station: 'Line 1', targets: [{ id: 'v1', host: '127.0.0.1', httpPort: 9, grpcPort: null }, { id: 'v2', host: '127.0.0.1', httpPort: 9, grpcPort: null }], live: 'v1', fallback: null, canary: null, shadow: null, stopped: null, recorder: null, clients: null, tls: null,
  breaker: { failures: 5, openMs: 10_000 }, stateful: false, maxBodyBytes: 1024 ** 2, timeoutMs: 1000,
};
const listen = (server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }) => new Promise<number>((resolve) => { server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)); });
const place = { station: 'Line 1', slug: 'mw', engine: null, listen: '127.0.0.1', gatewayKey: 'secret', clients: null, tls: null };
async function gateway() {
  const made = await makeGateway({ store: makeConfigStore(null, JSON.stringify(orders)), key: 'secret', log: () => undefined });
  closers.push(() => made.drain());
  return { port: await listen(made.http), ...place };
}

it('gives orders, and knows whose gateway it talks to', async () => {
  const one = await gateway();
  await putOrders(one, { ...orders, revision: 8, live: 'v2' });
  expect(await gatewayStatus(one)).toMatchObject({ revision: 8, live: 'v2' });
  expect(await gatewayStatus({ ...one, station: 'Line 2' })).toBeNull();
  expect(await isVersionReady(one, 'v1')).toBe(false);
});

it('is followed also where the gateway knows newer orders than a data folder from a backup', async () => {
  const one = await gateway();
  await putOrders(one, { ...orders, revision: 3, live: 'v2' });
  expect(await gatewayStatus(one)).toMatchObject({ revision: 8, live: 'v2' });
});

it('says what is wrong where the key is another, or nobody answers', async () => {
  const one = await gateway();
  await expect(putOrders({ ...one, gatewayKey: 'other' }, { ...orders, revision: 9 })).rejects.toMatchObject({ code: 'DOCKER_REFUSED' });
  await expect(putOrders({ ...one, port: 9 }, orders)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
});

it('does not wait for a port that accepts and stays silent, as one does whose container is not ready', async () => {
  const sockets: Socket[] = [];
  const silent = createSocketServer((socket) => { sockets.push(socket); });
  closers.push(() => { for (const socket of sockets) socket.destroy(); silent.close(); });
  const port = await listen(silent);
  expect(await gatewayStatus({ port, ...place })).toBeNull();
});
