// A station on a Swarm of two real engines: deploy, update, roll back and renew under load, a drained node, a node that is lost, and removal that leaves nothing on either.
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InputOf } from '#shared/contract/index';
import { askGrpc } from '#test/fakes/askGrpc';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';
import { privateSwarm, type PrivateSwarm } from '#test/fakes/privateSwarm';
import type { PrivateDocker } from '#test/fakes/privateDocker';
import { stationCalls } from '#test/fakes/stationCalls';
import { testWorkers } from '#test/fakes/testWorkers';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { forward } from '#serving/gateway/forward';
import { openUpstreams } from '#serving/sealed';
import { describeNeeding } from '../e2e/needs.ts';
import { runCli } from '../contract/runCli.ts';

const sampleModel = join(process.cwd(), 'resources', 'sample', 'lot-code-reader.onnx');
const station = 'Line B';
const pixels = Array.from({ length: 784 }, (_, index) => ((index * 37) % 101) / 101);

interface Container { readonly Id: string; readonly Labels: Record<string, string>; readonly State: string }
interface Inspected { readonly Config: { readonly User: string; readonly Env: string[] }; readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly CapDrop: string[]; readonly PidsLimit: number; readonly Memory: number; readonly NanoCpus: number; readonly Privileged: boolean; readonly Binds: string[] | null; readonly Tmpfs: Record<string, string> | null; readonly Mounts: { readonly Type: string }[] } }

