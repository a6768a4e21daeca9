// Stations on a real Docker daemon: image, deploy, update and roll back under load, faults, a killed daemon, and removal that leaves nothing.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync, writeSync, closeSync } from 'node:fs';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { servingAdviceSchema, type ServingView } from '#shared/contract/serving';
import { versions } from '#host/versions';
import { planImage } from '#services/images/planImage';
import { strengthForRandom } from '#services/people/passwordHash';
import { openOsStore } from '#services/keystore/openOsStore';
import { securityFacts } from '#services/qualification/securityFacts';
import { changeDeployment, getDeployment } from '#services/stations/deployments';
import { openStore } from '#services/store/openStore';
import { openSession } from '#services/inference/openSession';
import { noWorkers, openTestHost, until, type TestHost } from '#test/fakes/testHost';
import { privateDocker, type PrivateDocker } from '#test/fakes/privateDocker';
import { stationCalls } from '#test/fakes/stationCalls';
import { testWorkers } from '#test/fakes/testWorkers';
import { askGrpc } from '#test/fakes/askGrpc';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { testCertificates } from '#test/fakes/testCertificates';
import { describeNeeding } from '../e2e/needs.ts';

const sampleModel = join(process.cwd(), 'resources', 'sample', 'lot-code-reader.onnx');
const station = 'Line 1';
const pixels = Array.from({ length: 784 }, (_, index) => ((index * 37) % 101) / 101);

interface Inspected { readonly Config: { readonly User: string }; readonly NetworkSettings: { readonly Networks: Record<string, { readonly NetworkID: string }> }; readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly CapDrop: string[]; readonly SecurityOpt: string[]; readonly PidsLimit: number; readonly Memory: number; readonly NanoCpus: number; readonly Privileged: boolean; readonly PortBindings: Record<string, { readonly HostIp: string }[]> | null; readonly Binds: string[] | null; readonly Mounts: { readonly Type: string; readonly ReadOnly?: boolean }[] } }

