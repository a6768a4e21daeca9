// The gateway between clients and two versions of a model, over real sockets on loopback.
import { createHash } from 'node:crypto';
import { Agent, createServer, request, type IncomingHttpHeaders } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { recordSchema, recordSummarySchema, replayedSchema, type GatewayConfig, type RecordSummary } from '#shared/gateway';
import { makeConfigStore } from './configStore.ts';
import { makeGateway, type Gateway } from './gateway.ts';
import { recordedBodyBytesMax } from './recorder.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

interface Version { readonly port: number; seen: number; answer: (body: string) => { status?: number; value?: unknown; delayMs?: number } | 'reset'; stop(): Promise<void> }

async function startVersion(id: string, answer: Version['answer'] = () => ({ value: { model_version: id } })): Promise<Version> {
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => parts.push(chunk));
    incoming.on('end', () => {
      version.seen += 1;
      const told = version.answer(Buffer.concat(parts).toString());
      if (told === 'reset') { incoming.socket.destroy(); return; }
      setTimeout(() => {
        response.writeHead(told.status ?? 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(told.value ?? {}));
      }, told.delayMs ?? 0);
    });
  });
  const version: Version = { port: await listen(server), seen: 0, answer, stop: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) };
  closers.push(() => version.stop());
  return version;
}

const listen = (server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }): Promise<number> =>
  new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)); });

async function startGateway(config: Partial<GatewayConfig> & { versions: Readonly<Record<string, Version>> }, path: string | null = null): Promise<{ gateway: Gateway; port: number; order(change: Partial<GatewayConfig>): Promise<number> }> {
  const { versions, ...rest } = config;
  let orders = {
    revision: 1, station: 'Line 1', live: Object.keys(versions)[0], breaker: { failures: 3, openMs: 60_000 },
    targets: Object.entries(versions).map(([id, { port }]) => ({ id, host: '127.0.0.1', httpPort: port, grpcPort: null })), ...rest,
  };
  const gateway = await makeGateway({ store: makeConfigStore(path, JSON.stringify(orders)), key: 'secret', log: () => undefined });
  const port = await listen(gateway.http);
  closers.push(() => gateway.drain());
  return {
    gateway, port,
    async order(change) {
      orders = { ...orders, revision: orders.revision + 1, ...change };
      return (await ask(port, { method: 'PUT', path: '/gateway/config', headers: { authorization: 'Bearer secret' }, body: JSON.stringify(orders) })).status;
    },
  };
}

function ask(port: number, { method = 'POST', path = '/v2/models/m/infer', headers = {}, body = '{}' }: { method?: string; path?: string; headers?: Record<string, string>; body?: string } = {}): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString(); });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const versionOf = async (port: number, headers: Record<string, string> = {}) => String((await ask(port, { headers })).headers['x-millwright-version']);

it('changes the live version under load without a lost request, and says when the old one is idle', async () => {
  const [blue, green] = [await startVersion('1', () => ({ value: { model_version: '1' }, delayMs: 3 })), await startVersion('2', () => ({ value: { model_version: '2' }, delayMs: 3 }))];
  const { gateway, port, order } = await startGateway({ versions: { 1: blue } });
  const statuses: number[] = [];
  let loading = true;
  const clients = Array.from({ length: 8 }, async () => { while (loading) statuses.push((await ask(port)).status); });
  await vi.waitFor(() => expect(statuses.length).toBeGreaterThan(50), { timeout: 10_000 });
  const targets = [['1', blue], ['2', green]] as const;
  expect(await order({ live: '2', targets: targets.map(([id, { port: httpPort }]) => ({ id, host: '127.0.0.1', httpPort, grpcPort: null })) })).toBe(200);
  await vi.waitFor(() => expect(gateway.status()?.targets.find(({ id }) => id === '1')?.inFlight).toBe(0), { timeout: 10_000 });
  await blue.stop();
  const before = statuses.length;
  await vi.waitFor(() => expect(statuses.length).toBeGreaterThan(before + 50), { timeout: 10_000 });
  loading = false;
  await Promise.all(clients);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect([blue.seen > 0, green.seen > 0]).toEqual([true, true]);
});

