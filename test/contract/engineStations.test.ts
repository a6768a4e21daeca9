// Another engine behind a station, for real: MLServer from its packages, in an image that comes as a tar file, deployed, watched, updated, rolled back, repaired and removed.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventOf } from '#shared/contract/index';
import type { ServingView } from '#shared/contract/serving';
import { liveVersion } from '#shared/liveVersion';
import { openSession } from '#services/inference/openSession';
import { mlServerImage, mlServerTag } from '#test/fakes/mlServerImage';
import { privateDocker, type PrivateDocker } from '#test/fakes/privateDocker';
import { stationCalls } from '#test/fakes/stationCalls';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';
import { testWorkers } from '#test/fakes/testWorkers';
import { askGrpc } from '#test/fakes/askGrpc';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { describeNeeding } from '../e2e/needs.ts';
import { runCli } from './runCli.ts';

const sampleModel = join(process.cwd(), 'resources', 'sample', 'lot-code-reader.onnx');
const station = 'Line 9';
/** Of its own: tests at other engines run at the same time, and while a station restarts its port is free for them. */
const ports = ['--port', '9109', '--grpc-port', '9110'];
const pixels = Array.from({ length: 784 }, (_, index) => ((index * 37) % 101) / 101);

interface Inspected {
  readonly Config: { readonly User: string };
  readonly NetworkSettings: { readonly Networks: Record<string, unknown> };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly CapDrop: string[]; readonly SecurityOpt: string[]; readonly Privileged: boolean; readonly Memory: number; readonly PortBindings: Record<string, unknown> | null; readonly Mounts: { readonly Type: string; readonly Target: string; readonly ReadOnly?: boolean }[] };
}