await describeNeeding('stations on Docker', ['dockerd', 'parts', 'openssl'], ({ dockerd, parts, openssl }) => {
  let docker: PrivateDocker;
  let test: TestHost;
  const root = mkdtempSync(join(tmpdir(), 'millwright-stations-'));
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let restore = (): void => undefined;

  beforeAll(async () => {
    docker = privateDocker(dockerd);
    await docker.start();
    restore = setEnvironment({ DOCKER_HOST: docker.host, MILLWRIGHT_PARTS: parts });
    test = openTestHost({ dataDir: join(root, 'data'), workers: await testWorkers() });
  }, 180_000);
  afterAll(async () => {
    await test.close();
    agent.destroy();
    await docker.close();
    restore();
    rmSync(root, { recursive: true, force: true });
  }, 120_000);

  const { run, stationId, view } = stationCalls(() => test, station);
  const everything = async () => ({
    containers: (await docker.api<{ Names: string[] }[]>('/containers/json?all=1')).map(({ Names }) => Names[0] ?? '').sort(),
    volumes: ((await docker.api<{ Volumes: { Name: string }[] | null }>('/volumes')).Volumes ?? []).map(({ Name }) => Name).sort(),
    networks: (await docker.api<{ Name: string }[]>('/networks')).map(({ Name }) => Name).filter((name) => !['bridge', 'host', 'none'].includes(name)).sort(),
  });

  function infer(port: number): Promise<{ readonly status: number; readonly data: readonly number[] }> {
    const body = JSON.stringify({ inputs: [{ name: 'image', shape: [1, 1, 28, 28], datatype: 'FP32', data: pixels }] });
    return new Promise((resolve) => {
      const sent = request({ host: '127.0.0.1', port, path: '/v2/models/lot-code-reader/infer', method: 'POST', agent, timeout: 30_000, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
        let text = '';
        response.on('data', (part: Buffer) => { text += part.toString(); });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, data: response.statusCode === 200 ? (JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data ?? [] : [] }));
      });
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => resolve({ status: 0, data: [] }));
      sent.end(body);
    });
  }

  /** The standard health service of gRPC. */
  const grpcHealth = async (port: number): Promise<string> => { const said = await askGrpc(port, '/grpc.health.v1.Health/Check'); return said === true ? 'SERVING' : said; };

  /** Four clients that ask until the work is done and so many requests are answered. */
  async function underLoad(port: number, least: number, work: () => Promise<unknown>): Promise<{ readonly answered: number; readonly failed: number }> {
    let [answered, failed, working] = [0, 0, true];
    const client = async () => { while (working || answered + failed < least) { if ((await infer(port)).status === 200) answered++; else failed++; } };
    const clients = Array.from({ length: 4 }, client);
    try { await work(); } finally { working = false; }
    await Promise.all(clients);
    return { answered, failed };
  }

  it('loads the image once, and an image file by its id', async () => {
    const built = await run('images.build', { outputPath: join(root, 'serving.tar') });
    expect(built.sizeBytes).toBeLessThan(70_000_000);
    const first = await run('images.load', { path: built.path });
    expect([first.imageId, first.alreadyThere, first.tag]).toEqual([built.imageId, false, built.tag]);
    expect(await run('images.load', { path: built.path })).toMatchObject({ imageId: built.imageId, alreadyThere: true });
    expect(await run('images.load', {})).toMatchObject({ imageId: built.imageId, alreadyThere: true });
  }, 120_000);

  it('tells a damaged image file, which the engine takes for a success', async () => {
    const built = await run('images.build', { outputPath: join(root, 'model.tar'), model: { path: sampleModel }, name: 'damaged' });
    const damaged = join(root, 'damaged.tar');
    copyFileSync(built.path, damaged);
    const [file, at, byte] = [openSync(damaged, 'r+'), statSync(damaged).size - 40_000, Buffer.alloc(1)];
    readSync(file, byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 1;
    writeSync(file, byte, 0, 1, at);
    closeSync(file);
    await expect(run('images.load', { path: damaged })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('damaged') as string });
    expect((await docker.api<{ RepoTags: string[] }[]>('/images/json')).flatMap(({ RepoTags }) => RepoTags)).not.toContain(built.tag);
  }, 120_000);

  it('leaves nothing of a station whose port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(run('serving.deploy', { model: { path: sampleModel }, station: 'Taken', port })).rejects.toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) as string });
    server.close();
    expect(await everything()).toEqual({ containers: [], volumes: [], networks: [] });
    expect(await test.host.call('serving.list', {})).toEqual([]);
  }, 60_000);

  it('says why GPUs are refused, and leaves nothing', async () => {
    await expect(run('serving.deploy', { model: { path: sampleModel }, station: 'GPU', gpus: true })).rejects.toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringContaining('no driver for GPUs') as string, hint: expect.stringContaining('--gpus') as string });
    expect(await everything()).toEqual({ containers: [], volumes: [], networks: [] });
  }, 60_000);

  it('takes an image of ours with CUDA by its label, and no other', async () => {
    const { tag } = await run('images.load', {});
    await expect(run('serving.deploy', { model: { path: sampleModel }, station: 'Other image', image: tag ?? '' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('lacks the label org.millwright.variant=cuda') as string, hint: expect.stringContaining('image recipe --cuda') as string });
    // What a builder would bring, without the libraries: the same program under the label.
    await docker.post('/containers/create?name=labelled', { Image: tag });
    await docker.post('/commit?container=labelled&repo=millwright/serving-cuda&tag=test&changes=LABEL%20org.millwright.variant%3Dcuda%20org.opencontainers.image.version%3D0.0.1');
    await docker.remove('/containers/labelled');
    const deployed = await run('serving.deploy', { model: { path: sampleModel }, station: 'Other image', image: 'millwright/serving-cuda:test' });
    expect(deployed).toMatchObject({ state: 'serving', versions: [{ imageTag: 'millwright/serving-cuda:test', notes: [{ id: 'IMAGE_OTHER_VERSION', severity: 'warning' }, { id: 'IMAGES_REFUSED', severity: 'info' }] }] });
    expect((await infer(deployed.port)).status).toBe(200);
    await run('serving.remove', { stationId: deployed.stationId });
    await test.host.call('stations.remove', { id: deployed.stationId });
    await docker.remove('/images/millwright/serving-cuda:test');
    expect(await everything()).toEqual({ containers: [], volumes: [], networks: [] });
  }, 90_000);

  it('deploys the sample, and its answers are those of the runtime in this process', async () => {
    const deployed = await run('serving.deploy', { model: { path: sampleModel }, station });
    expect(deployed).toMatchObject({ state: 'serving', live: 'v1', previous: null });
    const answer = await infer(deployed.port);
    expect(answer.status).toBe(200);
    expect(await grpcHealth(deployed.grpcPort)).toBe('SERVING');
    const session = await openSession(test.host.services, { path: sampleModel });
    const { outputs } = await session.run({ image: { type: 'float32', dims: [1, 1, 28, 28], data: Float32Array.from(pixels) } });
    await session.close();
    const expected = Object.values(outputs)[0]?.data ?? [];
    expect(answer.data.length).toBe(expected.length);
    for (const [index, value] of answer.data.entries()) expect(Math.abs(value - Number(expected[index]))).toBeLessThan(1e-5);
  }, 90_000);

  it('hardens both containers, keeps the model off every other network, and publishes on loopback only', async () => {
    const { containers } = await view();
    const inspected = await Promise.all(containers.map(async ({ name, role }) => ({ role, ...(await docker.api<Inspected>(`/containers/${name}/json`)) })));
    for (const { Config, HostConfig } of inspected) {
      expect(Config.User).toBe('65532:65532');
      expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Privileged: false, Binds: null });
      expect([HostConfig.PidsLimit > 0, HostConfig.Memory > 0]).toEqual([true, true]);
    }
    const model = inspected.find(({ role }) => role === 'model');
    const networks = Object.values(model?.NetworkSettings.Networks ?? {});
    expect(networks).toHaveLength(1);
    expect((await docker.api<{ Internal: boolean }>(`/networks/${networks[0]?.NetworkID ?? ''}`)).Internal).toBe(true);
    expect([model?.HostConfig.PortBindings ?? {}, model?.HostConfig.Mounts.every(({ ReadOnly }) => ReadOnly === true), (model?.HostConfig.NanoCpus ?? 0) > 0]).toEqual([{}, true, true]);
    const bindings = Object.values(inspected.find(({ role }) => role === 'gateway')?.HostConfig.PortBindings ?? {}).flat();
    expect(bindings.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('a report tells of the containers what the engine says, who listens in them, and the SBOM that lies in them', async () => {
    const [clock, resourcesDir] = [Date.now, join(process.cwd(), 'resources')];
    const store = openStore(test.dataDir, { clock, log: test.log });
    const facts = await securityFacts({ dataDir: test.dataDir, resourcesDir, programDir: null, version: versions.app, clock, store, log: test.log, passwordStrength: strengthForRandom, osStore: openOsStore(() => Promise.reject(new Error('no key store')), { forNewKeys: false }), workers: noWorkers }, { stationId: await stationId(), egress: null, signal: new AbortController().signal });
    const { gatewayKey } = getDeployment({ store, clock }, await stationId());
    store.close();
    expect([facts.containersMissing, facts.imageBomMissing]).toEqual([null, null]);
    expect(facts.access).toEqual({ address: expect.stringMatching(/^http:/) as string, clients: null, certificate: null });
    const [gateway, model] = ['gateway', 'model'].map((role) => facts.containers.find((container) => container.role === role));
    const hardened = { user: expect.stringMatching(/^65532/) as string, privileged: false, capabilitiesAdded: [], capabilitiesDropped: ['ALL'], noNewPrivileges: true, readOnlyRoot: true };
    expect(model).toMatchObject({ ...hardened, published: [], networks: [{ internal: true }], imageId: expect.stringMatching(/^sha256:/) as string });
    expect(gateway).toMatchObject({ ...hardened, published: [expect.stringMatching(/^127\.0\.0\.1:\d+ to \d+\/tcp$/) as string, expect.any(String) as string] });
    for (const container of [gateway, model]) expect([container?.listening?.includes(8080), (container?.memoryBytes ?? 0) > 0, (container?.pids ?? 0) > 0]).toEqual([true, true, true]);
    expect(facts.imageBom).toMatchObject({ deployed: true, imageId: model?.imageId });
    expect(facts.imageBom?.sha256).toBe(createHash('sha256').update((await planImage({ resourcesDir, version: versions.app })).bom).digest('hex'));
    expect(JSON.stringify(facts)).not.toContain(gatewayKey);
  }, 60_000);

  it('updates and rolls back under load without a lost request', async () => {
    const { port } = await view();
    const updated = await underLoad(port, 3000, () => run('serving.deploy', { model: { path: sampleModel }, station, cpus: 1 }));
    expect(await view()).toMatchObject({ state: 'serving', live: 'v2', previous: 'v1', candidate: null });
    const rolledBack = await underLoad(port, 3000, async () => run('serving.rollback', { stationId: await stationId() }));
    expect(await view()).toMatchObject({ state: 'serving', live: 'v1', previous: 'v2', candidate: null });
    expect([updated.failed, rolledBack.failed, updated.answered + rolledBack.answered >= 5000]).toEqual([0, 0, true]);
  }, 240_000);

  it('withdraws a version that never answers, while the live one serves on', async () => {
    const { port } = await view();
    const outcome = { error: null as unknown };
    const { failed } = await underLoad(port, 1, async () => { outcome.error = await run('serving.deploy', { model: { path: sampleModel }, station, memoryBytes: 24 * 1024 ** 2, readyWithinMs: 20_000 }).catch((error: unknown) => error); });
    expect(outcome.error).toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringMatching(/does not serve: it (needs more memory|ended)/) as string });
    expect(failed).toBe(0);
    const after = await view();
    expect(after).toMatchObject({ state: 'serving', live: 'v1', previous: 'v2', candidate: null });
    expect(after.containers.map(({ version }) => version)).toEqual([null, 'v1', 'v2']);
  }, 120_000);

  it('shows its log and what it uses', async () => {
    const lines: string[] = [];
    await test.host.call('serving.logs', { stationId: await stationId(), tail: 500, contains: 'READY' }, { onEvent: ({ line }) => { lines.push(line); } });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => line.toLowerCase().includes('ready'))).toBe(true);
    const stop = new AbortController();
    const usage = await new Promise<number>((resolve, reject) => {
      void stationId().then((id) => test.host.call('serving.stats', { stationId: id }, { signal: stop.signal, onEvent: ({ containers }) => { const model = containers.find(({ version }) => version === 'v1'); if (model && model.cpuPercent !== null) resolve(model.memoryBytes); } })).catch((error: unknown) => { if (!stop.signal.aborted) reject(error); });
    });
    stop.abort();
    expect(usage).toBeGreaterThan(10 * 1024 ** 2);
    expect(usage).toBeLessThan(200 * 1024 ** 2);
  }, 60_000);

  it('stops and starts', async () => {
    const { port } = await view();
    expect(await run('serving.stop', { stationId: await stationId() })).toMatchObject({ state: 'stopped' });
    expect((await infer(port)).status).toBe(0);
    expect(await run('serving.start', { stationId: await stationId() })).toMatchObject({ state: 'serving', port });
    expect((await infer(port)).status).toBe(200);
  }, 120_000);

  it('serves as it was measured for the model and so many processors, and not before', async () => {
    const model = { path: sampleModel };
    const tuned = { model, station: 'Measured', cpus: 2, measured: true };
    await expect(run('serving.deploy', tuned)).rejects.toMatchObject({ code: 'BAD_INPUT', hint: expect.stringContaining('millwright advise FILE --cpus 2') as string });
    const advice = await run('serving.advise', { model, cpus: 2, durationS: 0.3 });
    expect(advice.points.map(({ instances, threads, batch }) => [instances, threads, batch])).toEqual(expect.arrayContaining([[2, 1, 1], [1, 2, 1]]));
    expect(advice.points.every(({ samplesPerSec, p99Ms }) => samplesPerSec > 0 && p99Ms > 0)).toBe(true);
    expect(await test.host.call('serving.advice', { model })).toEqual([advice]);
    // Whatever this machine says: a place that differs from the default in all it can.
    const chosen = { instances: 2, threads: 1, maxBatch: 4, maxDelayMs: 1.5 };
    test.host.services.store.collection('benchmarks', servingAdviceSchema).put({ ...advice, chosen });
    const deployed = await run('serving.deploy', tuned);
    expect(deployed).toMatchObject({ state: 'serving', versions: [{ tuning: chosen }] });
    expect(await (await fetch(`${deployed.address}/v2/models/lot-code-reader/config`)).json()).toMatchObject({ max_batch_size: 4, dynamic_batching: { max_queue_delay_microseconds: 1500 }, instance_group: [{ count: 2 }] });
    expect((await Promise.all(Array.from({ length: 8 }, () => infer(deployed.port)))).map(({ status }) => status)).toEqual(Array(8).fill(200));
    await run('serving.remove', { stationId: deployed.stationId });
    await test.host.call('stations.remove', { id: deployed.stationId });
  }, 120_000);

  it('refuses a second change at the same time', async () => {
    const id = await stationId();
    const first = run('serving.restart', { stationId: id });
    await until(async () => (await view()).operation === 'restart', 'the restart has begun');
    await expect(run('serving.stop', { stationId: id })).rejects.toMatchObject({ code: 'BUSY' });
    await first;
  }, 120_000);

  it('gives a station whose gateway is of an earlier release the one of this when it is restarted, or started after a stop', async () => {
    const id = await stationId();
    const { gatewayImageId: own, slug } = getDeployment(test.host.services, id);
    const gateway = `${slug}-gateway`;
    const imageNow = async () => (await docker.api<{ Image: string }>(`/containers/${gateway}/json`)).Image;
    const { Id: earlier } = z.object({ Id: z.string() }).parse(await docker.post(`/commit?container=${gateway}&repo=earlier-release`));
    changeDeployment(test.host.services, id, { gatewayImageId: earlier, gatewaySeals: false });
    await run('serving.reconcile', {});
    expect([earlier === own, await imageNow()]).toEqual([false, earlier]);
    const { state, port } = await run('serving.restart', { stationId: id });
    expect([state, await imageNow(), getDeployment(test.host.services, id).gatewaySeals, (await infer(port)).status]).toEqual(['serving', own, true, 200]);
    expect([...test.host.services.store.audit.all()].at(-1)).toMatchObject({ action: 'station.restarted', detail: { old: { gateway: earlier }, new: { gateway: own } } });
    changeDeployment(test.host.services, id, { gatewayImageId: earlier, gatewaySeals: false });
    await run('serving.stop', { stationId: id });
    expect([(await run('serving.start', { stationId: id })).state, await imageNow(), (await infer(port)).status]).toEqual(['serving', own, 200]);
    await docker.remove(`/images/${earlier}?force=1`);
  }, 120_000);

  it('does not let a station go while it has containers', async () => {
    await expect(test.host.call('stations.remove', { id: await stationId() })).rejects.toMatchObject({ code: 'BUSY' });
  });

  it('puts the station right by itself after the daemon was killed, and no stream hangs', async () => {
    await test.close();
    test = openTestHost({ dataDir: join(root, 'data'), workers: await testWorkers(), supervise: true });
    const { port } = await view();
    const stop = new AbortController();
    const followed: string[] = [];
    const following = test.host.call('serving.logs', { stationId: await stationId(), follow: true, tail: 1 }, { signal: stop.signal, onEvent: ({ line }) => { followed.push(line); } }).catch((error: unknown) => { if (!stop.signal.aborted) throw error; });
    await until(() => followed.length > 0, 'the log is followed', 20_000);
    await docker.kill();
    followed.length = 0;
    expect(await view()).toMatchObject({ state: 'unknown', reason: expect.stringContaining('not running') as string });
    await expect(run('serving.restart', { stationId: await stationId() })).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE' });
    await docker.start();
    await until(async () => (await view()).state === 'serving', 'the station serves again', 60_000);
    expect((await infer(port)).status).toBe(200);
    await until(() => followed.length > 0, 'the log is followed again', 20_000);
    stop.abort();
    await following;
  }, 180_000);

  it('brings back a container that someone killed or removed', async () => {
    const { containers, port } = await view();
    const model = containers.find(({ version }) => version === 'v1')?.name ?? '';
    const startedAt = async () => (await docker.api<{ State: { StartedAt: string; Running: boolean } }>(`/containers/${model}/json`)).State;
    const first = await startedAt();
    await docker.post(`/containers/${model}/kill`);
    await until(async () => { const { StartedAt, Running } = await startedAt(); return Running && StartedAt !== first.StartedAt; }, 'the killed container runs again', 20_000);
    await until(async () => (await view()).state === 'serving' && (await infer(port)).status === 200, 'the killed container is back', 60_000);
  }, 90_000);

  it('tries a version as a shadow and as a canary, withdraws one and promotes one without a lost request', async () => {
    const [id, { port, live }] = [await stationId(), await view()];
    const model = { path: sampleModel };
    const shadowed = await run('serving.deploy', { model, station, trial: { kind: 'shadow', percent: 100 } });
    expect(shadowed).toMatchObject({ live, trial: { kind: 'shadow', percent: 100 } });
    // Copies are left out while four are under way, so that a fast client goes on asking until enough were compared.
    await until(async () => { expect((await infer(port)).status).toBe(200); return ((await view()).shadow?.same ?? 0) >= 5; }, 'the shadow answered the same', 20_000);
    expect((await view()).shadow).toMatchObject({ different: 0, decisionsChanged: 0 });
    await expect(run('serving.deploy', { model, station })).rejects.toMatchObject({ code: 'BUSY' });
    expect(await run('serving.rollback', { stationId: id })).toMatchObject({ live, candidate: null, trial: null });

    const tried = await run('serving.deploy', { model, station, trial: { kind: 'canary', percent: 50 } });
    const canary = tried.candidate ?? '';
    const { failed } = await underLoad(port, 100, () => Promise.resolve());
    const traffic = new Map((await view()).traffic.map(({ version, answered }) => [version, answered]));
    expect([failed, (traffic.get(canary) ?? 0) >= 40, (traffic.get(live) ?? 0) >= 40]).toEqual([0, true, true]);
    expect(await run('serving.split', { stationId: id, trial: { kind: 'canary', percent: 0 } })).toMatchObject({ candidate: canary, trial: { percent: 0 } });
    const promoted = await underLoad(port, 100, () => run('serving.promote', { stationId: id }));
    expect(promoted.failed).toBe(0);
    expect(await view()).toMatchObject({ state: 'serving', live: canary, previous: live, candidate: null, trial: null });
  }, 120_000);

  it('records what clients ask, asks a version on trial again, and saves it for other tools', async () => {
    const [id, { port, live }] = [await stationId(), await view()];
    await infer(port);
    expect(await test.host.call('serving.records', { stationId: id })).toEqual([]);
    expect(await run('serving.record', { stationId: id, recorder: { entries: 10, percent: 100 } })).toMatchObject({ state: 'serving', recorder: { entries: 10, held: { kept: 0, seen: 0 } } });
    for (let i = 0; i < 12; i++) expect((await infer(port)).status).toBe(200);
    const records = await test.host.call('serving.records', { stationId: id });
    expect(records.map(({ status, version, whole }) => [status, version, whole])).toEqual(Array.from({ length: 10 }, () => [200, live, true]));
    const shown = await test.host.call('serving.recorded', { stationId: id, seq: records[0]?.seq ?? 0 });
    expect(shown.question).toMatch(/^\{"inputs":\[\{"name":"image".*… \([\d,]+ characters\)$/);
    expect(JSON.parse(shown.answer ?? '')).toMatchObject({ model_name: 'lot-code-reader' });

    const tried = await run('serving.deploy', { model: { path: sampleModel }, station, trial: { kind: 'shadow', percent: 0 } });
    expect(await run('serving.replay', { stationId: id })).toMatchObject({ version: tried.candidate, live, asked: 10, same: 10, different: 0, decisionsChanged: 0, failed: 0, skipped: 0 });
    await expect(run('serving.replay', { stationId: id, version: 'v1' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('v1') as string });
    await run('serving.rollback', { stationId: id });

    const path = join(root, 'incident.har');
    expect(await run('serving.saveRecords', { stationId: id, path })).toMatchObject({ path, records: 10, gone: 0 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { log } = z.object({ log: z.object({ version: z.literal('1.2'), entries: z.array(z.object({ startedDateTime: z.iso.datetime(), request: z.object({ method: z.literal('POST'), url: z.string(), postData: z.object({ text: z.string() }) }), response: z.object({ status: z.literal(200), content: z.object({ text: z.string() }) }) })) }) }).parse(JSON.parse(readFileSync(path, 'utf8')));
    expect(log.entries.map(({ request: { url } }) => url)).toEqual(records.map(({ path: asked }) => `http://127.0.0.1:${port}${asked}`));
    expect(JSON.parse(log.entries[0]?.request.postData.text ?? '')).toMatchObject({ inputs: [{ name: 'image', shape: [1, 1, 28, 28] }] });
    await expect(run('serving.saveRecords', { stationId: id, path })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });

    // Nothing stays once it is off.
    expect(await run('serving.record', { stationId: id, recorder: null })).toMatchObject({ recorder: null });
    await run('serving.record', { stationId: id, recorder: { entries: 10, percent: 100 } });
    expect(await test.host.call('serving.records', { stationId: id })).toEqual([]);
    await expect(run('serving.replay', { stationId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await run('serving.record', { stationId: id, recorder: null });
    expect((await test.host.call('audit.show', { limit: 20 })).entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['station.recorder', 'station.recordingSaved']));
  }, 120_000);

  it('lets clients in by their keys and encrypts the address, also with a gateway that was made anew', async () => {
    const [id, { port, grpcPort }] = [await stationId(), await view()];
    const made = testCertificates(openssl, mkdtempSync(join(root, 'certificates-')));
    const askWith = (secure: boolean, key: string | null) => new Promise<number>((resolve) => {
      const body = JSON.stringify({ inputs: [{ name: 'image', shape: [1, 1, 28, 28], datatype: 'FP32', data: pixels }] });
      const question = { host: '127.0.0.1', port, path: '/v2/models/lot-code-reader/infer', method: 'POST', agent: false, timeout: 30_000, headers: { 'content-length': Buffer.byteLength(body), ...(key === null ? {} : { authorization: `Bearer ${key}` }) } } as const;
      const answered = (response: IncomingMessage) => { response.resume().on('end', () => resolve(response.statusCode ?? 0)); };
      const sent = secure ? requestSecurely({ ...question, ca: readFileSync(made.ca) }, answered) : request(question, answered);
      sent.on('timeout', () => sent.destroy()).on('error', () => resolve(0));
      sent.end(body);
    });
    const plainly = (key: string | null) => askWith(false, key), securely = (key: string | null) => askWith(true, key);

    const { key, serving } = await test.host.call('serving.admit', { stationId: id, client: 'camera' });
    expect(serving).toMatchObject({ state: 'serving', clients: [{ name: 'camera', asked: 0, lastAt: null }], tls: null });
    expect([await plainly(null), await plainly(key), await plainly(`${key}x`)]).toEqual([401, 200, 401]);
    expect(await view()).toMatchObject({ state: 'serving', clients: [{ name: 'camera', asked: 1 }], refused: { count: 2 } });
    await expect(test.host.call('serving.admit', { stationId: id, client: 'Camera' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await grpcHealth(grpcPort)).toBe('SERVING');

    await expect(run('serving.encrypt', { stationId: id, tls: { certPath: made.server.cert, keyPath: made.client.key } })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('is not that of the certificate') as string });
    expect(await run('serving.encrypt', { stationId: id, tls: { certPath: made.server.cert, keyPath: made.server.key } })).toMatchObject({ address: `https://127.0.0.1:${port}`, tls: { subject: 'server', fitsAddress: true, clientCertificates: false } });
    expect([await securely(key), await securely(null), await plainly(key)]).toEqual([200, 401, 426]);
    // The console goes on as before: it starts a version, asks whether it is ready, and withdraws it.
    expect(await run('serving.deploy', { model: { path: sampleModel }, station, trial: { kind: 'shadow', percent: 100 } })).toMatchObject({ state: 'serving' });
    expect(await securely(key)).toBe(200);
    await run('serving.rollback', { stationId: id });

    // Another station that asks for keys from its first moment on.
    await expect(run('serving.deploy', { model: { path: sampleModel }, station, closed: true })).rejects.toMatchObject({ code: 'BAD_INPUT', hint: expect.stringContaining('station admit') as string });
    const closed = await run('serving.deploy', { model: { path: sampleModel }, station: 'Closed', closed: true });
    expect([closed.state, closed.clients, (await infer(closed.port)).status]).toEqual(['serving', [], 401]);
    await run('serving.remove', { stationId: closed.stationId });
    await test.host.call('stations.remove', { id: closed.stationId });

    const gateway = (await view()).containers.find(({ role }) => role === 'gateway')?.name ?? '';
    await docker.remove(`/containers/${gateway}?force=1`);
    await docker.remove(`/volumes/${gateway}`);
    await run('serving.reconcile', { stationId: id }).catch(() => []); // the supervisor of this host may have been faster
    await until(async () => await securely(key) === 200, 'the new gateway has its certificate', 60_000);
    expect([await securely(null), await plainly(key)]).toEqual([401, 426]);
    expect(JSON.stringify(await docker.api(`/containers/${gateway}/json`))).not.toContain('PRIVATE KEY');

    await until(async () => (await view()).operation === null, 'nobody changes it', 20_000);
    expect(await test.host.call('serving.dismiss', { stationId: id, client: 'CAMERA' })).toMatchObject({ clients: [] });
    expect(await securely(key)).toBe(401);
    expect(await test.host.call('serving.dismiss', { stationId: id, client: null })).toMatchObject({ clients: null });
    expect(await run('serving.encrypt', { stationId: id, tls: null })).toMatchObject({ tls: null, address: `http://127.0.0.1:${port}` });
    expect((await infer(port)).status).toBe(200);
    const { entries } = await test.host.call('audit.show', { limit: 50 });
    expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['station.clientAdmitted', 'station.encrypted', 'station.clientDismissed', 'station.opened', 'station.decrypted']));
    expect(JSON.stringify([entries, await test.host.call('jobs.list', {})])).not.toMatch(new RegExp(`${key}|PRIVATE KEY`));
  }, 180_000);

  it('stops for acceptance, says why to clients and people, and goes on when it is lifted', async () => {
    const [id, { port }] = [await stationId(), await view()];
    expect(await run('serving.hold', { stationId: id, reason: 'The challenge failed' })).toMatchObject({ state: 'degraded', hold: { reason: 'The challenge failed' }, reason: expect.stringContaining('The challenge failed') as string });
    expect((await infer(port)).status).toBe(503);
    expect(await run('serving.hold', { stationId: id, reason: null })).toMatchObject({ state: 'serving', hold: null });
    expect((await infer(port)).status).toBe(200);
  }, 60_000);

  it('withdraws a version that a crash left half-way, and keeps the one to go back to', async () => {
    const { services } = test.host;
    const [{ stationId: id, live, previous, port }, { versions, revision }] = [await view(), getDeployment(services, await stationId())];
    const last = versions.at(-1);
    if (!last) throw new Error('the station has no version');
    // What a process leaves that ends in the middle of an update: a candidate, and nobody's lease.
    changeDeployment(services, id, { candidate: 'v99', versions: [...versions, { ...last, id: 'v99', number: 99 }], revision: revision + 1 });
    const [put] = await run('serving.reconcile', { stationId: id }).catch((): ServingView[] => []); // the supervisor of this host may have been faster
    expect(put?.candidate ?? null).toBeNull();
    await until(async () => (await view()).candidate === null, 'the candidate is withdrawn', 20_000);
    expect(await view()).toMatchObject({ state: 'serving', live, previous });
    expect((await everything()).containers.filter((name) => name.endsWith('-v99'))).toEqual([]);
    expect((await infer(port)).status).toBe(200);
  }, 60_000);

  it('removes a station and leaves nothing', async () => {
    const id = await stationId();
    expect((await run('serving.remove', { stationId: id })).removed.length).toBeGreaterThan(4);
    expect(await everything()).toEqual({ containers: [], volumes: [], networks: [] });
    await test.host.call('stations.remove', { id });
    expect(await test.host.call('serving.list', {})).toEqual([]);
  }, 90_000);
});