it('gives the canary its share, and the same version to the same key', async () => {
  const { port, order } = await startGateway({ versions: { 1: await startVersion('1'), 2: await startVersion('2') }, canary: { target: '2', percent: 20, keyHeader: null } });
  const seen = [];
  for (let i = 0; i < 50; i++) seen.push(await versionOf(port));
  expect(seen.filter((version) => version === '2')).toHaveLength(10);
  await order({ canary: { target: '2', percent: 50, keyHeader: 'x-lot' } });
  const byLot = async () => Promise.all(Array.from({ length: 20 }, (_, lot) => versionOf(port, { 'x-lot': `lot ${lot}` })));
  const first = await byLot();
  expect(new Set(first)).toEqual(new Set(['1', '2']));
  expect(await byLot()).toEqual(first);
});

it('lets the last approved version take over while the live one is down, and leaves the live one alone meanwhile', async () => {
  const [live, approved] = [await startVersion('2', () => 'reset'), await startVersion('1')];
  const { gateway, port } = await startGateway({ versions: { 2: live, 1: approved }, live: '2', fallback: '1' });
  for (let i = 0; i < 10; i++) expect(await versionOf(port)).toBe('1');
  expect(live.seen).toBe(3); // the breaker's limit
  expect(gateway.status()?.targets.find(({ id }) => id === '2')).toMatchObject({ failed: 3, breaker: 'open' });
});

it('opens the breaker on answers that say the version is broken, but hands them to the client', async () => {
  const live = await startVersion('1', () => ({ status: 500, value: { error: 'broken' } }));
  const { gateway, port } = await startGateway({ versions: { 1: live } });
  for (let i = 0; i < 4; i++) expect((await ask(port)).text).toBe('{"error":"broken"}');
  expect(gateway.status()?.targets[0]?.breaker).toBe('open');
  live.answer = () => ({});
  // Nobody can take over, so it is tried all the same, and closes the breaker.
  expect((await ask(port)).status).toBe(200);
  expect(gateway.status()?.targets[0]?.breaker).toBe('closed');
});

it('does not send a request twice to a version that keeps sequences', async () => {
  const [live, approved] = [await startVersion('2', () => 'reset'), await startVersion('1')];
  const { port } = await startGateway({ versions: { 2: live, 1: approved }, live: '2', fallback: '1', stateful: true });
  const { status, text } = await ask(port);
  expect(status).toBe(503);
  expect(JSON.parse(text)).toEqual({ error: 'No version of the model can be reached (ECONNRESET).' });
  expect([live.seen, approved.seen]).toEqual([1, 0]);
});

it('uses the memory of large bodies again, and no version sees the body of another request in it', async () => {
  const digest = (body: string) => createHash('sha256').update(body).digest('hex');
  // The live one drops every fifth request after it has read it; the shadow begins to read late, when the client has its answer long since.
  let asked = 0;
  const live = await startVersion('1', (body) => (++asked % 5 === 0 ? 'reset' : { value: { digest: digest(body) } }));
  const approved = await startVersion('2', (body) => ({ value: { digest: digest(body) } }));
  const late = createServer((incoming, response) => {
    setTimeout(() => {
      const hash = createHash('sha256');
      incoming.on('data', (chunk: Buffer) => hash.update(chunk)).on('end', () => { response.writeHead(200, { 'content-type': 'application/json' }); response.end(JSON.stringify({ digest: hash.digest('hex') })); });
    }, 200);
  });
  const shadow: Version = { port: await listen(late), seen: 0, answer: () => ({}), stop: () => new Promise((resolve) => { late.close(() => resolve()); late.closeAllConnections(); }) };
  closers.push(() => shadow.stop());
  const { gateway, port } = await startGateway({ versions: { 1: live, 2: approved, 3: shadow }, fallback: '2', shadow: { target: '3', percent: 100, tolerance: 0.001 }, recorder: { entries: 10, percent: 50 }, breaker: { failures: 100, openMs: 1000 } });
  await Promise.all(Array.from({ length: 4 }, async (_, client) => {
    for (let turn = 0; turn < 6; turn++) {
      const body = `client ${client}, turn ${turn} `.repeat(410_000);
      expect(JSON.parse((await ask(port, { body })).text)).toEqual({ digest: digest(body) });
    }
  }));
  await vi.waitFor(() => { const told = gateway.status()?.shadow; expect((told?.same ?? 0) + (told?.skipped ?? 0)).toBe(24); }, { timeout: 10_000 });
  expect(gateway.status()?.shadow).toMatchObject({ different: 0, failed: 0 });
  expect([gateway.status()!.shadow.same > 4, asked > 24]).toEqual([true, true]);
}, 60_000);

