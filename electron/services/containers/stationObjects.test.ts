// What the steps ask of an engine, and how they take its refusals.
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import type { Engine } from './Engine.ts';
import { fillVolume, inspectContainer, observeStations, startContainer } from './stationObjects.ts';
import { statusOf, translateDockerError } from './translateDockerError.ts';

const refusal = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode, json: { message } });
const deployment = fakeDeployment();
const [version] = deployment.versions;
if (!version) throw new Error('a fake has a version');

/** Keeps the requests in their order; `refuse` answers the refusal of one, or null. */
function fakeEngine(refuse: (request: string) => Error | null = () => null, engine: 'docker' | 'podman' = 'docker') {
  const requests: string[] = [];
  const bodies: unknown[] = [];
  const request = (what: string) => (body?: unknown) => { requests.push(what); bodies.push(body); const error = refuse(what); return error ? Promise.reject(error) : Promise.resolve({}); };
  const docker = {
    createContainer: request('create container'), createVolume: request('create volume'),
    getContainer: () => ({ putArchive: request('copy'), remove: request('remove container'), start: request('start'), unpause: request('unpause'), inspect: () => Promise.resolve({ State: { Status: 'paused', StartedAt: '2026-01-02T03:04:05Z', ExitCode: 0, OOMKilled: false, Error: '' }, RestartCount: 0 }) }),
    getVolume: () => ({ remove: request('remove volume') }),
  };
  const ask = (what: string, work: (docker: never, signal: AbortSignal) => Promise<unknown>) => work(docker as never, AbortSignal.timeout(5000)).catch((error: unknown) => { throw translateDockerError(error, what, ''); }); // a part of the client library
  const askMaybe = (what: string, work: Parameters<typeof ask>[1]) => ask(what, (client, signal) => work(client, signal).catch((error: unknown) => { if (statusOf(error) === 404 || statusOf(error) === 304) return null; throw error; }));
  const fake = { facts: { engine }, ask, askMaybe } as unknown as Engine; // as above
  return { fake, requests, bodies };
}

