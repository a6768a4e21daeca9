// The gateway with certificates, over loopback: https and gRPC with TLS on the ports that spoke plainly before, client certificates, renewal while clients ask.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Metadata, Server, ServerCredentials, credentials, type ServerUnaryCall, type ServiceError, type sendUnaryData } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeConfigStore } from '#serving/gateway/configStore';
import { makeGateway } from '#serving/gateway/gateway';
import { testCertificates, type CertificateFiles, type TestCertificates } from '#test/fakes/testCertificates';
import { describeNeeding } from '../e2e/needs.ts';

const listen = (server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }) => new Promise<number>((resolve) => { server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)); });
const path = '/inference.GRPCInferenceService/ModelInfer';
const same = (bytes: Buffer) => bytes;

await describeNeeding('a gateway with certificates', ['openssl'], (paths) => {
  const root = mkdtempSync(join(tmpdir(), 'millwright-doors-'));
  let made: TestCertificates, renewed: TestCertificates;
  const closers: (() => Promise<unknown> | void)[] = [];

  beforeAll(() => { made = testCertificates(paths.openssl, root); renewed = testCertificates(paths.openssl, mkdtempSync(join(root, 'renewed-'))); }, 60_000);
  afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });
  afterAll(() => { rmSync(root, { recursive: true, force: true }); });

  const pem = (file: string) => readFileSync(file, 'utf8');
  const tlsOf = ({ cert, key }: CertificateFiles, clientCa: string | null = null) => ({ cert: pem(cert), key: pem(key), clientCa: clientCa === null ? null : pem(clientCa) });

  async function station(keptAt: string | null = null) {
    const model = createServer((incoming, response) => { incoming.resume().on('end', () => response.end('answered')); });
    const httpPort = await listen(model);
    const grpc = new Server();
    const echo = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => { reply(null, call.request); };
    grpc.addService({ infer: { path, requestStream: false, responseStream: false, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same } }, { infer: echo });
    const grpcPort = await new Promise<number>((resolve, reject) => { grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => { if (error) reject(error); else resolve(port); }); });
    closers.push(() => { model.close(); model.closeAllConnections(); grpc.forceShutdown(); });
    const orders = { revision: 1, station: 'Line 1', live: 'v1', targets: [{ id: 'v1', host: '127.0.0.1', httpPort, grpcPort }] };
    const gateway = await makeGateway({ store: makeConfigStore(keptAt, JSON.stringify(orders)), key: 'of-the-console', log: () => undefined });
    closers.push(() => gateway.drain());
    const [port, callPort] = [await listen(gateway.http), await listen(gateway.grpc.server)];
    let revision = 1;
    const order = async (change: object) => (await fetch(`http://127.0.0.1:${port}/gateway/config`, { method: 'PUT', headers: { authorization: 'Bearer of-the-console' }, body: JSON.stringify({ ...orders, revision: ++revision, ...change }) })).status;
    const plain = async (at = '/v2/models/m/infer', headers: Record<string, string> = {}) => { const answer = await fetch(`http://127.0.0.1:${port}${at}`, { headers }); return { status: answer.status, upgrade: answer.headers.get('upgrade'), text: await answer.text() }; };
    const secure = ({ ca = made.ca, client = null, agent = false, headers = {}, body = '{}' }: { ca?: string; client?: CertificateFiles | null; agent?: Agent | false; headers?: Record<string, string>; body?: string } = {}) => new Promise<{ status: number; text: string; issuer: string }>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: '/v2/models/m/infer', method: 'POST', ca: pem(ca), agent, headers, ...(client ? { cert: pem(client.cert), key: pem(client.key) } : {}) }, (response) => {
        const issuer = createHash('sha256').update((response.socket as import('node:tls').TLSSocket).getPeerCertificate().raw).digest('hex');
        let text = '';
        response.on('data', (part: Buffer) => { text += part.toString(); }).on('end', () => resolve({ status: response.statusCode ?? 0, text, issuer }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
    const call = (options: { ca?: string | null; client?: CertificateFiles | null; key?: string } = {}) => new Promise<string>((resolve) => {
      const { ca = made.ca, client = null, key } = options;
      const caller = new Client(`127.0.0.1:${callPort}`, ca === null ? credentials.createInsecure() : credentials.createSsl(readFileSync(ca), client && readFileSync(client.key), client && readFileSync(client.cert)), { 'grpc.enable_retries': 0 });
      const metadata = new Metadata();
      if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);
      caller.makeUnaryRequest(path, same, same, Buffer.alloc(300_000, 7), metadata, { deadline: Date.now() + 10_000 }, (error: ServiceError | null, said?: Buffer) => { caller.close(); resolve(error ? `${error.code}: ${error.details}` : `${said?.length ?? 0} bytes`); });
    });
    return { gateway, port, order, plain, secure, call };
  }

  it('answers encrypted on the same ports, and turns plain requests away', async () => {
    const { order, plain, secure, call } = await station();
    expect([(await plain()).status, await call({ ca: null })]).toEqual([200, '300000 bytes']);
    expect(await order({ tls: tlsOf(made.server) })).toBe(200);
    expect(await secure({ body: 'x'.repeat(2_000_000) })).toMatchObject({ status: 200, text: 'answered' });
    expect(await call()).toBe('300000 bytes');
    expect(await plain()).toEqual({ status: 426, upgrade: 'TLS/1.2, HTTP/1.1', text: '{"error":"This station wants encrypted connections: ask it with https, or over gRPC with TLS."}' });
    expect(await call({ ca: null })).toMatch(/^9: This station wants encrypted connections/);
    // Probes, figures and the console need no certificate.
    expect([(await plain('/v2/health/ready')).status, (await plain('/metrics')).status, (await plain('/v2/models/m', { authorization: 'Bearer of-the-console' })).status]).toEqual([200, 200, 200]);
    await expect(secure({ ca: made.stranger.ca })).rejects.toMatchObject({ code: expect.stringMatching(/VERIFY|SELF_SIGNED/) as unknown });
  });

  it('wants a certificate of the authority that was named, and a key beside it where there are clients', async () => {
    const { order, secure, call } = await station();
    await order({ tls: tlsOf(made.server, made.ca), clients: [{ name: 'a', sha256: createHash('sha256').update('key-a').digest('hex') }] });
    const headers = { authorization: 'Bearer key-a' };
    expect((await secure({ client: made.client, headers })).status).toBe(200);
    expect((await secure({ client: made.client })).status).toBe(401);
    expect(await secure({ client: made.stranger, headers })).toMatchObject({ status: 403, text: expect.stringContaining('client certificate') as string });
    expect((await secure({ headers })).status).toBe(403);
    expect([await call({ client: made.client, key: 'key-a' }), await call({ client: made.client }), await call({ key: 'key-a' })]).toEqual(['300000 bytes', expect.stringMatching(/^16: /) as unknown, expect.stringMatching(/^7: /) as unknown]);
  });

  it('does not take a certificate for good that was looked at for another authority', async () => {
    const { order, secure } = await station();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closers.push(() => agent.destroy());
    await order({ tls: tlsOf(made.server, made.ca) });
    expect((await secure({ client: made.client, agent })).status).toBe(200);
    await order({ tls: tlsOf(made.server, made.stranger.ca) });
    expect((await secure({ client: made.client, agent })).status).toBe(403);
  });

  it('renews its certificate while clients ask, without a lost request', async () => {
    const { order, secure } = await station();
    await order({ tls: tlsOf(made.server) });
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    closers.push(() => agent.destroy());
    const statuses: number[] = [];
    let asking = true;
    const clients = Array.from({ length: 4 }, async () => { while (asking) statuses.push((await secure({ agent })).status); });
    const before = (await secure()).issuer;
    await order({ tls: tlsOf(renewed.server) });
    const after = await secure({ ca: renewed.ca });
    await expect.poll(() => statuses.length, { timeout: 20_000 }).toBeGreaterThan(100);
    asking = false;
    await Promise.all(clients);
    expect([after.status, after.issuer === before, statuses.filter((status) => status !== 200)]).toEqual([200, false, []]);
  });

  it('keeps its certificate over a restart, for its own user only, and survives what is no handshake', async () => {
    const keptAt = join(root, 'config.json');
    const first = await station(keptAt);
    await first.order({ tls: tlsOf(made.server) });
    expect(statSync(keptAt).mode & 0o777).toBe(0o600);
    await closers.pop()?.();
    const { gateway, port, secure } = await station(keptAt);
    const broken = connect(port, '127.0.0.1', () => broken.write(Buffer.from([22, 3, 1, 255, 255, 1, 2, 3])));
    const empty = connect(port, '127.0.0.1', () => empty.end());
    await new Promise((resolve) => { broken.resume().on('error', () => undefined).once('close', resolve); });
    expect(gateway.status()?.live).toBe('v1');
    expect((await secure()).status).toBe(200);
  });
});