it('compares the shadow with what was answered and never lets the client see it', async () => {
  const scores = (values: number[]) => () => ({ value: { outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 3], data: values }] } });
  const [live, shadow] = [await startVersion('1', scores([0.1, 0.7, 0.2])), await startVersion('2', scores([0.1, 0.7001, 0.2]))];
  const { gateway, port } = await startGateway({ versions: { 1: live, 2: shadow }, shadow: { target: '2', percent: 100, tolerance: 0.001 } });
  expect(await versionOf(port)).toBe('1');
  await vi.waitFor(() => expect(gateway.status()?.shadow).toMatchObject({ same: 1, different: 0 }), { timeout: 10_000 });
  shadow.answer = scores([0.8, 0.1, 0.1]);
  expect(await versionOf(port)).toBe('1');
  await vi.waitFor(() => expect(gateway.status()?.shadow).toMatchObject({ different: 1, decisionsChanged: 1 }), { timeout: 10_000 });
  expect(gateway.status()?.shadow.differences[0]?.reason).toBe('answer.outputs[0].data[0] is 0.1 against 0.8');
});

it('counts each trial from zero, and tells the last minutes of both versions', async () => {
  const [live, shadow, next] = [await startVersion('1'), await startVersion('2', () => ({ value: { other: true } })), await startVersion('3')];
  const { gateway, port, order } = await startGateway({ versions: { 1: live, 2: shadow, 3: next }, shadow: { target: '2', percent: 100, tolerance: 0.001 } });
  await ask(port);
  await ask(port, { method: 'GET', path: '/v2', body: '' }); // no inference
  await vi.waitFor(() => expect(gateway.status()?.shadow).toMatchObject({ different: 1 }), { timeout: 10_000 });
  const recentOf = (version: string) => gateway.status()?.targets.find(({ id }) => id === version)?.recent;
  expect([recentOf('1'), recentOf('2'), recentOf('3')]).toMatchObject([{ requests: 1, failed: 0 }, { requests: 1, failed: 0 }, { requests: 0, p99Ms: null }]);
  expect([recentOf('1')?.p99Ms, recentOf('2')?.p99Ms]).toEqual([expect.any(Number), expect.any(Number)]);
  await order({ shadow: null });
  expect(gateway.status()?.shadow).toMatchObject({ different: 1 });
  await order({ shadow: { target: '3', percent: 100, tolerance: 0.001 } });
  expect(gateway.status()?.shadow).toMatchObject({ same: 0, different: 0, differences: [] });
});

it('answers nothing during an acceptance stop, and says why', async () => {
  const { port, order } = await startGateway({ versions: { 1: await startVersion('1') } });
  await order({ stopped: { reason: 'drift on line 1', since: '2026-11-25T03:00:00Z' } });
  const { status, text } = await ask(port);
  expect([status, JSON.parse(text)]).toEqual([503, { error: 'Stopped for acceptance since 2026-11-25T03:00:00Z: drift on line 1' }]);
  await order({ stopped: null });
  expect((await ask(port)).status).toBe(200);
});

it('takes orders only with the key, only whole ones, and never older ones', async () => {
  const { port, order } = await startGateway({ versions: { 1: await startVersion('1') } });
  const put = async (headers: Record<string, string>, body: string) => ask(port, { method: 'PUT', path: '/gateway/config', headers, body });
  expect((await put({}, '{}')).status).toBe(401);
  expect((await put({ authorization: 'Bearer wrong' }, '{}')).status).toBe(401);
  expect((await put({ authorization: 'Bearer secret' }, '{"revision":')).status).toBe(400);
  expect((await put({ authorization: 'Bearer secret' }, JSON.stringify({ revision: 5, station: 'x', live: 'missing', targets: [{ id: '1', host: 'h', httpPort: 1 }] }))).text).toContain('missing is not among the targets');
  expect(await order({})).toBe(200);
  expect(await order({ revision: 1 })).toBe(409);
});

