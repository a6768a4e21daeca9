// TorchServe behind our plan and our gateway for real: a scripted PyTorch model in an archive, its own health, figures and port of management.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatewayOrders } from '#core/stations/gatewayOrders';
import { readFigures } from '#core/engines/readFigures';
import { planEngine } from '#core/engines/planEngine';
import { readPrometheusText } from '#core/text/prometheusText';
import { engineContainerSchema, inferPath } from '#shared/engines';
import { makeConfigStore } from '#serving/gateway/configStore';
import { makeGateway, type Gateway } from '#serving/gateway/gateway';
import { fakeDeployment } from '#test/fakes/deployment';
import { freePort } from '#test/fakes/freePort';
import { until } from '#test/fakes/testHost';
import { describeNeeding } from '../e2e/needs.ts';
import { debianTorch } from '../e2e/requirements.mjs';

const script = `import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return x * 2.0 + 1.0


torch.jit.script(Net()).save("model.pt")
`;
const handler = `import torch
from ts.torch_handler.base_handler import BaseHandler


class Handler(BaseHandler):
    def preprocess(self, requests):
        return torch.tensor([request.get("data") or request.get("body") for request in requests], dtype=torch.float32)

    def postprocess(self, answers):
        return answers.tolist()
`;

await describeNeeding('TorchServe', ['torchserve'], ({ torchserve: environment }) => {
  const root = mkdtempSync(join(tmpdir(), 'millwright-torchserve-'));
  const plan = planEngine('torchserve', { name: 'scale', version: 2, format: 'mar', inputs: [], outputs: [], threads: 1, batching: null, gpu: false });
  let gateway: Gateway;
  let port = 0;
  let started: ReturnType<typeof start>;

  /** As in a container, but that the ports are this machine's, and free ones. */
  async function start(name: string, handlerText: string) {
    const folder = join(root, name);
    mkdirSync(join(folder, 'python'), { recursive: true });
    mkdirSync(join(folder, 'scratch'));
    symlinkSync(debianTorch, join(folder, 'python', 'torch'));
    const env = { ...process.env, PATH: `${join(environment, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`, PYTHONPATH: join(folder, 'python') };
    for (const [file, text] of [['make.py', script], ['handler.py', handlerText]] as const) writeFileSync(join(folder, file), text);
    execFileSync(join(environment, 'bin', 'python'), ['make.py'], { cwd: folder, env, stdio: 'ignore' });
    execFileSync(join(environment, 'bin', 'torch-model-archiver'), ['--model-name', 'scale', '--version', '2.0', '--serialized-file', 'model.pt', '--handler', 'handler.py', '--export-path', folder], { cwd: folder, env, stdio: 'ignore' });
    const ports = new Map<number, number>();
    for (const planned of [8080, 8081, 8082, 7070, 7071]) ports.set(planned, await freePort());
    const here = (text: string) => [...ports].reduce((result, [planned, free]) => result.replaceAll(`:${planned}`, `:${free}`).replaceAll(`port=${planned}`, `port=${free}`), text.replaceAll('/tmp/', `${join(folder, 'scratch')}/`).replaceAll(plan.mountAt, join(folder, 'models')).replaceAll('0.0.0.0', '127.0.0.1'));
    for (const file of plan.files) {
      const path = join(folder, 'models', file.path);
      mkdirSync(dirname(path), { recursive: true });
      if ('model' in file) copyFileSync(join(folder, 'scale.mar'), path); else writeFileSync(path, here(file.text));
    }
    const [program = '', ...first] = plan.entrypoint ?? [];
    const child = spawn(join(environment, 'bin', program), [...first, ...plan.command.map(here)], { cwd: join(folder, 'scratch'), stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...Object.fromEntries(Object.entries(plan.env).map(([key, value]) => [key, key === 'TEMP' ? join(folder, 'scratch') : here(value)])) } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { said = `${said}${part.toString()}`.slice(-100_000); });
    const at = (planned: number) => ports.get(planned) ?? 0;
    return { child, said: () => said, container: { ...engineContainerSchema.parse(plan), ports: { http: at(8080), grpc: at(7070), metrics: at(8082) }, ready: { ...plan.ready, port: at(8082) } } };
  }

  beforeAll(async () => {
    started = start('good', handler);
    const { container } = await started;
    const orders = gatewayOrders(fakeDeployment({ live: 'v2', engine: 'torchserve', container }));
    gateway = await makeGateway({ store: makeConfigStore(null, JSON.stringify({ ...orders, targets: orders.targets.map((target) => ({ ...target, host: '127.0.0.1' })) })), key: null, log: () => undefined });
    port = await freePort();
    await new Promise<void>((resolve) => { gateway.http.listen(port, '127.0.0.1', resolve); });
    await until(async () => (await fetch(`http://127.0.0.1:${port}/gateway/ready/v2`)).status === 200, 'the version is ready', 90_000);
  }, 120_000);
  afterAll(async () => {
    await gateway.drain();
    await end((await started).child);
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(30_000), ...init });
  const predict = (values: unknown) => ask(inferPath('torchserve', 'scale'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(values) });

  it('answers at the station\'s address in its own protocol', async () => {
    const answer = await predict([1, 2, 3]);
    expect([answer.status, await answer.json(), answer.headers.get('x-millwright-version')]).toEqual([200, [3, 5, 7], 'v2']);
  }, 60_000);

  it('tells its requests under the common names, through the gateway', async () => {
    const read = async () => readFigures('torchserve', readPrometheusText(await (await ask('/gateway/metrics/v2')).text()));
    const before = await read();
    for (let i = 0; i < 4; i++) await predict([i]);
    const after = await read();
    expect((after.requests ?? 0) - (before.requests ?? 0)).toBe(4);
    expect((after.requestSeconds ?? 0) - (before.requestSeconds ?? 0)).toBeGreaterThan(0);
  }, 60_000);

  it('lets nobody manage it at the station\'s address', async () => {
    expect((await ask('/models?url=other.mar', { method: 'POST' })).status).toBe(403);
    expect((await predict([1])).status).toBe(200);
  }, 60_000);

  it('ends by itself when it is told to stop', async () => {
    const { child } = await started;
    await end(child);
    expect([child.exitCode, child.signalCode]).toEqual([143, null]); // Java's answer to SIGTERM; its launcher would have died of it and left Java behind
  }, 60_000);

  // After the other has ended: two servers of one machine would share the sockets of their workers.
  it('is not ready while its worker cannot load the model, although it calls itself healthy', async () => {
    const { child, container, said } = await start('bad', `raise RuntimeError("this handler cannot be loaded")\n${handler}`);
    try {
      await until(() => said().includes('Retry worker:'), 'the worker has failed', 60_000);
      const [healthy, ready] = [`http://127.0.0.1:${container.ports.http}${container.live.path}`, `http://127.0.0.1:${container.ready.port}${container.ready.path}`];
      expect(await (await fetch(healthy)).text()).toContain(container.live.holds);
      expect(await (await fetch(ready)).text()).not.toContain(container.ready.holds);
    } finally { await end(child); }
  }, 120_000);
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill('SIGTERM');
  await ended;
}
