// What a person is told when the container engine fails: a full disk, a daemon that dies in the middle, a socket that may not be used. Real daemon, real faults.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEngine } from '#services/containers/Engine';
import { loadServingImage } from '#services/images/loadImageFile';
import { privateDocker, type PrivateDocker } from '#test/fakes/privateDocker';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { describeNeeding } from '../e2e/needs.ts';

await describeNeeding('a failing engine', ['dockerd', 'parts'], ({ dockerd, parts }) => {
  let docker: PrivateDocker;
  let restore = (): void => undefined;
  const services = { resourcesDir: join(process.cwd(), 'resources'), version: '0.0.1' };
  const folder = mkdtempSync(join(tmpdir(), 'millwright-faults-'));
  beforeAll(async () => {
    docker = privateDocker(dockerd, { diskMiB: 150 });
    await docker.start();
    restore = setEnvironment({ DOCKER_HOST: docker.host, MILLWRIGHT_PARTS: parts });
  }, 180_000);
  afterAll(async () => {
    await docker.close();
    restore();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('says that the disk of the engine is full, and leaves no half image', async () => {
    await expect(loadServingImage(services, await openEngine(), { signal: new AbortController().signal, progress: () => undefined })).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('disk of the container engine is full') as string });
    expect(await docker.api<unknown[]>('/images/json?all=1')).toEqual([]);
  }, 60_000);

  it('can be cancelled while the image is sent', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the test');
    await expect(loadServingImage(services, await openEngine(), { signal: cancel.signal, progress: ({ stage, done }) => { if (stage === 'Sending the image' && done > 0) cancel.abort(reason); } })).rejects.toBe(reason);
  }, 60_000);

  it('does not wait for an engine that dies while the image is sent', async () => {
    const killing: Promise<void>[] = [];
    await expect(loadServingImage(services, await openEngine(), { signal: new AbortController().signal, progress: ({ stage, done }) => { if (stage === 'Sending the image' && done > 0 && killing.length === 0) killing.push(docker.kill()); } })).rejects.toMatchObject({ code: 'CONNECTION_LOST', message: expect.stringContaining('ended the connection') as string });
    await Promise.all(killing);
    await expect(openEngine()).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE', message: expect.stringContaining('not running') as string });
    await docker.start();
    expect((await openEngine()).facts.available).toBe(true);
  }, 120_000);

  it('tells a user who may not use the engine how to be let in', async () => {
    chmodSync(folder, 0o777);
    const command = [process.execPath, join('scripts', 'millwright.mjs'), 'image', 'load', '--json', '--data-dir', join(folder, 'data')];
    const env = { HOME: folder, MILLWRIGHT_AS_BUILT: '1', DOCKER_HOST: docker.host, MILLWRIGHT_PARTS: parts };
    // Nobody of the system: by setting the user where this is root, else by the sudo that started the daemon.
    const child = process.getuid?.() === 0 ? spawn(command[0] ?? '', command.slice(1), { uid: 65_534, gid: 65_534, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('sudo', ['-n', '-u', 'nobody', 'env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (part: Buffer) => { stdout += part.toString(); });
    const code = await new Promise((resolve) => { child.once('close', resolve); });
    expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'PERMISSION_DENIED', message: expect.stringContaining('may not use') as string, hint: expect.stringContaining('group docker') as string } }]);
  }, 60_000);
});