it('comes back after a power cut with the orders it last confirmed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-gateway-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'config.json');
  const versions = { 1: await startVersion('1'), 2: await startVersion('2') };
  const first = await startGateway({ versions }, path);
  await first.order({ live: '2' });
  // A second gateway over the same volume, started with the first orders, as Docker starts the container again.
  const second = await startGateway({ versions }, path);
  expect(await versionOf(second.port)).toBe('2');
});

it('refuses a body that is too large in a sentence, declared or not', async () => {
  const { port } = await startGateway({ versions: { 1: await startVersion('1') }, maxBodyBytes: 1024 });
  const large = 'x'.repeat(2048);
  expect((await ask(port, { body: large })).status).toBe(413);
  expect((await ask(port, { body: large, headers: { 'transfer-encoding': 'chunked' } })).text).toContain('larger than the 1024 bytes');
});

it('hands a compressed body on as it came', async () => {
  const seen: string[] = [];
  const { port } = await startGateway({ versions: { 1: await startVersion('1', (body) => { seen.push(body); return {}; }) } });
  expect((await ask(port, { body: 'not what gzip makes', headers: { 'content-encoding': 'gzip' } })).status).toBe(200);
  expect(seen).toEqual(['not what gzip makes']);
});

it('finishes what is under way before it ends', async () => {
  const { gateway, port } = await startGateway({ versions: { 1: await startVersion('1', () => ({ delayMs: 1000 })) } });
  const asked = Array.from({ length: 16 }, () => ask(port));
  await vi.waitFor(() => expect(gateway.status()?.targets[0]?.inFlight).toBe(16), { timeout: 10_000 });
  await gateway.drain();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(16).fill(200));
});

it('leads new gRPC connections to the live version', async () => {
  const echo = async (id: string) => {
    const server = createTcpServer((socket) => { socket.on('error', () => undefined); socket.write(id); });
    closers.push(() => new Promise<void>((resolve) => { server.close(() => resolve()); }));
    return listen(server);
  };
  const [first, second] = [await echo('1'), await echo('2')];
  const version = await startVersion('1');
  const targets = [['1', first], ['2', second]].map(([id, grpcPort]) => ({ id: String(id), host: '127.0.0.1', httpPort: version.port, grpcPort: Number(grpcPort) }));
  const { gateway, order } = await startGateway({ versions: { 1: version }, targets });
  const port = await listen(gateway.grpc.server);
  const greeting = () => new Promise<string>((resolve) => { const socket = connect(port, '127.0.0.1'); socket.once('data', (chunk: Buffer) => { resolve(chunk.toString()); socket.destroy(); }); });
  expect(await greeting()).toBe('1');
  await order({ live: '2' });
  expect(await greeting()).toBe('2');
});

