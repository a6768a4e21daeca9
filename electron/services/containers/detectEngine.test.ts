import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, detectEngine } from './detectEngine.ts';
import { explainFailure } from './explainFailure.ts';
import { engineAddresses } from './engineAddresses.ts';

let folder = '';
const closers: (() => void)[] = [];
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'engine-')); });
afterEach(async () => { for (const close of closers.splice(0)) close(); await rm(folder, { recursive: true, force: true }); });

const listen = (server: Server, path: string) => new Promise<void>((resolve) => { closers.push(() => { server.closeAllConnections(); server.close(); }); server.listen(path, resolve); });
const engine = (version: object, info: object): RequestListener => (request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(request.url?.includes('/info') === true ? info : version));
};
const sources = (env: Record<string, string>) => ({ platform: 'linux' as const, env: { DOCKER_CONFIG: join(folder, 'none'), ...env }, home: folder });

describe.skipIf(process.platform === 'win32')('detectEngine', () => {
  it('finds Docker at the socket that DOCKER_HOST names, and connects to it', async () => {
    const socket = join(folder, 'docker.sock');
    await listen(createServer(engine({ Version: '28.1.0', Components: [{ Name: 'Engine' }] }, { SecurityOptions: ['name=seccomp'] })), socket);
    const host = `unix://${socket}`;
    expect(await detectEngine(sources({ DOCKER_HOST: host }))).toEqual({ engine: 'docker', version: '28.1.0', available: true, socket: host, rootless: false, reason: 'Docker 28.1.0 answers.' });
    const { docker } = await connectEngine(sources({ DOCKER_HOST: host }));
    expect((await docker.version()).Version).toBe('28.1.0');
  });

  it('finds rootless Podman at its usual socket', async () => {
    await mkdir(join(folder, 'podman'));
    await listen(createServer(engine({ Version: '4.3.1', Components: [{ Name: 'Podman Engine' }] }, { SecurityOptions: ['name=rootless'] })), join(folder, 'podman', 'podman.sock'));
    expect(await detectEngine(sources({ XDG_RUNTIME_DIR: folder }))).toMatchObject({ engine: 'podman', available: true, rootless: true, reason: 'Podman 4.3.1 answers, without root.' });
  });

  it('tells a dead daemon from a missing one', async () => {
    const socket = join(folder, 'docker.sock');
    await writeFile(socket, ''); // nothing listens on a plain file: ECONNREFUSED, as with a stale socket
    expect((await detectEngine(sources({ DOCKER_HOST: `unix://${socket}` }))).reason).toContain('the daemon is not running. DOCKER_HOST names');
    expect((await detectEngine(sources({ DOCKER_HOST: `unix://${folder}/absent.sock` }))).reason).toContain('There is no container engine at');
    await expect(connectEngine(sources({ DOCKER_HOST: `unix://${folder}/absent.sock` }))).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE' });
  });

  it('asks once more where a connection ended with the engine before', async () => {
    const socket = join(folder, 'docker.sock');
    let ended = 0;
    const answer = engine({ Version: '28.1.0' }, {});
    await listen(createServer((request, response) => { if (++ended <= 2) request.socket.destroy(); else answer(request, response); }), socket);
    expect(await detectEngine(sources({ DOCKER_HOST: `unix://${socket}` }))).toMatchObject({ available: true, version: '28.1.0' });
  });

  it('does not wait for an engine that accepts and stays silent', async () => {
    const socket = join(folder, 'silent.sock');
    const server = createSocketServer((connection) => { closers.push(() => connection.destroy()); });
    closers.push(() => server.close());
    await new Promise<void>((resolve) => { server.listen(socket, resolve); });
    const startedMs = performance.now();
    expect((await detectEngine(sources({ DOCKER_HOST: `unix://${socket}` }))).reason).toContain('accepts connections but does not answer');
    expect(performance.now() - startedMs).toBeLessThan(2500);
  });

  it('says so when something else answers', async () => {
    const socket = join(folder, 'web.sock');
    await listen(createServer((_, response) => { response.statusCode = 418; response.end('{}'); }), socket);
    expect((await detectEngine(sources({ DOCKER_HOST: `unix://${socket}` }))).reason).toContain('not a working container engine (HTTP 418)');
  });

  it('explains missing permission and unreadable certificates', () => {
    expect(explainFailure(Object.assign(new Error(), { code: 'EACCES', syscall: 'connect' }), 'unix:///var/run/docker.sock')).toMatchObject({ reason: 'This user may not use the container engine at /var/run/docker.sock.' });
    expect(explainFailure(Object.assign(new Error(), { code: 'ENOENT', syscall: 'open' }), 'tcp://plant:2376')).toMatchObject({ reason: 'The certificates that DOCKER_CERT_PATH names cannot be read.' });
  });
});

describe('engineAddresses', () => {
  it('follows DOCKER_HOST, then DOCKER_CONTEXT, then the context chosen in config.json', async () => {
    const meta = (name: string) => join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
    for (const name of ['line1', 'line2']) {
      await mkdir(meta(name), { recursive: true });
      await writeFile(join(meta(name), 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: `tcp://${name}:2375` } } }));
    }
    await writeFile(join(folder, 'config.json'), JSON.stringify({ currentContext: 'line1' }));
    const at = (env: Record<string, string>) => engineAddresses({ platform: 'linux', env: { DOCKER_CONFIG: folder, ...env }, home: folder });
    expect(await at({})).toEqual([{ url: 'tcp://line1:2375', origin: 'current context', tls: null, unchecked: false }]);
    expect(await at({ DOCKER_CONTEXT: 'line2' })).toMatchObject([{ url: 'tcp://line2:2375', origin: 'DOCKER_CONTEXT' }]);
    expect(await at({ DOCKER_HOST: '10.0.0.5:2375', DOCKER_CONTEXT: 'line2' })).toMatchObject([{ url: 'tcp://10.0.0.5:2375', origin: 'DOCKER_HOST' }]);
  });

  it('looks at the named pipes on Windows', async () => {
    const found = await engineAddresses({ platform: 'win32', env: { DOCKER_CONFIG: folder }, home: folder });
    expect(found[0]).toMatchObject({ url: 'npipe:////./pipe/docker_engine', origin: 'default' });
  });
});
