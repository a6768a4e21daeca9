// gRPC for one version in several places behind the gateway: real servers and clients of gRPC over sockets on loopback.
import type { AddressInfo } from 'node:net';
import { Client, Metadata, Server, ServerCredentials, credentials, type ServerDuplexStream, type ServerUnaryCall, type ServiceError, type sendUnaryData } from '@grpc/grpc-js';
import { createServer } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { makeConfigStore } from './configStore.ts';
import { makeGateway } from './gateway.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

const same = (bytes: Buffer) => bytes;
const path = '/inference.GRPCInferenceService/ModelInfer', streamPath = '/inference.GRPCInferenceService/ModelStreamInfer';
const definitionOf = (at: string, streams: boolean) => ({ path: at, requestStream: streams, responseStream: streams, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same });

interface Place { readonly name: string; readonly httpPort: number; readonly grpcPort: number; seen: number; keys: Set<string>; silent: boolean; cut(): void }

/** Answers with what it was sent; "refuse" is refused. */
async function startPlace(name: string): Promise<Place> {
  const health = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => { health.listen(0, '127.0.0.1', resolve); });
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const note = (metadata: Metadata) => { place.seen += 1; place.keys.add(String(metadata.get('authorization')[0])); };
  server.addService({ one: definitionOf(path, false), many: definitionOf(streamPath, true) }, {
    one: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
      note(call.metadata);
      if (place.silent) return;
      if (call.request.toString() === 'refuse') reply({ code: 3, details: 'That is refused: ä %.' }); else reply(null, call.request);
    },
    many: (call: ServerDuplexStream<Buffer, Buffer>) => { note(call.metadata); call.on('data', (bytes: Buffer) => call.write(bytes)); call.on('end', () => call.end()); },
  });
  const grpcPort = await new Promise<number>((resolve, reject) => { server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => { if (error) reject(error); else resolve(port); }); });
  const place: Place = { name, httpPort: (health.address() as AddressInfo).port, grpcPort, seen: 0, keys: new Set(), silent: false, cut: () => { server.forceShutdown(); } }; // a server on a port has one
  closers.push(() => { server.forceShutdown(); health.close(); health.closeAllConnections(); });
  return place;
}

async function startGateway(places: readonly Place[], more: Record<string, unknown> = {}) {
  const replicas = places.map(({ name, httpPort, grpcPort }) => ({ name, host: '127.0.0.1', httpPort, grpcPort }));
  const orders = { revision: 1, station: 'Line 1', live: 'v1', targets: [{ id: 'v1', host: '127.0.0.1', httpPort: 1, replicas, key: 'a-key-of-the-replicas' }], ...more };
  const gateway = await makeGateway({ store: makeConfigStore(null, JSON.stringify(orders)), key: 'secret', log: () => undefined });
  await new Promise<void>((resolve) => { gateway.grpc.server.listen(0, '127.0.0.1', resolve); });
  gateway.http.listen(0, '127.0.0.1');
  closers.push(() => gateway.drain());
  await vi.waitFor(() => expect(gateway.status()?.targets[0]?.replicas.every(({ ready }) => ready)).toBe(true), { timeout: 10_000 });
  const { port } = gateway.grpc.server.address() as AddressInfo; // as above
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, 'grpc.enable_retries': 0 });
  closers.push(() => client.close());
  const ask = (text: string | Buffer): Promise<Buffer> => {
    const metadata = new Metadata();
    metadata.set('authorization', 'Bearer of-the-client');
    return new Promise((resolve, reject) => { client.makeUnaryRequest(path, same, same, Buffer.from(text), metadata, { deadline: Date.now() + 20_000 }, (error: ServiceError | null, answer?: Buffer) => { if (error) reject(error); else resolve(answer ?? Buffer.alloc(0)); }); });
  };
  return { gateway, client, ask };
}

