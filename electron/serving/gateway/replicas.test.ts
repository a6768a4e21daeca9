// One version in several places behind the gateway, over real sockets on loopback.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { makeConfigStore } from './configStore.ts';
import { makeGateway } from './gateway.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

interface Place { readonly port: number; seen: number; ready: boolean; silent: boolean; authorization: string | undefined; stop(): Promise<void> }

async function startPlace(answer = 'ok'): Promise<Place> {
  const server: Server = createServer((incoming, response) => {
    if (place.silent) return;
    if (incoming.url === '/v2/health/ready') { response.writeHead(place.ready ? 200 : 503); response.end(); return; }
    place.seen += 1;
    place.authorization = incoming.headers.authorization;
    incoming.resume().on('end', () => { setTimeout(() => { response.writeHead(place.ready ? 200 : 503, { 'content-type': 'text/plain' }); response.end(answer); }, 3); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const place: Place = { port: (server.address() as AddressInfo).port, seen: 0, ready: true, silent: false, authorization: undefined, stop: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) }; // a server on a port has one
  closers.push(() => place.stop());
  return place;
}

async function startGateway(places: Readonly<Record<string, Place>>, more: Record<string, unknown> = {}) {
  const replicas = Object.entries(places).map(([name, { port }]) => ({ name, host: '127.0.0.1', httpPort: port }));
  const orders = { revision: 1, station: 'Line 1', live: 'v1', targets: [{ id: 'v1', host: '127.0.0.1', httpPort: 1, replicas, key: 'a-key-of-the-replicas', metrics: { port: 1, path: '/metrics' } }], timeoutMs: 20_000, ...more };
  const gateway = await makeGateway({ store: makeConfigStore(null, JSON.stringify(orders)), key: 'secret', log: () => undefined });
  await new Promise<void>((resolve) => { gateway.http.listen(0, '127.0.0.1', resolve); });
  closers.push(() => gateway.drain());
  const { port } = gateway.http.address() as AddressInfo; // as above
  const states = () => Object.fromEntries((gateway.status()?.targets[0]?.replicas ?? []).map(({ name, ready }) => [name, ready]));
  return { gateway, port, states };
}

const ask = (port: number, path = '/v2/models/m/infer'): Promise<{ status: number; text: string }> => new Promise((resolve) => {
  const sent = request({ host: '127.0.0.1', port, path, method: path.startsWith('/gateway') ? 'GET' : 'POST', agent: false, headers: { authorization: 'Bearer of-the-client' } }, (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
  });
  sent.on('error', () => resolve({ status: 0, text: '' }));
  sent.end(path.startsWith('/gateway') ? undefined : '{}');
});

/** Clients that ask until the work is done, and at least so often. */
async function underLoad(port: number, least: number, work: () => Promise<unknown>): Promise<{ answered: number; failed: number }> {
  let [answered, failed, working] = [0, 0, true];
  const clients = Array.from({ length: 4 }, async () => { while (working || answered + failed < least) { if ((await ask(port)).status === 200) answered++; else failed++; } });
  await work();
  working = false;
  await Promise.all(clients);
  return { answered, failed };
}

it('takes the replicas in turns, with their key in place of the client\'s', async () => {
  const places = { a: await startPlace(), b: await startPlace() };
  const { port, states } = await startGateway(places);
  await vi.waitFor(() => expect(states()).toEqual({ a: true, b: true }), { timeout: 10_000 });
  for (let i = 0; i < 20; i++) expect((await ask(port)).status).toBe(200);
  expect([places.a.seen, places.b.seen]).toEqual([10, 10]);
  expect(places.a.authorization).toBe('Bearer a-key-of-the-replicas');
});

it('loses no request while one replica leaves, is gone, and comes back', async () => {
  const places = { a: await startPlace(), b: await startPlace() };
  const { port, states, gateway } = await startGateway(places);
  await vi.waitFor(() => expect(states()).toEqual({ a: true, b: true }), { timeout: 10_000 });
  const leaving = await underLoad(port, 100, async () => {
    places.a.ready = false;
    await vi.waitFor(() => expect(states()).toEqual({ a: false, b: true }), { timeout: 5000 });
    places.a.ready = true;
    await vi.waitFor(() => expect(states()).toEqual({ a: true, b: true }), { timeout: 5000 });
    await places.a.stop();
    await vi.waitFor(() => expect(states()).toEqual({ a: false, b: true }), { timeout: 5000 });
  });
  expect(leaving.failed).toBe(0);
  expect(leaving.answered).toBeGreaterThanOrEqual(100);
  expect(gateway.status()?.targets[0]).toMatchObject({ breaker: 'closed' });
}, 30_000);

it('asks elsewhere what waits at a host that went silent, and does not wait for it again', async () => {
  const places = { a: await startPlace(), b: await startPlace() };
  const { port, states } = await startGateway(places);
  await vi.waitFor(() => expect(states()).toEqual({ a: true, b: true }), { timeout: 10_000 });
  places.a.silent = true;
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(port)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  expect(states()).toEqual({ a: false, b: true });
}, 30_000);

it('does not ask again what may have arrived, where a sequence is kept', async () => {
  const places = { a: await startPlace(), b: await startPlace() };
  const { port, states } = await startGateway(places, { stateful: true });
  await vi.waitFor(() => expect(states()).toEqual({ a: true, b: true }), { timeout: 10_000 });
  places.a.silent = true;
  const answers = await Promise.all([ask(port), ask(port)]);
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 503]);
}, 30_000);

it('is ready with one replica, adds their figures up, and tells each', async () => {
  const places = { a: await startPlace('requests 2\n'), b: await startPlace('requests 3\n'), c: await startPlace() };
  await places.c.stop();
  const { port, states } = await startGateway(places);
  await vi.waitFor(() => expect(states()).toEqual({ a: true, b: true, c: false }), { timeout: 10_000 });
  expect(await ask(port, '/gateway/ready/v1')).toMatchObject({ status: 200, text: JSON.stringify({ version: 'v1', ready: 2, replicas: 3 }) });
  const { text } = await ask(port, '/gateway/metrics/v1');
  expect(text.split('\n').filter((line) => line !== '').sort()).toEqual(['requests 2', 'requests 3']);
});
