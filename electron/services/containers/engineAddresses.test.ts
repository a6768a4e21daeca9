import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { engineAddresses } from './engineAddresses.ts';

let home = '';
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'addresses-')); });
afterEach(() => rm(home, { recursive: true, force: true }));
const at = async (env: Readonly<Record<string, string>>, chosen?: { host: string; certs: string | null }) => (await engineAddresses({ platform: 'linux', env, home, ...(chosen ? { chosen } : {}) }))[0];

it('goes by the command line, then by the settings, then by Docker\'s variables', async () => {
  const env = { DOCKER_HOST: 'tcp://docker:2375' }, chosen = { host: '/run/podman/podman.sock', certs: null };
  expect(await at({ ...env, MILLWRIGHT_ENGINE_HOST: 'ssh://a@b' }, chosen)).toMatchObject({ url: 'ssh://a@b', origin: '--engine-host' });
  expect(await at(env, chosen)).toMatchObject({ url: 'unix:///run/podman/podman.sock', origin: 'the settings' });
  expect(await at(env)).toMatchObject({ url: 'tcp://docker:2375', origin: 'DOCKER_HOST', tls: null });
});
it('speaks TLS where the port, the scheme or the user says so, with the certificates that lie where Docker keeps them', async () => {
  expect(await at({ DOCKER_HOST: 'tcp://docker:2376' })).toMatchObject({ tls: { folder: null } });
  await mkdir(join(home, '.docker'));
  await writeFile(join(home, '.docker', 'ca.pem'), '');
  expect(await at({ DOCKER_HOST: 'tcp://docker:2376' })).toMatchObject({ tls: { folder: join(home, '.docker') } });
  expect(await at({ DOCKER_HOST: 'tcp://docker:99', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' })).toMatchObject({ tls: { folder: '/c' } });
  expect(await at({ DOCKER_HOST: 'tcp://docker:99', DOCKER_CERT_PATH: '/c' })).toMatchObject({ tls: null });
  expect(await at({}, { host: 'tcp://docker:99', certs: '/d' })).toMatchObject({ tls: { folder: '/d' } });
  expect(await at({ DOCKER_HOST: 'unix:///var/run/docker.sock', DOCKER_TLS_VERIFY: '1' })).toMatchObject({ tls: null });
});
