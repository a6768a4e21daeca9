// The serving runtime with certificates, over loopback: who is let in over HTTPS and over gRPC, and what is said of files that do not fit.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { layerModel, placeModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, until, type ServingProcess } from '#test/fakes/servingProcess';
import { testCertificates, type CertificateFiles, type TestCertificates } from '#test/fakes/testCertificates';
import { describeNeeding } from '../e2e/needs.ts';

const body = JSON.stringify({ inputs: [{ name: 'x', shape: [1, 4], datatype: 'FP32', data: [1, 0, 0, 0] }] });

await describeNeeding('serving with certificates', ['openssl'], (paths) => {
  const root = mkdtempSync(join(tmpdir(), 'millwright-tls-'));
  const models = join(root, 'models');
  let made: TestCertificates;
  let server: ServingProcess;

  const pems = (files: CertificateFiles | null) => (files ? { cert: readFileSync(files.cert), key: readFileSync(files.key) } : {});
  const ask = (path: string, client: CertificateFiles | null, ca = made.ca) => new Promise<{ status: number; text: string }>((done, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method: path.endsWith('/infer') ? 'POST' : 'GET', ca: readFileSync(ca), agent: false, ...pems(client) }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => { text += part.toString(); });
      response.on('end', () => done({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(path.endsWith('/infer') ? body : undefined);
  });
  const isLive = (client: CertificateFiles | null) => new Promise<boolean>((done) => {
    const files = pems(client);
    const caller = new Client(`127.0.0.1:${server.grpcPort}`, credentials.createSsl(readFileSync(made.ca), files.key ?? null, files.cert ?? null));
    caller.makeUnaryRequest('/inference.GRPCInferenceService/ServerLive', (bytes: Buffer) => bytes, (bytes: Buffer) => bytes, Buffer.alloc(0), { deadline: Date.now() + 10_000 }, (error) => { caller.close(); done(error === null); });
  });

  beforeAll(async () => {
    buildServing();
    made = testCertificates(paths.openssl, root);
    placeModel(models, 'layer', layerModel());
    server = await startServingProcess(models, ['--tls-cert', made.server.cert, '--tls-key', made.server.key, '--tls-client-ca', made.ca]);
    await until(async () => (await ask('/v2/health/ready', null)).status === 200);
  }, 60_000);
  afterAll(async () => { await server.end(); rmSync(root, { recursive: true, force: true }); });

  it('answers a client whose certificate its authority signed, over HTTPS and gRPC', async () => {
    const { status, text } = await ask('/v2/models/layer/infer', made.client);
    expect([status, JSON.parse(text)]).toMatchObject([200, { outputs: [{ data: [0, 1, 2] }] }]);
    expect(await isLive(made.client)).toBe(true);
  });
  it.each(['no certificate', 'the certificate of a stranger'])('refuses a client with %s, but lets probes ask whether it is ready', async (which) => {
    const client = which === 'no certificate' ? null : made.stranger;
    expect(await ask('/v2/models/layer/infer', client)).toEqual({ status: 401, text: JSON.stringify({ error: 'This server wants a client certificate that its authority has signed.' }) });
    expect((await ask('/v2/health/ready', client)).status).toBe(200);
    expect(await isLive(client)).toBe(false);
  });
  it('is not believed by a client that trusts another authority, and answers nothing without encryption', async () => {
    await expect(ask('/v2/health/ready', null, made.stranger.ca)).rejects.toMatchObject({ code: expect.stringMatching(/VERIFY|SELF_SIGNED/) as unknown });
    await expect(fetch(`${server.url}/v2/health/ready`)).rejects.toThrow();
  });
  it.each([
    ['a certificate without its key', () => ['--tls-cert', made.server.cert], 'TLS needs both a certificate and its key.'],
    ['a file that is not there', () => ['--tls-cert', join(root, 'none.pem'), '--tls-key', made.server.key], 'cannot be read.'],
    ['a text that is no certificate', () => { writeFileSync(join(root, 'text.pem'), 'hello'); return ['--tls-cert', join(root, 'text.pem'), '--tls-key', made.server.key]; }, 'is no certificate in PEM form.'],
    ['the key of another certificate', () => ['--tls-cert', made.server.cert, '--tls-key', made.client.key], 'is not that of the certificate'],
  ])('does not start with %s, and says so', async (_what, args, sentence) => {
    const started = promisify(execFile)(process.execPath, [resolve('dist/serving.cjs'), 'serve', '--model-dir', models, '--host', '127.0.0.1', '--http-port', '0', '--grpc-port', '0', ...args()]);
    await expect(started).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) as unknown });
  });
});