it('lets nobody manage the models of replicas', async () => {
  const place = await startPlace('a');
  const replicas = [{ name: 'a', host: '127.0.0.1', httpPort: place.httpPort, grpcPort: place.grpcPort }];
  const { client } = await startGateway([place], { targets: [{ id: 'v1', host: '127.0.0.1', httpPort: 1, replicas, key: 'a-key-of-the-replicas', closedPaths: ['/v2/repository/models'] }] });
  const said = (at: string) => new Promise<number | undefined>((resolve) => { client.makeUnaryRequest(at, same, same, Buffer.from('x'), (error: ServiceError | null) => resolve(error?.code)); });
  expect([await said('/inference.GRPCInferenceService/RepositoryModelUnload'), await said('/inference.GRPCInferenceService/RepositoryModelLoad'), await said(path)]).toEqual([7, 7, undefined]);
  expect(place.seen).toBe(1);
});

it('deals the calls of one connection out to all replicas, with their key in place of the client\'s', async () => {
  const places = [await startPlace('a'), await startPlace('b')];
  const { ask, gateway } = await startGateway(places);
  for (let i = 0; i < 20; i++) expect((await ask(`call ${i}`)).toString()).toBe(`call ${i}`);
  expect(places.map(({ seen }) => seen)).toEqual([10, 10]);
  expect(places.map(({ keys }) => [...keys])).toEqual([['Bearer a-key-of-the-replicas'], ['Bearer a-key-of-the-replicas']]);
  await vi.waitFor(() => expect(gateway.status()?.targets[0]).toMatchObject({ answered: 20, failed: 0, inFlight: 0, recent: { requests: 20 }, replicas: [{ answered: 10, grpc: true }, { answered: 10, grpc: true }] }), { timeout: 10_000 });
});

it('carries large messages, refusals with their words, and streams', async () => {
  const { ask, client } = await startGateway([await startPlace('a')]);
  const large = Buffer.alloc(12 * 1024 ** 2, 'x');
  expect((await ask(large)).equals(large)).toBe(true);
  await expect(ask('refuse')).rejects.toMatchObject({ code: 3, details: 'That is refused: ä %.' });
  const stream = client.makeBidiStreamRequest(streamPath, same, same);
  const heard: string[] = [];
  stream.on('data', (bytes: Buffer) => { heard.push(bytes.toString()); if (heard.length === 2) stream.end(); });
  stream.write(Buffer.from('first'));
  stream.write(Buffer.from('second'));
  expect(await new Promise<number>((resolve) => { stream.on('status', ({ code }) => resolve(code)); })).toBe(0);
  expect(heard).toEqual(['first', 'second']);
}, 30_000);

it('goes on with the others when a replica is gone, and ends what was under way there as UNAVAILABLE', async () => {
  const places = [await startPlace('a'), await startPlace('b')] as const;
  const { ask } = await startGateway(places);
  places[0].silent = true;
  const under = [ask('x'), ask('x')];
  const ended = Promise.allSettled(under);
  await vi.waitFor(() => expect(places[0].seen + places[1].seen).toBe(2), { timeout: 10_000 });
  places[0].cut();
  expect((await ended).map((one) => (one.status === 'fulfilled' ? 'answered' : String((one.reason as ServiceError).code))).sort()).toEqual(['14', 'answered']);
  for (let i = 0; i < 10; i++) expect((await ask('y')).toString()).toBe('y');
}, 30_000);

it('says why nothing is answered: an acceptance stop, or no replica', async () => {
  const place = await startPlace('a');
  const stopped = await startGateway([place], { stopped: { reason: 'drift', since: 'today' } });
  await expect(stopped.ask('x')).rejects.toMatchObject({ code: 14, details: 'Stopped for acceptance since today: drift' });
  const { ask } = await startGateway([place]);
  place.cut();
  await expect(ask('x')).rejects.toMatchObject({ code: 14, details: 'The model cannot be reached over gRPC.' });
}, 30_000);
