// Who is let in by key, over HTTP and over gRPC: real sockets on loopback.
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Metadata, Server, ServerCredentials, credentials, type ServerUnaryCall, type ServiceError, type sendUnaryData } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import { gatewayStatusSchema } from '#shared/gateway';
import { makeConfigStore } from './configStore.ts';
import { makeGateway } from './gateway.ts';

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

const listen = (server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }) => new Promise<number>((resolve) => { server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)); });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const path = '/inference.GRPCInferenceService/ModelInfer', livePath = '/inference.GRPCInferenceService/ServerLive';
const same = (bytes: Buffer) => bytes;

async function station() {
  const seen: IncomingHttpHeaders[] = [];
  const calls: Metadata[] = [];
  const answer: RequestListener = (request, response) => { seen.push(request.headers); response.end('{}'); };
  const model = createServer(answer);
  const httpPort = await listen(model);
  const grpc = new Server();
  const echo = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => { calls.push(call.metadata); reply(null, call.request); };
  const define = (at: string) => ({ path: at, requestStream: false, responseStream: false, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same });
  grpc.addService({ infer: define(path), live: define(livePath) }, { infer: echo, live: echo });
  const grpcPort = await new Promise<number>((resolve, reject) => { grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => { if (error) reject(error); else resolve(port); }); });
  const orders = { revision: 1, station: 'Line 1', live: 'v1', targets: [{ id: 'v1', host: '127.0.0.1', httpPort, grpcPort }], recorder: { entries: 10, percent: 100 } };
  const gateway = await makeGateway({ store: makeConfigStore(null, JSON.stringify(orders)), key: 'of-the-console', log: () => undefined });
  const [port, callPort] = [await listen(gateway.http), await listen(gateway.grpc.server)];
  closers.push(() => { model.close(); model.closeAllConnections(); grpc.forceShutdown(); }, () => gateway.drain());
  let revision = 1;
  const url = `http://127.0.0.1:${port}`;
  const bearer = (key: string | null) => (key === null ? {} : { authorization: `Bearer ${key}` });
  const order = async (change: object) => (await fetch(`${url}/gateway/config`, { method: 'PUT', headers: bearer('of-the-console'), body: JSON.stringify({ ...orders, revision: ++revision, ...change }) })).status;
  const ask = async (key: string | null, at = '/v2/models/m/infer') => { const response = await fetch(`${url}${at}`, { method: at.endsWith('infer') ? 'POST' : 'GET', headers: bearer(key), ...(at.endsWith('infer') ? { body: '{}' } : {}) }); return { status: response.status, text: await response.text(), wants: response.headers.get('www-authenticate') }; };
  const client = new Client(`127.0.0.1:${callPort}`, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  closers.push(() => client.close());
  /** The answer, or the code and sentence of the refusal. */
  const call = (key: string | null, at = path) => new Promise<string>((resolve) => {
    const metadata = new Metadata();
    if (key !== null) metadata.set('authorization', `Bearer ${key}`);
    client.makeUnaryRequest(at, same, same, Buffer.from('pixels'), metadata, { deadline: Date.now() + 10_000 }, (error: ServiceError | null, said?: Buffer) => resolve(error ? `${error.code}: ${error.details}` : String(said)));
  });
  const status = async (key: string | null) => gatewayStatusSchema.parse(JSON.parse((await ask(key, '/gateway/status')).text));
  const post = (at: string, body: string) => fetch(`${url}${at}`, { method: 'POST', body });
  return { seen, calls, order, ask, call, post, status };
}

it('asks nobody for a key until there are clients, and hands on what they show', async () => {
  const { ask, call, seen, status } = await station();
  expect([(await ask(null)).status, (await ask('anything')).status]).toEqual([200, 200]);
  expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, 'Bearer anything']);
  expect(await call(null)).toBe('pixels');
  expect((await status('of-the-console')).admission).toEqual({ clients: [], refused: 0, lastRefusedAt: null });
});

it('lets in who shows a key that is good, over HTTP and gRPC, and keeps that key to itself', async () => {
  const { ask, call, calls, order, seen, status } = await station();
  expect(await order({ clients: [{ name: 'Kamera Süd', sha256: sha256('key-1') }] })).toBe(200);
  expect(await ask(null)).toEqual({ status: 401, wants: 'Bearer', text: '{"error":"This station wants a key: send the header Authorization: Bearer KEY."}' });
  expect(await ask('key-2')).toMatchObject({ status: 401, text: expect.stringContaining('was made for another station, or was withdrawn') as string });
  expect((await ask('key-1')).status).toBe(200);
  expect(await call(null)).toBe('16: This station wants a key: send the header Authorization: Bearer KEY.');
  expect(await call('key-2')).toMatch(/^16: This key does not fit/);
  expect(await call('key-1')).toBe('pixels');
  // Behind the gateway the client has a name, and no key that a version could use elsewhere.
  expect([seen[0]?.authorization, seen[0]?.['x-millwright-client'], calls[0]?.get('authorization'), calls[0]?.get('x-millwright-client')]).toEqual([undefined, 'Kamera%20S%C3%BCd', [], ['Kamera%20S%C3%BCd']]);
  const { admission } = await status('of-the-console');
  expect(admission).toMatchObject({ clients: [{ name: 'Kamera Süd', asked: 2 }], refused: 4 });
  expect((await status(null)).admission).toBeUndefined();
  expect((await ask(null, '/metrics')).text).toContain('millwright_gateway_refused_total 4');
});

it('lets the console in with its own key, and probes without one', async () => {
  const { ask, call, order, post, seen } = await station();
  await order({ clients: [] });
  expect((await ask('of-the-console')).status).toBe(200);
  expect([seen[0]?.authorization, seen[0]?.['x-millwright-client']]).toEqual([undefined, 'Millwright']);
  expect([(await ask(null, '/v2/health/ready')).status, (await ask(null, '/v2/health/ready?x=1')).status, (await ask(null, '/v2/models/m')).status]).toEqual([200, 200, 401]);
  // A probe brings no body; what does is no probe.
  expect((await post('/ping', 'x'.repeat(100_000))).status).toBe(401);
  expect([await call(null, livePath), await call(null)]).toEqual(['pixels', expect.stringMatching(/^16: /) as unknown]);
});

it('turns a client away from the moment on that its key is taken back, also on an open connection', async () => {
  const { ask, call, order } = await station();
  await order({ clients: [{ name: 'a', sha256: sha256('key-a') }, { name: 'b', sha256: sha256('key-b') }] });
  expect([await call('key-a'), (await ask('key-a')).status]).toEqual(['pixels', 200]);
  await order({ clients: [{ name: 'b', sha256: sha256('key-b') }] });
  expect([await call('key-a'), (await ask('key-a')).status, (await ask('key-b')).status]).toEqual([expect.stringMatching(/^16: /) as unknown, 401, 200]);
  await order({ clients: null });
  expect([await call(null), (await ask(null)).status]).toEqual(['pixels', 200]);
});

it('ends gRPC connections that came in before there were keys: nobody looks at what they carry', async () => {
  const { call, order } = await station();
  expect(await call(null)).toBe('pixels');
  await order({ clients: [{ name: 'a', sha256: sha256('key-a') }] });
  await expect.poll(() => call(null), { timeout: 10_000 }).toMatch(/^16: /);
  expect(await call('key-a')).toBe('pixels');
});

it('refuses orders whose certificate cannot be used, and goes on with those it has', async () => {
  const { ask, order } = await station();
  expect(await order({ tls: { cert: 'x', key: 'y', clientCa: null } })).toBe(400);
  expect((await ask(null)).status).toBe(200);
});
