// Client libraries of other makers against the built serving bundle: they know nothing of our code, so that they judge it.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { makeConfigStore } from '#serving/gateway/configStore';
import { makeGateway } from '#serving/gateway/gateway';
import { identityModel, layerModel, onnxElementTypes, placeModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, untilReady, type ServingProcess } from '#test/fakes/servingProcess';
import { describeNeeding } from '../e2e/needs.ts';

const run = promisify(execFile);
const root = mkdtempSync(join(tmpdir(), 'millwright-clients-'));

await describeNeeding('clients of other makers', ['peer:tritonclient', 'peer:kserve', 'peer:perfanalyzer', 'peer:grpcreflection'], (paths) => {
  let server: ServingProcess;

  beforeAll(async () => {
    buildServing();
    for (const [name, type] of Object.entries(onnxElementTypes)) placeModel(root, `id_${name.toLowerCase()}`, identityModel(type));
    placeModel(root, 'layer', layerModel(), { settings: { labels: ['a', 'b', 'c'] } });
    server = await startServingProcess(root);
    await untilReady(server);
  });
  afterAll(async () => { await server.end(); rmSync(root, { recursive: true, force: true }); });

  // In two processes: the two libraries register the same protobuf names.
  it.each([['tritonclient', 'triton_client.py'], ['kserve', 'kserve_client.py']] as const)('%s gets right answers', async (name, script) => {
    const { stdout } = await run(join(paths[`peer:${name}`], 'bin', 'python'), [resolve('test/clients', script), String(server.port), String(server.grpcPort)], { timeout: 120_000 });
    expect(stdout).toContain(`${name}: all answers are right`);
  });


  it.each([['tritonclient', 'triton_client.py'], ['kserve', 'kserve_client.py']] as const)('%s gets the same from a replica that answers the key of its gateway only, through the gateway of a station on a Swarm', async (name, script) => {
    const key = 'a-key-of-the-replicas';
    const replica = await startServingProcess(root, [], { API_KEY: key, SEALED_HOST: '127.0.0.1', SEALED_PORT: '0', SEALED_GRPC_PORT: '0' });
    const sealed = z.object({ port: z.number(), grpcPort: z.number() }).parse(replica.log().find(({ event }) => event === 'listening')?.['sealed']);
    await untilReady(replica);
    const gateway = await makeGateway({ store: makeConfigStore(null, JSON.stringify({ revision: 1, station: 'Line B', live: 'v1', targets: [{ id: 'v1', host: '127.0.0.1', httpPort: 1, key, replicas: [{ name: 'b', host: '127.0.0.1', httpPort: sealed.port, grpcPort: sealed.grpcPort, sealed: true }] }] })), key: null, log: () => undefined });
    try {
      const [http, grpc] = await Promise.all([gateway.http, gateway.grpc.server].map((listener) => new Promise<number>((done) => { listener.listen(0, '127.0.0.1', () => done((listener.address() as AddressInfo).port)); }))); // a server on a port has one
      const { stdout } = await run(join(paths[`peer:${name}`], 'bin', 'python'), [resolve('test/clients', script), String(http), String(grpc)], { timeout: 120_000 });
      expect(stdout).toContain(`${name}: all answers are right`);
    } finally {
      await gateway.drain();
      await replica.end();
      expect(await replica.ended).toEqual({ code: 0, signal: null });
    }
  }, 150_000);

  it('a client without our files learns over reflection how to ask', async () => {
    const { stdout } = await run(join(paths['peer:grpcreflection'], 'bin', 'python'), [resolve('test/clients/reflection_client.py'), String(server.grpcPort), 'id_fp32'], { timeout: 60_000 });
    expect(stdout).toContain('reflection: all answers are right');
  });

  // It asks for the model's configuration, and reads the server's statistics before and after each window.
  it.each(['http', 'grpc'] as const)('perf_analyzer measures over %s', async (protocol) => {
    const failures = async (): Promise<number> => {
      const statistics = await (await fetch(`${server.url}/v2/models/layer/stats`)).json() as { readonly model_stats: readonly { readonly inference_stats: { readonly fail: { readonly count: number } } }[] };
      return statistics.model_stats[0]!.inference_stats.fail.count;
    };
    const failedBefore = await failures(); // the clients before sent wrong requests on purpose
    const peer = paths['peer:perfanalyzer'];
    const [python] = readdirSync(join(peer, 'lib'));
    const csv = join(root, `perf-${protocol}.csv`);
    // It is linked against NVIDIA's runtime library, which it needs on machines without a GPU too. `-s` is how far windows may differ: this is no measurement.
    await run(join(peer, 'bin', 'perf_analyzer'), [
      '-m', 'layer', '-i', protocol, '-u', `127.0.0.1:${protocol === 'http' ? server.port : server.grpcPort}`, '--shape', 'x:2,4', '--concurrency-range', '1:16:15',
      '--measurement-mode', 'count_windows', '--measurement-request-count', '50', '-s', '999', '-f', csv,
    ], { timeout: 120_000, env: { ...process.env, LD_LIBRARY_PATH: join(peer, 'lib', python!, 'site-packages', 'nvidia', 'cuda_runtime', 'lib') } });
    const [head, ...rows] = readFileSync(csv, 'utf8').trim().split('\n').map((line) => line.split(','));
    expect(rows.map(([concurrency]) => concurrency)).toEqual(['1', '16']);
    for (const row of rows) for (const column of ['Inferences/Second', 'Server Compute Infer', 'p99 latency']) expect(Number(row[head!.indexOf(column)])).toBeGreaterThan(0);
    expect(await failures()).toBe(failedBefore);
  });
});
