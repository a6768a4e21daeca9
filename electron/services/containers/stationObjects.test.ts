// What the steps ask of an engine, and how they take its refusals.
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import type { Engine } from './Engine.ts';
import { fillVolume } from './stationObjects.ts';
import { translateDockerError } from './translateDockerError.ts';

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
    getContainer: () => ({ putArchive: request('copy'), remove: request('remove container') }),
    getVolume: () => ({ remove: request('remove volume') }),
  };
  const ask = (what: string, work: (docker: never, signal: AbortSignal) => Promise<unknown>) => work(docker as never, AbortSignal.timeout(5000)).catch((error: unknown) => { throw translateDockerError(error, what, ''); }); // a part of the client library
  const fake = { facts: { engine }, ask, askMaybe: ask } as unknown as Engine; // as above
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