it('gives its figures to Prometheus', async () => {
  const { port } = await startGateway({ versions: { 1: await startVersion('1') } });
  await ask(port);
  const { text } = await ask(port, { method: 'GET', path: '/metrics' });
  expect(text).toContain('millwright_gateway_requests_total{version="1",code="200"} 1');
  expect([...text.matchAll(/_duration_seconds_bucket\{version="1",le="([^"]+)"\}/g)].map(([, bound]) => bound)).toEqual(['0.001', '0.002', '0.005', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5', '1', '2', '5', '10', '+Inf']);
  expect(text).toMatch(/millwright_gateway_request_duration_seconds_bucket\{version="1",le="\+Inf"\} 1/);
});


it('asks one version whether it is ready, live or not, and sends it nothing else', async () => {
  const [old, next] = [await startVersion('v1'), await startVersion('v2', () => ({ status: 503 }))];
  const { port } = await startGateway({ versions: { v1: old, v2: next } });
  const probe = async (id: string) => (await ask(port, { method: 'GET', path: `/gateway/ready/${id}`, body: '' })).status;
  expect([await probe('v1'), await probe('v2'), await probe('v9')]).toEqual([200, 503, 404]);
  next.answer = () => ({ value: {} });
  expect(await probe('v2')).toBe(200);
  await next.stop();
  expect([await probe('v2'), old.seen]).toEqual([503, 1]);
});

it('asks another engine in its own words whether it is ready, hands its figures on, and keeps its management to itself', async () => {
  const engine = await startVersion('1', () => ({ value: { status: 'Loading' } }));
  const figures = await startVersion('1', () => ({ value: 'requests_total 3' }));
  const target = { id: '1', host: '127.0.0.1', httpPort: engine.port, grpcPort: null, ready: { path: '/ping', holds: 'Healthy' }, metrics: { port: figures.port, path: '/figures' }, closedPaths: ['/v2/repository'] };
  const { port, order } = await startGateway({ versions: { 1: engine }, targets: [target] });
  const get = (path: string) => ask(port, { method: 'GET', path, body: '' });
  expect((await get('/gateway/ready/1')).status).toBe(503);
  engine.answer = () => ({ value: { status: 'Healthy' } });
  expect((await get('/gateway/ready/1')).status).toBe(200);
  expect(await get('/gateway/metrics/1')).toMatchObject({ status: 200, text: expect.stringContaining('requests_total 3') as string });
  expect((await get('/gateway/metrics/2')).status).toBe(404);
  const seen = engine.seen;
  for (const path of ['/v2/repository/index', '/v2/%72epository/index', '/v2//repository/index', '/V2/Repository/index', '/v2/%zz']) expect((await ask(port, { path })).status).toBe(403);
  expect(engine.seen).toBe(seen);
  expect((await ask(port)).status).toBe(200);
  // Asked at another port than that of the clients.
  expect(await order({ targets: [{ ...target, ready: { path: '/figures', holds: 'loaded{', port: figures.port } }] })).toBe(200);
  expect((await get('/gateway/ready/1')).status).toBe(503);
  figures.answer = () => ({ value: 'loaded{} 1' });
  expect((await get('/gateway/ready/1')).status).toBe(200);
  await figures.stop();
  expect((await get('/gateway/metrics/1')).status).toBe(503);
});

const order = { authorization: 'Bearer secret' };
const recordsOf = async (port: number): Promise<RecordSummary[]> => z.array(recordSummarySchema).parse(JSON.parse((await ask(port, { method: 'GET', path: '/gateway/records', headers: order })).text));
const recordOf = async (port: number, seq: number) => recordSchema.parse(JSON.parse((await ask(port, { method: 'GET', path: `/gateway/records/${seq}`, headers: order })).text));
const decoded = (base64: string | null | undefined) => (base64 == null ? null : Buffer.from(base64, 'base64').toString());

it('records nothing until it is told to, then the last requests with their answers, without what proves who asked, and forgets all when it is turned off', async () => {
  const { gateway, port, order: tell } = await startGateway({ versions: { 1: await startVersion('1', (body) => ({ value: { heard: body } })) } });
  await ask(port, { body: 'before' });
  expect([await recordsOf(port), gateway.status()?.recorder]).toEqual([[], null]);
  await tell({ recorder: { entries: 2, percent: 100 } });
  for (const body of ['one', 'two', 'three']) await ask(port, { body, headers: { authorization: 'Bearer of-a-client', cookie: 'a=b', 'x-api-key': 'k', 'content-type': 'text/plain', 'x-part': '17', 'x-request-id': `id-${body}` } });
  await ask(port, { method: 'GET', path: '/v2/health/live' });
  await ask(port, { path: '/v2/repository/models/m/unload' });
  const records = await recordsOf(port);
  expect(records.map(({ requestId, status, version, questionBytes, whole }) => ({ requestId, status, version, questionBytes, whole }))).toEqual([
    { requestId: 'id-three', status: 200, version: '1', questionBytes: 5, whole: true }, { requestId: 'id-two', status: 200, version: '1', questionBytes: 3, whole: true },
  ]);
  const record = await recordOf(port, records[0]?.seq ?? 0);
  expect([decoded(record.question.body), decoded(record.answer?.body)]).toEqual(['three', '{"heard":"three"}']);
  expect(record.question.headers).toMatchObject({ 'content-type': 'text/plain', 'x-part': '17' });
  expect(JSON.stringify(record)).not.toMatch(/of-a-client|a=b|x-api-key|x-millwright-client/);
  expect(gateway.status()?.recorder).toMatchObject({ entries: 2, kept: 2, failuresKept: 0, seen: 3 });
  await tell({ recorder: null });
  expect([await recordsOf(port), (await ask(port, { method: 'GET', path: `/gateway/records/${record.seq}`, headers: order })).status]).toEqual([[], 404]);
});

it('shows what it recorded to nobody without its key', async () => {
  const { port } = await startGateway({ versions: { 1: await startVersion('1') }, recorder: { entries: 5, percent: 100 } });
  await ask(port);
  for (const [method, path] of [['GET', '/gateway/records'], ['GET', '/gateway/records/1'], ['POST', '/gateway/replay']] as const) {
    for (const headers of [{}, { authorization: 'Bearer wrong' }]) expect((await ask(port, { method, path, headers })).status).toBe(401);
  }
});

it('keeps failures whatever comes after them, and whatever share is recorded', async () => {
  const live = await startVersion('1', (body) => (body === 'bad' ? { status: 500, value: { error: 'broken' } } : body === 'gone' ? 'reset' : {}));
  const { port } = await startGateway({ versions: { 1: live }, breaker: { failures: 100, openMs: 1000 }, recorder: { entries: 3, percent: 10 } });
  await ask(port, { body: 'bad' });
  await ask(port, { body: 'gone' });
  for (let i = 0; i < 100; i++) await ask(port, { body: `good ${i}` });
  const records = await recordsOf(port);
  expect(records.map(({ status, whole }) => [status, whole])).toEqual([[200, true], [200, true], [200, true], [503, false], [500, true]]);
  expect(decoded((await recordOf(port, records.at(-1)?.seq ?? 0)).answer?.body)).toBe('{"error":"broken"}');
});

it('notes a request without its body where that is too large', async () => {
  const { port, gateway } = await startGateway({ versions: { 1: await startVersion('1') }, recorder: { entries: 5, percent: 100 } });
  await ask(port, { body: 'x'.repeat(recordedBodyBytesMax + 1) });
  const [record] = await recordsOf(port);
  expect(record).toMatchObject({ questionBytes: recordedBodyBytesMax + 1, whole: false });
  expect((await recordOf(port, record?.seq ?? 0)).question.body).toBeNull();
  expect(gateway.status()?.recorder?.bytes).toBeLessThan(10_000);
});

it('keeps large requests as they were, whose memory others use again', async () => {
  let asked = 0;
  const live = await startVersion('1', () => ({ status: ++asked % 3 === 0 ? 500 : 200 }));
  const { port } = await startGateway({ versions: { 1: live }, breaker: { failures: 100, openMs: 1000 }, recorder: { entries: 50, percent: 50 } });
  // As large as a piece of the memory that is lent, and smaller; every second is drawn, and of the others the failed ones are kept.
  const bodyOf = (turn: number) => String.fromCharCode(97 + turn).repeat(turn % 4 < 2 ? 2 ** 17 : 100_000);
  for (let turn = 0; turn < 24; turn++) await ask(port, { body: bodyOf(turn), headers: { 'x-request-id': String(turn) } });
  const records = await recordsOf(port);
  expect(records.length).toBeGreaterThan(12);
  for (const { seq, requestId } of records) expect(decoded((await recordOf(port, seq)).question.body) === bodyOf(Number(requestId)), requestId).toBe(true);
});

it('asks another version what was recorded, and tells where it answers otherwise', async () => {
  const answers = (offset: number) => (body: string) => ({ value: { outputs: [{ name: 'y', datatype: 'FP32', shape: [2], data: body === 'a' ? [1, 2] : [3 + offset, 2] }] } });
  const { port } = await startGateway({ versions: { 1: await startVersion('1', answers(0)), 2: await startVersion('2', answers(-2)) }, recorder: { entries: 5, percent: 100 } });
  await ask(port, { body: 'a' });
  await ask(port, { body: 'b' });
  const replayed = async (target: string, seq: number) => { const { status, text } = await ask(port, { path: '/gateway/replay', headers: order, body: JSON.stringify({ target, seq }) }); return [status, status === 200 ? replayedSchema.omit({ durationMs: true }).parse(JSON.parse(text)) : null]; };
  expect(await replayed('2', 1)).toEqual([200, { seq: 1, outcome: 'same', reason: null, decisionChanged: false }]);
  expect(await replayed('2', 2)).toEqual([200, { seq: 2, outcome: 'different', reason: 'answer.outputs[0].data[0] is 3 against 1', decisionChanged: true }]);
  expect(await replayed('1', 2)).toEqual([200, { seq: 2, outcome: 'same', reason: null, decisionChanged: false }]);
  expect(await replayed('2', 99)).toEqual([404, null]);
  expect(await replayed('9', 1)).toEqual([404, null]);
  // Replays are no requests of clients: they are not recorded again.
  expect(await recordsOf(port)).toHaveLength(2);
});

it('takes the absolute form, and lets nobody manage models by it', async () => {
  const engine = await startVersion('1');
  const { port } = await startGateway({ versions: { 1: engine }, targets: [{ id: '1', host: '127.0.0.1', httpPort: engine.port, grpcPort: null, closedPaths: ['/v2/repository/models', '/models'] }] });
  const absolute = (path: string) => ask(port, { path: `http://127.0.0.1:${port}${path}` });
  expect([(await absolute('/v2/models/m/infer')).status, (await ask(port, { method: 'GET', path: `http://line-1/gateway/status`, body: '' })).status, engine.seen]).toEqual([200, 200, 1]);
  for (const path of ['/v2/repository/models/m/unload', '/v2/%72epository/models/m/unload', '/v2/x/../repository/models/m/load', '/models/m']) expect([path, (await absolute(path)).status, (await ask(port, { path })).status]).toEqual([path, 403, 403]);
  expect(engine.seen).toBe(1);
});

it('hands on what a version without room said where no other one answers', async () => {
  const full = await startVersion('1', () => ({ status: 503, value: { error: 'The queue of "m" is full.' } }));
  const partner = await startVersion('2');
  await partner.stop();
  const { port } = await startGateway({ versions: { 1: full, 2: partner }, fallback: '2', breaker: { failures: 2, openMs: 60_000 } });
  // First the partner refuses connections, then its breaker is open and nobody asks it.
  for (let i = 0; i < 4; i++) expect(await ask(port)).toMatchObject({ status: 503, text: '{"error":"The queue of \\"m\\" is full."}', headers: { 'x-millwright-version': '1' } });
  full.answer = () => ({ value: {} });
  expect((await ask(port)).status).toBe(200);
});

it('tells clients that never pause to come back on another connection while it is stopped, and cuts none', async () => {
  const version = await startVersion('1', () => ({ delayMs: 100 }));
  const { gateway, port } = await startGateway({ versions: { 1: version } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closers.push(() => agent.destroy());
  const once = () => new Promise<string>((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', path: '/v2/models/m/infer', agent }, (response) => { response.resume().on('end', () => resolve(`${response.statusCode} ${response.headers.connection}`)); });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')).end('{}');
  });
  expect(await once()).toBe('200 keep-alive');
  // One that is under way, and one that waits behind it for the same connection.
  const asked = [once(), once()];
  await vi.waitFor(() => expect(version.seen).toBe(2), { timeout: 10_000 });
  const drained = gateway.drain();
  expect(await Promise.all(asked)).toEqual(['200 close', 'ECONNREFUSED']);
  await drained;
}, 20_000);

it('answers a client that has closed its side, and carries nothing on for one that has gone', async () => {
  const version = await startVersion('1', () => ({ delayMs: 400 }));
  const { gateway, port } = await startGateway({ versions: { 1: version } });
  const question = 'POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('error', reject).on('end', () => socket.destroy()).on('close', () => resolve(text));
    socket.end(question);
  });
  expect(said.replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{\}\r?\n?/);
  version.answer = () => ({ delayMs: 60_000 });
  const gone = connect(port, '127.0.0.1');
  gone.write(question);
  await vi.waitFor(() => expect(version.seen).toBe(2), { timeout: 10_000 });
  gone.destroy();
  await vi.waitFor(() => expect(gateway.status()?.targets[0]?.inFlight).toBe(0), { timeout: 10_000 });
});