await describeNeeding('MLServer as the engine of a station', ['dockerd', 'parts', 'peer:mlserver'], ({ dockerd, parts, 'peer:mlserver': environment }) => {
  let docker: PrivateDocker;
  let test: TestHost;
  let image = '';
  const root = mkdtempSync(join(tmpdir(), 'millwright-engines-'));
  const dataDir = join(root, 'data');
  let restore = (): void => undefined;

  beforeAll(async () => {
    docker = privateDocker(dockerd);
    [image] = await Promise.all([mlServerImage(environment, join(root, 'image')), docker.start()]);
    restore = setEnvironment({ DOCKER_HOST: docker.host, MILLWRIGHT_PARTS: parts });
    test = openTestHost({ dataDir, workers: await testWorkers() });
  }, 180_000);
  afterAll(async () => {
    await test.close();
    await docker.close();
    restore();
    rmSync(root, { recursive: true, force: true });
  }, 120_000);

  const { run, stationId, view } = stationCalls(() => test, station);
  const modelContainer = async () => (await view()).containers.find(({ role, version }) => role === 'model' && version !== null)?.name ?? '';
  const leftovers = async () => ({
    containers: (await docker.api<{ Names: string[] }[]>('/containers/json?all=1')).length,
    volumes: ((await docker.api<{ Volumes: unknown[] | null }>('/volumes')).Volumes ?? []).length,
    networks: (await docker.api<{ Name: string }[]>('/networks')).filter(({ Name }) => !['bridge', 'host', 'none'].includes(Name)).length,
  });

  async function infer(port: number): Promise<{ readonly status: number; readonly version: string | null; readonly data: readonly number[] }> {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/models/lot-code-reader/infer`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, signal: AbortSignal.timeout(30_000),
      body: JSON.stringify({ inputs: [{ name: 'image', shape: [1, 1, 28, 28], datatype: 'FP32', data: pixels }] }),
    }).catch(() => null);
    if (answer?.status !== 200) { await answer?.arrayBuffer(); return { status: answer?.status ?? 0, version: null, data: [] }; }
    return { status: 200, version: answer.headers.get('x-millwright-version'), data: ((await answer.json()) as { readonly outputs: readonly { readonly data: number[] }[] }).outputs[0]?.data ?? [] };
  }

  /** Two clients that ask until the work is done and each was answered so often. */
  async function failuresDuring(port: number, least: number, work: () => Promise<unknown>): Promise<number> {
    let [asked, failed, working] = [0, 0, true];
    const client = async () => { while (working || asked < least) { asked++; if ((await infer(port)).status !== 200) failed++; } };
    const clients = [client(), client()];
    try { await work(); } finally { working = false; }
    await Promise.all(clients);
    return failed;
  }

  it('refuses at once what an engine cannot serve, and an image that is not there, and makes nothing', async () => {
    await expect(run('serving.deploy', { model: { path: sampleModel }, station, engine: 'torchserve' })).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining('.mar') as string, hint: expect.stringContaining('torch-model-archiver') as string });
    await expect(run('serving.deploy', { model: { path: sampleModel }, station, engine: 'tf-serving' })).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED', hint: expect.stringContaining('SavedModel') as string });
    const saved = join(root, 'saved');
    mkdirSync(saved);
    writeFileSync(join(saved, 'saved_model.pb'), '');
    await expect(run('serving.deploy', { model: { path: saved }, station })).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED', hint: 'Choose TensorFlow Serving for this model.' });
    await expect(run('serving.deploy', { model: { path: sampleModel }, station, engine: 'mlserver' })).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('no image of MLServer') as string, hint: expect.stringContaining('--engine-image') as string });
    await expect(run('serving.deploy', { model: { path: sampleModel }, station, engine: 'mlserver', engineImage: join(root, 'nothing.tar') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await leftovers()).toEqual({ containers: 0, volumes: 0, networks: 0 });
    expect(await test.host.call('stations.list', {})).toEqual([]);
  }, 120_000);

  it('takes an engine that does not come up back whole, with its last words', async () => {
    const archive = join(root, 'scale.mar');
    writeFileSync(archive, 'an archive');
    // The image of another engine, as a mistaken --engine-image would be.
    await run('images.load', { path: image });
    await expect(run('serving.deploy', { model: { path: archive }, station: 'Wrong', engine: 'torchserve', engineImage: mlServerTag, readyWithinMs: 60_000 })).rejects.toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringContaining('No module named \'ts\'') as string });
    expect(await leftovers()).toEqual({ containers: 0, volumes: 0, networks: 0 });
    expect(await test.host.call('serving.list', {})).toEqual([]);
  }, 120_000);

  it('deploys from the command line with an image file, and answers as the runtime does here', async () => {
    const { code, stdout, stderr } = await runCli(['deploy', sampleModel, '--station', station, '--engine', 'mlserver', '--engine-image', image, '--cpus', '1', ...ports, '--json'], { dataDir });
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    const told = JSON.parse(stdout) as ServingView;
    expect(told).toMatchObject({ state: 'serving', live: 'v1', versions: [{ engine: 'mlserver', imageTag: mlServerTag }] });
    const session = await openSession({ workers: await testWorkers() }, { path: sampleModel });
    try {
      const { outputs } = await session.run({ image: { type: 'float32', dims: [1, 1, 28, 28], data: Float32Array.from(pixels) } }, {});
      const here = Array.from(Object.values(outputs)[0]?.data as Float32Array);
      const { data } = await infer(told.port);
      expect(Math.max(...here.map((value, index) => Math.abs(value - (data[index] ?? Number.NaN))))).toBeLessThan(1e-5);
    } finally { await session.close(); }
  }, 180_000);

  it('hardens the container as far as the engine tolerates, and says in the view what it does not', async () => {
    const { Config, HostConfig, NetworkSettings } = await docker.api<Inspected>(`/containers/${await modelContainer()}/json`);
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Privileged: false, Mounts: [{ Type: 'volume', Target: '/mnt/models', ReadOnly: true }] });
    expect([Config.User, HostConfig.Memory > 2 ** 29, Object.keys(HostConfig.PortBindings ?? {}), Object.keys(NetworkSettings.Networks).length]).toEqual(['1000:1000', true, [], 1]);
    const notes = new Map(liveVersion(await view())?.notes.map(({ id, message }) => [id, message]));
    expect(notes.get('ENGINE_USER')).toContain('1000:1000');
    expect(notes.get('ENGINE_SCRATCH')).toContain('/tmp');
  });

  it('tells at deployment that the figures are reachable, and who listens where', async () => {
    const notes = liveVersion(await view())?.notes ?? [];
    expect(notes.filter(({ id }) => id === 'ENGINE_METRICS' || id === 'ENGINE_NO_METRICS')).toMatchObject([{ id: 'ENGINE_METRICS', message: expect.stringContaining('8082/metrics') as string }]);
    expect(notes.find(({ id }) => id === 'ENGINE_LISTENERS')).toMatchObject({ severity: 'info', message: expect.stringMatching(/ports 8080, 8081, 8082 .*127\.0\.0\.1, ports \d+ and \d+/) as string });
  });

  it('carries gRPC too, and lets nobody manage the engine at the station\'s address', async () => {
    const { port, grpcPort } = await view();
    expect(await isServerReady(grpcPort)).toBe(true);
    for (const path of ['/v2/repository/index', '/v2/%72epository/models/lot-code-reader/unload']) expect((await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: '{}' })).status).toBe(403);
    expect((await infer(port)).status).toBe(200);
  }, 30_000);

  it('shows the engine\'s own figures beside those of the gateway', async () => {
    const { port } = await view();
    const stop = new AbortController();
    const seen: EventOf<'serving.stats'>[] = [];
    const watching = test.host.call('serving.stats', { stationId: await stationId() }, { signal: stop.signal, onEvent: (event) => { seen.push(event); } }).catch((error: unknown) => { if (!stop.signal.aborted) throw error; });
    await until(async () => { await infer(port); return seen.some(({ engine, traffic }) => (engine?.requestsPerSec ?? 0) > 0 && (traffic?.requestsPerSec ?? 0) > 0); }, 'both tell of requests', 30_000);
    stop.abort();
    await watching;
    const told = seen.find(({ engine }) => (engine?.requestsPerSec ?? 0) > 0)?.engine;
    expect(told).toMatchObject({ engine: 'mlserver', failuresPerSec: 0 });
    expect(told?.meanMs).toBeGreaterThan(0);
  }, 60_000);

  it('updates to another version, to Millwright\'s own engine and back without a lost request', async () => {
    const { port } = await view();
    const id = await stationId();
    // Neither the engine nor its image has to be named again.
    expect(await failuresDuring(port, 50, () => run('serving.deploy', { model: { path: sampleModel }, stationId: id, cpus: 1 }))).toBe(0);
    expect(liveVersion(await view())).toMatchObject({ id: 'v2', engine: 'mlserver', imageTag: mlServerTag });
    expect(await failuresDuring(port, 50, () => run('serving.deploy', { model: { path: sampleModel }, stationId: id, engine: 'millwright' }))).toBe(0);
    expect(liveVersion(await view())).toMatchObject({ id: 'v3', engine: 'millwright', notes: [{ id: 'IMAGES_REFUSED' }] });
    expect(await failuresDuring(port, 50, () => run('serving.rollback', { stationId: id }))).toBe(0);
    expect([liveVersion(await view())?.engine, (await infer(port)).version]).toEqual(['mlserver', 'v2']);
    await expect(run('serving.deploy', { model: { path: sampleModel }, stationId: id, engine: 'torchserve' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('another protocol') as string });
  }, 240_000);

  it('restarts, and shows its log', async () => {
    const id = await stationId();
    expect(await run('serving.restart', { stationId: id })).toMatchObject({ state: 'serving', live: 'v2' });
    const lines: string[] = [];
    await test.host.call('serving.logs', { stationId: id, tail: 500, contains: 'mlserver' }, { onEvent: ({ line }) => { lines.push(line); } });
    expect(lines.length).toBeGreaterThan(0);
  }, 120_000);

  it('makes container and repository anew when someone removed them', async () => {
    const { port, live, containers } = await view();
    const name = containers.find(({ version }) => version === live)?.name ?? '';
    await docker.remove(`/containers/${name}?force=1`);
    await docker.remove(`/volumes/${name}`);
    expect((await infer(port)).status).not.toBe(200);
    const [put] = await run('serving.reconcile', { stationId: await stationId() });
    expect(put).toMatchObject({ state: 'serving', live });
    expect((await infer(port)).status).toBe(200);
  }, 120_000);

  it('removes the station and leaves nothing', async () => {
    await run('serving.remove', { stationId: await stationId() });
    expect(await leftovers()).toEqual({ containers: 0, volumes: 0, networks: 0 });
  }, 120_000);
});

/** ServerReady of the Open Inference Protocol. */
const isServerReady = async (port: number): Promise<boolean> => (await askGrpc(port, '/inference.GRPCInferenceService/ServerReady')) === true;
