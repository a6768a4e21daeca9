// Another engine behind our plan for real: MLServer serves the sample model from the files that the plan writes, and its figures come out under our names.
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { planEngine } from '#core/engines/planEngine';
import { ratesBetween, readFigures } from '#core/engines/readFigures';
import { readPrometheusText } from '#core/text/prometheusText';
import { freePort } from '#test/fakes/freePort';
import { describeNeeding } from '../e2e/needs.ts';

await describeNeeding('MLServer', ['peer:mlserver'], (paths) => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-engine-'));
  let server: ChildProcess;
  let ports: { readonly http: number; readonly grpc: number; readonly metrics: number };
  const plan = planEngine('mlserver', {
    name: 'lot', version: 1, format: 'onnx', threads: 1, batching: null, gpu: false,
    inputs: [{ name: 'image', type: 'float32', shape: [null, 1, 28, 28] }], outputs: [{ name: 'probabilities', type: 'float32', shape: [null, 10] }],
  });
  const url = (path: string, port = ports.http) => `http://127.0.0.1:${port}${path}`;

  beforeAll(async () => {
    ports = { http: await freePort(), grpc: await freePort(), metrics: await freePort() };
    for (const file of plan.files) {
      const path = join(folder, file.path);
      mkdirSync(dirname(path), { recursive: true });
      if ('model' in file) copyFileSync('resources/sample/lot-code-reader.onnx', path);
      // Outside a container several servers share the ports of the machine.
      else writeFileSync(path, file.path === 'settings.json' ? JSON.stringify({ ...JSON.parse(file.text), host: '127.0.0.1', http_port: ports.http, grpc_port: ports.grpc, metrics_port: ports.metrics }) : file.text);
    }
    const here = (text: string) => text.replace(plan.mountAt, folder);
    const [program = '', ...args] = plan.command.map(here);
    server = spawn(join(paths['peer:mlserver'], 'bin', program), args, {
      cwd: folder, stdio: 'ignore', env: { ...process.env, ...Object.fromEntries(Object.entries(plan.env).map(([name, value]) => [name, here(value)])), PROMETHEUS_MULTIPROC_DIR: folder },
    });
    await vi.waitFor(async () => expect((await fetch(url(plan.ready.path))).status).toBe(200), { timeout: 60_000, interval: 200 });
  }, 90_000);
  afterAll(async () => {
    const ended = new Promise((resolve) => { server.once('exit', resolve); });
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const infer = () => fetch(url('/v2/models/lot/infer'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 1, 28, 28], data: Array(784).fill(0) }] }) });

  it('serves the model from the planned files', async () => {
    const answer = await infer();
    expect(answer.status).toBe(200);
    expect((await answer.json() as { readonly outputs: readonly { readonly shape: readonly number[] }[] }).outputs[0]?.shape).toEqual([1, 10]);
    expect((await fetch(url(plan.live.path))).status).toBe(200);
  });

  it('tells its requests and their time under the common names', async () => {
    const read = async () => readFigures('mlserver', readPrometheusText(await (await fetch(url(plan.metricsPath, ports.metrics))).text()));
    const before = await read();
    for (let i = 0; i < 5; i++) await infer();
    const after = await read();
    expect((after.requests ?? 0) - (before.requests ?? 0)).toBe(5);
    expect(ratesBetween(before, after, 1)).toMatchObject({ requestsPerSec: 5, failuresPerSec: 0 });
    expect(ratesBetween(before, after, 1)?.p99Ms).toBeGreaterThan(0);
  });

  it('refuses a wrong input and counts it as a failure', async () => {
    const answer = await fetch(url('/v2/models/lot/infer'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ inputs: [{ name: 'wrong', datatype: 'FP32', shape: [1], data: [0] }] }) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const figures = readFigures('mlserver', readPrometheusText(await (await fetch(url(plan.metricsPath, ports.metrics))).text()));
    expect(figures.failures).toBeGreaterThanOrEqual(1);
  });
});