describe('fillVolume', () => {
  const fill = (engine: Engine) => fillVolume(engine, deployment, version, 'me', () => Readable.from(['x']));

  it('has the volume made with its filler, so that no crash leaves an empty one that nobody holds', async () => {
    const { fake, requests, bodies } = fakeEngine();
    await fill(fake);
    expect(requests).toEqual(['create container', 'copy', 'remove container']);
    expect(bodies[0]).toMatchObject({ HostConfig: { Mounts: [{ VolumeOptions: { Labels: { 'org.millwright.owner': 'me', 'org.millwright.station': deployment.id } } }] } });
  });

  it('makes it beforehand where the engine takes no labels in a mount', async () => {
    const { fake, requests, bodies } = fakeEngine(undefined, 'podman');
    await fill(fake);
    expect(requests).toEqual(['create volume', 'create container', 'copy', 'remove container']);
    expect(bodies[1]).not.toHaveProperty('HostConfig.Mounts.0.VolumeOptions');
  });

  it('takes the volume away where its filler could not be made', async () => {
    const { fake, requests } = fakeEngine((what) => (what === 'create container' ? refusal(404, 'No such image: x') : null));
    await expect(fill(fake)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(requests).toEqual(['create container', 'remove volume']);
  });

  it('tells that refusal also where the volume cannot be taken away, and leaves that of another process alone', async () => {
    const stuck = fakeEngine((what) => (what === 'create container' ? refusal(500, 'odd') : what === 'remove volume' ? refusal(409, 'volume is in use') : null));
    await expect(fill(stuck.fake)).rejects.toMatchObject({ code: 'DOCKER_REFUSED' });
    const taken = fakeEngine((what) => (what === 'create container' ? refusal(409, 'The container name is already in use') : null));
    await expect(fill(taken.fake)).rejects.toMatchObject({ code: 'BUSY' });
    expect(taken.requests).toEqual(['create container']);
  });

  it('leaves the filler behind where the copy failed: it marks the volume as torn', async () => {
    const { fake, requests } = fakeEngine((what) => (what === 'copy' ? refusal(500, 'no space left on device') : null));
    await expect(fill(fake)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(requests).toEqual(['create container', 'copy']);
  });
});

describe('startContainer', () => {
  const start = (...refused: [number, string]) => startContainer(fakeEngine(() => refusal(...refused)).fake, 'mw-gateway', 'Line 1');
  it('is content with one that runs, or that another process has taken away', async () => {
    await expect(start(304, '')).resolves.toBeUndefined();
    await expect(start(404, 'No such container: mw-gateway')).resolves.toBeUndefined();
  });
  it('tells that a network is gone, which is not found either', async () => {
    await expect(start(404, 'network 6c1f not found')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('network 6c1f not found') as string });
  });
});

describe('a paused container', () => {
  const conflict = refusal(409, 'cannot start a paused container, try unpause instead');
  it('goes on by being started', async () => {
    const { fake, requests } = fakeEngine((what) => (what === 'start' ? conflict : null));
    await startContainer(fake, 'mw-v1', 'Line 1');
    expect(requests).toEqual(['start', 'unpause']);
  });
  it('is told of as the start was refused, where it was not the matter', async () => {
    const { fake } = fakeEngine((what) => (what === 'start' ? refusal(409, 'removal of container is in progress') : refusal(500, 'is not paused')));
    await expect(startContainer(fake, 'mw-v1', 'Line 1')).rejects.toMatchObject({ code: 'BUSY', message: expect.stringContaining('removal of container') as string });
  });
  it('has not ended', async () => {
    expect(await inspectContainer(fakeEngine().fake, 'mw-v1')).toMatchObject({ state: 'paused', exitCode: null });
  });
});

describe('observeStations', () => {
  const mark = { 'org.millwright.owner': 'me', 'org.millwright.station': 's1' };
  const seen = async (settings: unknown) => {
    const docker = {
      listContainers: () => Promise.resolve([{ Names: ['/mw-gateway'], Labels: { ...mark, 'org.millwright.role': 'gateway' }, State: 'exited', ...(settings === undefined ? {} : { NetworkSettings: settings }) }]),
      listVolumes: () => Promise.resolve({ Volumes: null }), listServices: () => Promise.resolve([]),
      listNetworks: () => Promise.resolve([{ Id: 'a1', Name: 'mw-net', Labels: mark }, { Id: 'b2', Name: 'millwright-edge', Labels: { 'org.millwright.owner': 'another' } }, { Id: 'c3', Name: 'theirs-net', Labels: { ...mark, 'org.millwright.owner': 'another' } }, { Id: 'd4', Name: 'bridge' }]),
    };
    const { fake } = fakeEngine();
    const engine = { ...fake, ask: (_: string, work: (client: never, signal: AbortSignal) => Promise<unknown>) => work(docker as never, AbortSignal.timeout(5000)) } as Engine; // as above
    return (await observeStations(engine, 'me')).get('s1');
  };
  it.each([
    ['both', { Networks: { 'millwright-edge': { NetworkID: 'b2' }, 'mw-net': { NetworkID: 'a1' } } }, ['millwright-edge', 'mw-net']],
    ['that of before under the same name', { Networks: { 'millwright-edge': { NetworkID: 'gone' }, 'mw-net': { NetworkID: 'a1' } } }, ['mw-net']],
    ['not started yet', { Networks: { 'millwright-edge': { NetworkID: '' }, elsewhere: { NetworkID: '' } } }, ['millwright-edge']],
    ['as Podman tells it', { Networks: { 'millwright-edge': { NetworkID: 'millwright-edge' } } }, ['millwright-edge']],
    ['not told', undefined, null],
  ])('knows which networks a container is in that are still there: %s', async (_, settings, networks) => {
    expect(await seen(settings)).toMatchObject({ networks: ['mw-net'], containers: [{ name: 'mw-gateway', networks }] });
  });
});