await describeNeeding('a station on a Swarm', ['dockerd', 'parts', 'netns'], ({ dockerd, parts }) => {
  let swarm: PrivateSwarm;
  let test: TestHost;
  const root = mkdtempSync(join(tmpdir(), 'millwright-swarm-'));
  let restore = (): void => undefined;
  let nodes: string[] = [];

  beforeAll(async () => {
    swarm = await privateSwarm(dockerd);
    nodes = [swarm.worker.host];
    restore = setEnvironment({ DOCKER_HOST: swarm.manager.host, MILLWRIGHT_PARTS: parts });
    test = openTestHost({ dataDir: join(root, 'data'), workers: await testWorkers() });
  }, 180_000);
  afterAll(async () => {
    await test.close();
    await swarm.close();
    restore();
    rmSync(root, { recursive: true, force: true });
  }, 120_000);

  const { run, stationId, view } = stationCalls(() => test, station);
  const deploy = (more: Partial<InputOf<'serving.deploy'>> = {}) => run('serving.deploy', { model: { path: sampleModel }, station, cpus: 1, ...more });
  const replicasOn = async (docker: PrivateDocker) => (await docker.api<Container[]>('/containers/json?all=1')).filter(({ Labels }) => Labels['com.docker.swarm.service.name'] !== undefined);
  const answersOn = async () => (await view()).swarm?.nodes.filter(({ answers }) => answers).map(({ name }) => name).sort() ?? [];

  /** The status, or what became of the connection. */
  function infer(port: number, { headers = {}, host = '127.0.0.1', agent = false }: { readonly headers?: Readonly<Record<string, string>>; readonly host?: string; readonly agent?: Agent | false } = {}): Promise<number | string> {
    const body = JSON.stringify({ inputs: [{ name: 'image', shape: [1, 1, 28, 28], datatype: 'FP32', data: pixels }] });
    return new Promise((resolve) => {
      const sent = request({ host, port, path: '/v2/models/lot-code-reader/infer', method: 'POST', agent, timeout: 30_000, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('timeout', () => sent.destroy());
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      sent.end(body);
    });
  }

  /** Four clients that ask until the work is done and so many requests are answered; `failed` says how each of the others ended. */
  async function underLoad(least: number, work: () => Promise<unknown>): Promise<{ readonly answered: number; readonly failed: readonly (number | string)[] }> {
    const { port } = await view();
    // Its own connections: those to a gateway that was made anew meanwhile are dead.
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const failed: (number | string)[] = [];
    let [answered, working] = [0, true];
    const clients = Array.from({ length: 4 }, async () => {
      while (working || answered + failed.length < least) {
        const ended = await infer(port, { agent });
        if (ended === 200) answered++; else failed.push(ended);
      }
    });
    try { await work(); } finally { working = false; }
    await Promise.all(clients);
    agent.destroy();
    return { answered, failed };
  }

  it('says to a worker who the managers are, and what belongs to a Swarm only', async () => {
    const undo = setEnvironment({ DOCKER_HOST: swarm.worker.host });
    try { await expect(deploy({ target: 'swarm' })).rejects.toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringContaining('10.99.71.1') as string, hint: expect.stringContaining('docker node promote') as string }); } finally { undo(); }
    await expect(deploy({ target: 'docker', replicas: 2 })).rejects.toMatchObject({ code: 'BAD_INPUT', hint: expect.stringContaining('--target swarm') as string });
    expect(await test.host.call('serving.list', {})).toEqual([]);
  }, 60_000);

  it('deploys to the nodes whose engines are named, and names the one that is not', async () => {
    const alone = await deploy({ target: 'swarm' });
    expect(alone).toMatchObject({ state: 'serving', swarm: { replicas: 1, ready: 1 } });
    expect(alone.versions.at(-1)?.notes).toContainEqual(expect.objectContaining({ id: 'SWARM_NODE_UNUSED', place: 'line-b-2', remedy: expect.stringContaining('--nodes') as string }));
    await expect(deploy({ replicas: 2 })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('line-b-1') as string });
    const both = await deploy({ nodes, replicas: 2 });
    expect(both).toMatchObject({ state: 'serving', live: 'v2', previous: 'v1', swarm: { replicas: 2, ready: 2 } });
    expect(await answersOn()).toEqual(['line-b-1', 'line-b-2']);
    await until(async () => (await replicasOn(swarm.worker)).filter(({ State }) => State === 'running').length === 1, 'the version before has ended there', 60_000);
    expect(both.containers.flatMap(({ node }) => node ?? []).sort()).toEqual(['line-b-1', 'line-b-2']);
    expect(await infer(both.port)).toBe(200);
  }, 180_000);

  it('hardens the replicas, whose open ports answer only the gateway', async () => {
    const [container] = (await replicasOn(swarm.worker)).filter(({ State }) => State === 'running');
    const { Config, HostConfig } = await swarm.worker.api<Inspected>(`/containers/${container?.Id ?? ''}/json`);
    expect(Config.User).toBe('65532:65532');
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], Privileged: false, Binds: null });
    expect([HostConfig.Memory > 0, HostConfig.NanoCpus, HostConfig.PidsLimit, HostConfig.Mounts.map(({ Type }) => Type)]).toEqual([true, 1e9, 512, ['tmpfs']]);
    const services = await swarm.manager.api<{ Spec: { EndpointSpec: { Ports: { PublishedPort: number }[] }; Labels: Record<string, string> } }[]>('/services');
    const port = services.find(({ Spec }) => Spec.Labels['org.millwright.version'] === 'v2')?.Spec.EndpointSpec.Ports[0]?.PublishedPort ?? 0;
    const key = Config.Env.find((line) => line.startsWith('API_KEY='))?.slice('API_KEY='.length) ?? '';
    // Plain, the key helps nobody; sealed with it, the replica answers; sealed with another, it does not.
    expect(await infer(port, { host: '10.99.71.2', headers: { authorization: `Bearer ${key}` } })).toBe('ECONNRESET');
    const upstreams = openUpstreams({ maxSockets: 2, maxFreeSockets: 2 });
    const sealedWith = (seal: string) => forward({ host: '10.99.71.2', httpPort: port, seal }, { method: 'GET', path: '/v2/models/lot-code-reader', headers: { authorization: `Bearer ${key}` }, body: Buffer.alloc(0) }, { upstreams, timeoutMs: 10_000, signal: new AbortController().signal });
    const answered = await sealedWith(key);
    expect([answered.kind === 'answered' ? answered.response.statusCode : answered, (await sealedWith('another key')).kind]).toEqual([200, 'unreachable']);
    upstreams.destroy();
  }, 60_000);

  it('answers gRPC at its address, on replicas that answer the gateway only', async () => {
    const { grpcPort } = await view();
    const metadata = '/inference.GRPCInferenceService/ServerMetadata';
    const services = await swarm.manager.api<{ Spec: { EndpointSpec: { Ports: { PublishedPort: number; TargetPort: number }[] }; Labels: Record<string, string> } }[]>('/services');
    const open = services.find(({ Spec }) => Spec.Labels['org.millwright.version'] === 'v2')?.Spec.EndpointSpec.Ports.find(({ TargetPort }) => TargetPort === 8444)?.PublishedPort ?? 0;
    expect([await askGrpc(open, metadata, '10.99.71.2').catch(() => ''), await askGrpc(grpcPort, '/inference.GRPCInferenceService/ServerReady')]).toEqual(['', true]);
    const countOf = async () => (await view()).traffic.find(({ version }) => version === 'v2')?.answered ?? 0;
    const before = await countOf();
    for (let i = 0; i < 4; i++) expect(await askGrpc(grpcPort, metadata)).toMatch(/^00[0-9a-f]{20,}$/);
    expect(await countOf() - before).toBeGreaterThanOrEqual(4);
    const { stdout } = await runCli(['station', 'show', station], { dataDir: test.dataDir });
    expect(stdout).toContain(`gRPC 127.0.0.1:${grpcPort}`);
  }, 60_000);

  it('updates, rolls back and renews its replicas under load without a lost request', async () => {
    const updated = await underLoad(1000, () => deploy({ memoryBytes: 400 * 1024 ** 2 }));
    expect(await view()).toMatchObject({ state: 'serving', live: 'v3', previous: 'v2', swarm: { ready: 2 } });
    const rolledBack = await underLoad(1000, async () => run('serving.rollback', { stationId: await stationId() }));
    expect(await view()).toMatchObject({ state: 'serving', live: 'v2', previous: 'v3', swarm: { ready: 2 } });
    const renewed = await underLoad(1000, async () => run('serving.restart', { stationId: await stationId() }));
    expect([updated.failed, rolledBack.failed, renewed.failed]).toEqual([[], [], []]);
  }, 300_000);

  it('withdraws a version whose replicas do not come up, and says why, while the live one serves on', async () => {
    const outcome = { error: null as unknown };
    const { failed } = await underLoad(100, async () => { outcome.error = await deploy({ memoryBytes: 24 * 1024 ** 2, readyWithinMs: 60_000 }).catch((error: unknown) => error); });
    expect(outcome.error).toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringMatching(/do not serve: line-b-\d says: .*memory/) as string, hint: expect.stringContaining('--memory') as string });
    expect([failed, await view()]).toMatchObject([[], { state: 'serving', live: 'v2', candidate: null }]);
  }, 180_000);

  it('loses no request while a node is drained, says who is missing, and takes it back', async () => {
    const drained = await underLoad(1000, async () => {
      await swarm.availability('line-b-2', 'drain');
      await until(async () => (await answersOn()).join() === 'line-b-1', 'the drained node is left', 60_000);
      await until(async () => (await replicasOn(swarm.worker)).every(({ State }) => State !== 'running'), 'the replica ends', 60_000);
    });
    expect(drained.failed).toEqual([]);
    expect(await view()).toMatchObject({ state: 'degraded', reason: expect.stringMatching(/1 of 2 replicas answers, on line-b-1; node line-b-2 takes no replica \(drain\)/) as string, hint: expect.stringContaining('--availability active line-b-2') as string });
    await swarm.availability('line-b-2', 'active');
    await until(async () => (await view()).state === 'serving', 'both serve again', 90_000);
    expect(await answersOn()).toEqual(['line-b-1', 'line-b-2']);
  }, 240_000);

  it('loses no request when a host is gone from the network, names it and since when, and takes it back', async () => {
    const lost = await underLoad(1000, async () => {
      swarm.cable(false);
      await until(async () => (await answersOn()).join() === 'line-b-1', 'the lost node is left', 30_000);
      await until(async () => /node line-b-2 does not answer the Swarm since \d{4}-/.test((await view()).reason), 'Swarm tells that the node is down', 60_000);
    });
    expect(lost.failed).toEqual([]);
    expect(await view()).toMatchObject({ state: 'degraded', hint: expect.stringContaining('Bring line-b-2 back') as string });
    swarm.cable(true);
    await until(async () => (await view()).state === 'serving', 'both serve again', 120_000);
  }, 240_000);

  it('comes back by itself when a host loses its power and starts again', async () => {
    const lost = await underLoad(1000, async () => {
      await swarm.worker.lose();
      await until(async () => (await answersOn()).join() === 'line-b-1', 'the lost node is left', 30_000);
    });
    expect(lost.failed).toEqual([]);
    await swarm.worker.start();
    await until(async () => (await view()).state === 'serving', 'both serve again', 120_000);
    expect(await answersOn()).toEqual(['line-b-1', 'line-b-2']);
  }, 240_000);

  it('makes a service and a gateway anew that someone removed', async () => {
    const { containers, live } = await view();
    const gateway = containers.find(({ role }) => role === 'gateway')?.name ?? '';
    const services = await swarm.manager.api<{ ID: string; Spec: { Labels: Record<string, string> } }[]>('/services');
    await swarm.manager.remove(`/services/${services.find(({ Spec }) => Spec.Labels['org.millwright.version'] === live)?.ID ?? ''}`);
    await swarm.manager.remove(`/containers/${gateway}?force=1`);
    const runningThere = async () => (await Promise.all([swarm.manager, swarm.worker].map(replicasOn))).flat().filter(({ State }) => State === 'running').map(({ Id }) => Id);
    const before = await runningThere();
    expect(await run('serving.reconcile', {})).toMatchObject([{ state: 'serving', live, swarm: { ready: 2 } }]);
    // Those of the service that was removed answer for as long as they need to end, and only then can new ones have the ports.
    await until(async () => { const now = await runningThere(); return now.length === 2 && !now.some((id) => before.includes(id)) && (await answersOn()).length === 2; }, 'the new replicas answer', 60_000);
  }, 120_000);

  it('tries a version as a canary on all nodes, and withdraws it', async () => {
    const { live, port } = await view();
    const tried = await deploy({ trial: { kind: 'canary', percent: 50 } });
    const { failed } = await underLoad(100, () => Promise.resolve());
    const traffic = new Map((await view()).traffic.map(({ version, answered }) => [version, answered]));
    expect([failed, tried.live, (traffic.get(tried.candidate ?? '') ?? 0) >= 40, (traffic.get(live) ?? 0) >= 40]).toEqual([[], live, true, true]);
    expect(await run('serving.rollback', { stationId: await stationId() })).toMatchObject({ live, candidate: null, trial: null, port });
  }, 120_000);

  it('stops and starts, and is shown on the command line', async () => {
    const { port } = await view();
    expect(await run('serving.stop', { stationId: await stationId() })).toMatchObject({ state: 'stopped' });
    expect(await infer(port)).toBe('ECONNREFUSED');
    expect(await run('serving.start', { stationId: await stationId() })).toMatchObject({ state: 'serving', port, swarm: { ready: 2 } });
    const { stdout } = await runCli(['station', 'show', station], { dataDir: test.dataDir });
    expect(stdout).toMatch(/Replicas +2 of 2 answer\n +answers +line-b-\d \(10\.99\.71\.\d\), ready, active/);
    expect(stdout).toMatch(/CONTAINER +ROLE +NODE +STATE/);
  }, 120_000);

  it('shows the log of all replicas, and what they use', async () => {
    const containers = new Set<string>();
    await test.host.call('serving.logs', { stationId: await stationId(), tail: 500 }, { onEvent: ({ container }) => { containers.add(container.replace(/^.*-(gateway|v\d+)(\.\d+)?.*$/, '$1$2')); } });
    expect([...containers].sort()).toEqual(['gateway', 'v2.1', 'v2.2']);
    const stop = new AbortController();
    const id = await stationId();
    const measured = await new Promise<number>((resolve, reject) => {
      test.host.call('serving.stats', { stationId: id }, { signal: stop.signal, onEvent: ({ containers: all }) => { const known = all.filter(({ version, memoryBytes }) => version === 'v2' && memoryBytes > 10 * 1024 ** 2).length; if (known >= 2) resolve(known); } }).catch((error: unknown) => { if (!stop.signal.aborted) reject(error as Error); });
    });
    stop.abort();
    expect(measured).toBe(2);
  }, 60_000);

  it('removes the station and leaves nothing on any node', async () => {
    const id = await stationId();
    expect(await run('serving.remove', { stationId: id })).toMatchObject({ left: [] });
    for (const docker of [swarm.manager, swarm.worker]) {
      expect((await docker.api<unknown[]>('/containers/json?all=1')).length).toBe(0);
      expect(((await docker.api<{ Volumes: unknown[] | null }>('/volumes')).Volumes ?? []).length).toBe(0);
      expect((await docker.api<{ RepoTags: string[] | null }[]>('/images/json')).flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes('swarm'))).toEqual([]);
    }
    expect(await swarm.manager.api('/services')).toEqual([]);
    expect((await swarm.manager.api<{ Spec: { Labels: Record<string, string> } }[]>('/nodes')).flatMap(({ Spec }) => Object.keys(Spec.Labels))).toEqual([]);
    await test.host.call('stations.remove', { id });
  }, 120_000);

  const everything = async () => (await Promise.all([swarm.manager, swarm.worker].map(async (docker) => [
    ...(await docker.api<{ Names: string[] }[]>('/containers/json?all=1')).map(({ Names }) => Names[0] ?? ''),
    ...((await docker.api<{ Volumes: { Name: string }[] | null }>('/volumes')).Volumes ?? []).map(({ Name }) => Name),
    ...(await docker.api<{ RepoTags: string[] | null }[]>('/images/json')).flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes('swarm')),
  ]))).flat();

  it('leaves nothing of a station whose replicas never came up', async () => {
    await expect(deploy({ target: 'swarm', nodes, memoryBytes: 24 * 1024 ** 2 })).rejects.toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringContaining('memory') as string });
    expect(await everything()).toEqual([]);
    expect(await swarm.manager.api('/services')).toEqual([]);
    expect(await test.host.call('serving.list', {})).toEqual([]);
  }, 180_000);

  it('deploys without a node that does not answer, and says so', async () => {
    const deployed = await deploy({ target: 'swarm', nodes: [...nodes, 'unix:///nowhere/docker.sock'] });
    expect(deployed).toMatchObject({ state: 'serving', swarm: { replicas: 2, ready: 2 } });
    expect(deployed.versions[0]?.notes).toContainEqual(expect.objectContaining({ id: 'SWARM_NODE_LEFT_OUT', place: 'unix:///nowhere/docker.sock', message: expect.stringMatching(/cannot be reached.*no replica there/) as string }));
  }, 120_000);

  it('says what is wrong when the Swarm is gone, lets the station be removed, and tells how to make a Swarm', async () => {
    await swarm.manager.post('/swarm/leave?force=1');
    expect(await view()).toMatchObject({ reason: expect.stringContaining('does not manage the Swarm') as string, hint: expect.stringContaining('deploy it anew') as string });
    expect(await run('serving.remove', { stationId: await stationId() })).toMatchObject({ left: expect.arrayContaining([expect.stringContaining('does not manage the Swarm any more')]) as string[] });
    expect(await test.host.call('serving.list', {})).toEqual([]);
    await expect(deploy({ target: 'swarm' })).rejects.toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringContaining('not part of a Swarm') as string, hint: expect.stringContaining('docker swarm init') as string });
  }, 180_000);
});
