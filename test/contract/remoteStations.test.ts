// Stations on an engine that is reached over TLS or SSH only: their gateway's port is never asked from here, as where it is on another machine's loopback.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agentFor } from '#services/stations/gatewayChannel';
import { getDeployment } from '#services/stations/deployments';
import { freePort } from '#test/fakes/freePort';
import { privateDocker, type PrivateDocker } from '#test/fakes/privateDocker';
import { privateSsh, type PrivateSsh } from '#test/fakes/privateSsh';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { stationCalls } from '#test/fakes/stationCalls';
import { testCertificates } from '#test/fakes/testCertificates';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';
import { testWorkers } from '#test/fakes/testWorkers';
import { describeNeeding } from '../e2e/needs.ts';

const sampleModel = join(process.cwd(), 'resources', 'sample', 'lot-code-reader.onnx');
const station = 'Line 4';

interface Container { readonly Names: readonly string[]; readonly Ports: readonly { readonly IP?: string; readonly PublicPort?: number }[] }

await describeNeeding('stations on an engine elsewhere', ['dockerd', 'openssl', 'sshd', 'parts'], ({ dockerd, openssl, sshd, parts }) => {
  const root = mkdtempSync(join(tmpdir(), 'millwright-remote-'));
  let docker: PrivateDocker;
  let ssh: PrivateSsh;
  let test: TestHost;
  let tlsUrl = '';
  let restore = (): void => undefined;
  const { run, stationId, view } = stationCalls(() => test, station);
  const containers = async () => docker.api<Container[]>('/containers/json?all=1');
  const publishedAt = async () => [...new Set((await containers()).flatMap(({ Ports }) => Ports.flatMap(({ IP, PublicPort }) => (IP === undefined || PublicPort === undefined ? [] : [`${IP}:${PublicPort}`]))))].sort();
  const overSsh = () => `ssh://${ssh.user}@127.0.0.1:${ssh.port}${docker.host.replace('unix://', '')}`;
  const settings = async (engineHost: string, engineCerts = '') => test.host.call('app.saveSettings', { engineHost, engineCerts });

  beforeAll(async () => {
    const made = testCertificates(openssl, root);
    const certs = join(root, 'certs');
    mkdirSync(certs);
    for (const [name, file] of [['ca.pem', made.ca], ['cert.pem', made.client.cert], ['key.pem', made.client.key]] as const) copyFileSync(file, join(certs, name));
    const port = await freePort();
    docker = privateDocker(dockerd, { args: ['-H', `tcp://127.0.0.1:${port}`, '--tlsverify', '--tlscacert', made.ca, '--tlscert', made.server.cert, '--tlskey', made.server.key] });
    await docker.start();
    tlsUrl = `tcp://127.0.0.1:${port}`;
    ssh = await privateSsh(sshd);
    restore = setEnvironment({ PATH: ssh.env['PATH'] ?? '', MILLWRIGHT_PARTS: parts, DOCKER_CONFIG: join(root, 'no-contexts') });
    test = openTestHost({ dataDir: join(root, 'data'), workers: await testWorkers(), supervise: true });
    await settings(tlsUrl, certs);
  }, 180_000);
  afterAll(async () => {
    await test.close();
    await docker.close();
    await ssh.close();
    restore();
    rmSync(root, { recursive: true, force: true });
  }, 120_000);

  it('deploys over TLS, and says on which machine the station is and who reaches it there', async () => {
    const deployed = await run('serving.deploy', { model: { path: sampleModel }, station });
    expect(deployed).toMatchObject({ state: 'serving', engineHost: tlsUrl.replace('tcp:', 'https:'), reach: 'on 127.0.0.1 only', address: `http://127.0.0.1:${deployed.port}` });
    expect(await publishedAt()).toEqual([`127.0.0.1:${deployed.port}`, `127.0.0.1:${deployed.grpcPort}`]);
    const id = await stationId();
    expect(getDeployment(test.host.services, id).engine).toEqual({ host: tlsUrl.replace('tcp:', 'https:'), certs: join(root, 'certs') });
    expect(agentFor(getDeployment(test.host.services, id))).not.toBeNull(); // nothing of it was asked at the published port
  }, 120_000);

  it('stays there when the settings name another engine, is updated, rolled back, held, stopped and started', async () => {
    await settings('unix:///nowhere/docker.sock');
    const id = await stationId();
    expect(await view()).toMatchObject({ state: 'serving', live: 'v1' });
    expect(await run('serving.deploy', { model: { path: sampleModel }, stationId: id })).toMatchObject({ state: 'serving', live: 'v2', previous: 'v1', traffic: [{ version: 'v2' }] });
    expect(await run('serving.rollback', { stationId: id })).toMatchObject({ state: 'serving', live: 'v1' });
    expect(await run('serving.hold', { stationId: id, reason: 'Golden sample was accepted' })).toMatchObject({ state: 'degraded', hold: { reason: 'Golden sample was accepted' } });
    expect(await run('serving.hold', { stationId: id, reason: null })).toMatchObject({ state: 'serving', hold: null });
    expect(await run('serving.stop', { stationId: id })).toMatchObject({ state: 'stopped' });
    expect(await run('serving.start', { stationId: id })).toMatchObject({ state: 'serving' });
    await expect(run('serving.deploy', { model: { path: sampleModel }, stationId: id, listen: '0.0.0.0' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('listens at 127.0.0.1') as string });
    const undo = setEnvironment({ MILLWRIGHT_ENGINE_HOST: overSsh() });
    try { await expect(run('serving.restart', { stationId: id })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(`is on the engine at ${tlsUrl.replace('tcp:', 'https:')}`) as string }); } finally { undo(); }
  }, 180_000);

  it('tries a sample there, reads its log and its use of the machine', async () => {
    const id = await stationId();
    const pixels = Buffer.alloc(128 + 784 * 4);
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 28, 28), }`;
    pixels.write('\u0093NUMPY\u0001\u0000', 0, 'latin1');
    pixels.writeUInt16LE(118, 8);
    pixels.write(`${header.padEnd(117)}\n`, 10, 'latin1');
    const data = join(root, 'samples');
    mkdirSync(data);
    writeFileSync(join(data, 'image.npy'), pixels);
    expect(await test.host.call('serving.try', { stationId: id, data: { path: data }, index: 0 })).toMatchObject({ version: 'v1', maxAbsDifference: expect.closeTo(0, 4) as number });
    const lines: string[] = [];
    await test.host.call('serving.logs', { stationId: id }, { onEvent: ({ line }) => { lines.push(line); } });
    expect(lines.length).toBeGreaterThan(0);
    const stop = new AbortController();
    const seen: unknown[] = [];
    await test.host.call('serving.stats', { stationId: id }, { signal: stop.signal, onEvent: (sample) => { if (sample.traffic !== null && sample.containers.length === 2) { seen.push(sample); stop.abort(); } } }).catch((error: unknown) => { if (!stop.signal.aborted) throw error; });
    expect(seen).toHaveLength(1);
  }, 90_000);

  it('puts right what goes wrong there while the console watches', async () => {
    const gateway = (await containers()).map(({ Names }) => Names[0] ?? '').find((name) => name.endsWith('-gateway')) ?? '';
    await docker.remove(`/containers/${gateway.slice(1)}?force=1`);
    await until(async () => (await view()).state === 'serving' && (await containers()).some(({ Names }) => Names[0] === gateway), 'the gateway is back', 60_000);
  }, 90_000);

  it('serves over SSH beside it, for everyone who reaches that machine, and is taken away without a trace', async () => {
    await settings(overSsh());
    const other = await run('serving.deploy', { model: { path: sampleModel }, station: 'Line 5', listen: '0.0.0.0' });
    expect(other).toMatchObject({ state: 'serving', engineHost: overSsh(), reach: 'at all addresses of 127.0.0.1, unencrypted', address: `http://127.0.0.1:${other.port}` });
    expect(await publishedAt()).toContain(`0.0.0.0:${other.port}`);
    expect((await test.host.call('serving.list', {})).map(({ station: name, state }) => [name, state])).toEqual(expect.arrayContaining([[station, 'serving'], ['Line 5', 'serving']]));
    await expect(run('serving.deploy', { model: { path: sampleModel }, station: 'Line 6', port: other.port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    ssh.letIn(false);
    expect((await test.host.call('serving.list', {})).find(({ station: name }) => name === 'Line 5')).toMatchObject({ state: 'unknown', reason: expect.stringContaining('refused the SSH login') as string });
    await expect(run('serving.remove', { stationId: other.stationId })).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE', hint: expect.stringContaining('station remove "Line 5" --forget') as string });
    expect(await run('serving.remove', { stationId: other.stationId, forget: true })).toMatchObject({ removed: [], left: [expect.stringContaining(`the engine at ${overSsh()}`) as string, ...['rm', 'volume rm', 'network rm'].map((command): unknown => expect.stringContaining(`docker ${command}`))] });
    expect((await test.host.call('serving.list', {})).map(({ station: name }) => name)).toEqual([station]);
    ssh.letIn(true);
    expect(await containers()).toHaveLength(5); // three of Line 4, and what nobody knows of any more: the machine came back after all
    await run('serving.deploy', { model: { path: sampleModel }, stationId: other.stationId });
    expect(await run('serving.remove', { stationId: other.stationId, forget: true })).toMatchObject({ left: [] });
    await run('serving.remove', { stationId: await stationId() });
    expect([await containers(), ((await docker.api<{ Volumes: unknown[] | null }>('/volumes')).Volumes ?? []), (await docker.api<{ Name: string }[]>('/networks')).filter(({ Name }) => Name.startsWith('millwright'))]).toEqual([[], [], []]);
    expect(await test.host.call('serving.list', {})).toEqual([]);
  }, 180_000);
});
