// A real engine over TLS and over SSH, on loopback: who gets through, by which of the ways to name it, and what is said to whoever does not.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { detectEngine } from '#services/containers/detectEngine';
import { openEngine } from '#services/containers/Engine';
import { engineSources } from '#services/containers/engineSources';
import { freePort } from '#test/fakes/freePort';
import { privateDocker, type PrivateDocker } from '#test/fakes/privateDocker';
import { privateSsh, type PrivateSsh } from '#test/fakes/privateSsh';
import { openTestHost } from '#test/fakes/testHost';
import { testCertificates, type CertificateFiles } from '#test/fakes/testCertificates';
import { describeNeeding } from '../e2e/needs.ts';

const run = promisify(execFile);

await describeNeeding('engines that are not at a local socket', ['dockerd', 'openssl', 'sshd'], (paths) => {
  const root = mkdtempSync(join(tmpdir(), 'millwright-engines-'));
  const folder = (name: string, ca: string, own: CertificateFiles | null): string => {
    const path = join(root, name);
    mkdirSync(path);
    copyFileSync(ca, join(path, 'ca.pem'));
    if (own) { copyFileSync(own.cert, join(path, 'cert.pem')); copyFileSync(own.key, join(path, 'key.pem')); }
    return path;
  };
  let docker: PrivateDocker;
  let ssh: PrivateSsh;
  let plainServer: Server;
  let tlsUrl = '', tlsPort = 0, plainPort = 0;
  let good = '';
  const sources = (env: Readonly<Record<string, string | undefined>>) => ({ platform: process.platform, env: { DOCKER_CONFIG: join(root, 'no-contexts'), PATH: process.env['PATH'], ...env }, home: root });
  const failure = (env: Readonly<Record<string, string | undefined>>) => openEngine(sources(env)).then(() => 'connected', ({ code, message, hint }: { code: string; message: string; hint: string }) => ({ code, message, hint }));

  beforeAll(async () => {
    const made = testCertificates(paths.openssl, root);
    tlsPort = await freePort();
    docker = privateDocker(paths.dockerd, { args: ['-H', `tcp://127.0.0.1:${tlsPort}`, '--tlsverify', '--tlscacert', made.ca, '--tlscert', made.server.cert, '--tlskey', made.server.key] });
    await docker.start();
    tlsUrl = `tcp://127.0.0.1:${tlsPort}`;
    good = folder('good', made.ca, made.client);
    folder('no-client', made.ca, null);
    folder('stranger', made.ca, made.stranger);
    folder('other-ca', made.stranger.ca, made.client);
    folder('mixed', made.ca, { cert: made.client.cert, key: made.server.key });
    ssh = await privateSsh(paths.sshd);
    plainServer = createServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => { plainServer.listen(0, '127.0.0.1', resolve); });
    plainPort = (plainServer.address() as { port: number }).port; // a server on a port has one
  }, 120_000);
  afterAll(async () => {
    await ssh.close();
    await docker.close();
    plainServer.closeAllConnections();
    plainServer.close();
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  /** More than a greeting: something is made, seen and taken away again, and an image file goes over the line. */
  async function works(env: Readonly<Record<string, string | undefined>>): Promise<void> {
    const engine = await openEngine(sources(env));
    await engine.ask('Making a volume', (client) => client.createVolume({ Name: 'tried' }));
    expect((await docker.api<{ Volumes: { Name: string }[] }>('/volumes')).Volumes.map(({ Name }) => Name)).toEqual(['tried']);
    await engine.ask('Removing the volume', (client) => client.getVolume('tried').remove());
    await expect(engine.ask('Loading a file', async (client) => { const stream = await client.loadImage(Buffer.alloc(300_000, 1) as unknown as NodeJS.ReadableStream, { quiet: false }); stream.resume(); await new Promise((done) => { stream.once('end', done); }); throw new Error('read to its end'); })).rejects.toMatchObject({ code: expect.any(String) as unknown });
  }

  describe('over TLS', () => {
    it('is reached as DOCKER_HOST with Docker\'s own variables, by --engine-host with a folder, and by a Docker context', async () => {
      await works({ DOCKER_HOST: tlsUrl, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: good });
      await works({ MILLWRIGHT_ENGINE_HOST: tlsUrl, MILLWRIGHT_ENGINE_CERTS: good, DOCKER_HOST: 'tcp://127.0.0.1:1' });
      const config = join(root, 'config'), id = createHash('sha256').update('line1').digest('hex');
      mkdirSync(join(config, 'contexts/meta', id), { recursive: true });
      mkdirSync(join(config, 'contexts/tls', id, 'docker'), { recursive: true });
      for (const name of ['ca.pem', 'cert.pem', 'key.pem']) copyFileSync(join(good, name), join(config, 'contexts/tls', id, 'docker', name));
      const context = (skip: boolean) => writeFileSync(join(config, 'contexts/meta', id, 'meta.json'), JSON.stringify({ Name: 'line1', Endpoints: { docker: { Host: tlsUrl, SkipTLSVerify: skip } } }));
      context(false);
      await works({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'line1' });
      context(true);
      expect(await failure({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'line1' })).toMatchObject({ message: expect.stringContaining('asks not to check the engine\'s certificate') as unknown, hint: expect.stringContaining('docker context create') as unknown });
    });
    it('is reached by the address in the settings, which other settings leave alone', async () => {
      const opened = openTestHost();
      try {
        await opened.host.call('app.saveSettings', { engineHost: tlsUrl, engineCerts: good });
        expect(await opened.host.call('app.saveSettings', { theme: 'dark' })).toMatchObject({ theme: 'dark', engineHost: tlsUrl, engineCerts: good });
        expect(await detectEngine(engineSources(opened.host.services))).toMatchObject({ available: true, socket: tlsUrl });
        await opened.host.call('app.saveSettings', { engineCerts: '' });
        expect(await detectEngine(engineSources(opened.host.services))).toMatchObject({ available: false, reason: expect.stringContaining(`The settings name ${tlsUrl}.`) as unknown });
      } finally { await opened.close(); }
    });
    it('is reached from the command line', async () => {
      const { stdout } = await run(process.execPath, ['scripts/millwright.mjs', 'machine', '--json', '--engine-host', tlsUrl, '--engine-certs', good, '--data-dir', join(root, 'data')]);
      expect((JSON.parse(stdout) as { containers: unknown }).containers).toMatchObject({ engine: 'docker', available: true, socket: tlsUrl });
    });
    it.each([
      ['an authority that is not trusted', 'other-ca', 'was not signed by the authority that is trusted here', 'as ca.pem'],
      ['no certificate of one\'s own', 'no-client', 'wants a certificate of this user', 'cert.pem and key.pem'],
      ['the certificate of a stranger', 'stranger', 'certificate of this user', 'signed by the authority that the engine trusts'],
      ['a key of another certificate', 'mixed', 'the key is that of another certificate', 'that belong together'],
      ['no folder', 'nowhere', 'cannot be read', '--engine-certs'],
    ])('says what is wrong with %s, and what to do', async (_what, certs, sentence, remedy) => {
      expect(await failure({ DOCKER_HOST: tlsUrl, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(root, certs) })).toMatchObject({ code: 'DOCKER_UNAVAILABLE', message: expect.stringContaining(sentence) as unknown, hint: expect.stringContaining(remedy) as unknown });
    });
    it('tells TLS that is missing on one side, another name, nobody there, and no address at all', async () => {
      const tls = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: good };
      expect(await failure({ DOCKER_HOST: tlsUrl })).toMatchObject({ message: expect.stringContaining('wants TLS') as unknown, hint: expect.stringContaining('--engine-certs') as unknown });
      expect(await failure({ DOCKER_HOST: `tcp://127.0.0.1:${plainPort}`, ...tls })).toMatchObject({ message: expect.stringContaining('does not speak TLS') as unknown });
      expect(await failure({ DOCKER_HOST: tlsUrl.replace('127.0.0.1', 'localhost'), ...tls })).toMatchObject({ message: expect.stringContaining('is for another name') as unknown });
      expect(await failure({ DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}`, ...tls })).toMatchObject({ message: expect.stringContaining('No container engine listens at') as unknown });
      expect(await failure({ MILLWRIGHT_ENGINE_HOST: 'ftp://x' })).toMatchObject({ code: 'BAD_USAGE', hint: expect.stringContaining('ssh://') as unknown });
    });
  });

  describe('over SSH', () => {
    const url = (port = ssh.port, socket = docker.host.replace('unix://', '')) => `ssh://${ssh.user}@127.0.0.1:${port}${socket}`;
    const told = (message: string, hint: string) => ({ code: 'DOCKER_UNAVAILABLE', message: expect.stringContaining(message) as unknown, hint: expect.stringContaining(hint) as unknown });
    beforeEach(() => { ssh.know('key'); ssh.letIn(true); });

    it('is reached where the host\'s key is known and the user\'s is accepted', async () => {
      await works({ ...ssh.env, MILLWRIGHT_ENGINE_HOST: url(), DOCKER_HOST: undefined });
      expect(await detectEngine(sources({ ...ssh.env, DOCKER_HOST: url() }))).toMatchObject({ available: true, engine: 'docker', socket: url() });
    });
    it('does not go on to a host whose key is unknown, or another than it was', async () => {
      ssh.know('nothing');
      expect(await failure({ ...ssh.env, DOCKER_HOST: url() })).toMatchObject(told(`The host key of 127.0.0.1:${ssh.port} is not known here`, `ssh -p ${ssh.port} ${ssh.user}@127.0.0.1`));
      ssh.know('other key');
      expect(await failure({ ...ssh.env, DOCKER_HOST: url() })).toMatchObject(told('shows another host key than the one that is known here', `ssh-keygen -R "[127.0.0.1]:${ssh.port}"`));
    });
    it('tells a refused login, a server that is not there, an engine that is not there, and a missing ssh', async () => {
      ssh.letIn(false);
      expect(await failure({ ...ssh.env, DOCKER_HOST: url() })).toMatchObject(told('refused the SSH login', 'ssh-add'));
      ssh.letIn(true);
      expect(await failure({ ...ssh.env, DOCKER_HOST: url(await freePort()) })).toMatchObject(told('No SSH server listens', 'sshd'));
      expect(await failure({ ...ssh.env, DOCKER_HOST: url(ssh.port, '/run/none.sock') })).toMatchObject(told('no container engine is running', 'systemctl start docker'));
      expect(await failure({ PATH: root, DOCKER_HOST: url() })).toMatchObject(told('The program ssh', 'openssh-client'));
    });
    it('waits for the reason of an ssh that stops listening before it says why', async () => {
      const slow = join(root, 'slow');
      mkdirSync(slow);
      writeFileSync(join(slow, 'ssh'), '#!/bin/sh\nexec 0<&-\n/bin/sleep 0.5\necho "ssh: connect to host 127.0.0.1 port 1: Connection refused" >&2\nexit 255\n', { mode: 0o755 });
      expect(await failure({ PATH: slow, DOCKER_HOST: url() })).toMatchObject(told('No SSH server listens', 'sshd'));
    });
    it.each(['ssh://-oProxyCommand=x', 'ssh://a@b;reboot', 'ssh://a:secret@b', 'ssh://a@b/$(reboot)'])('takes %s for no address', async (address) => {
      expect(await failure({ ...ssh.env, DOCKER_HOST: address })).toMatchObject({ code: 'BAD_USAGE' });
    });
  });
});
