import { resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { seededRandom } from '#core/arrays/randomFeeds';
import { testWorkers } from '#test/fakes/testWorkers';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import type { Services } from '../Services.ts';
import { noPredictions, predictSamples, type Predictions } from './predictSamples.ts';

const samples = 70;
const model = { path: resolve('resources/sample/lot-code-reader.onnx'), batches: true, fetches: null, answers: { task: 'classification' as const, classes: Array.from({ length: 10 }, (_, digit) => String(digit)), fromModel: false } };
const indices = Array.from({ length: samples }, (_, index) => index);
let services: Services;
beforeAll(async () => { services = { workers: await testWorkers() } as Services; }); // predictSamples starts workers and nothing else

/** Stops as soon as the sample `stopAt` is read, whatever is being computed then. */
async function predict(state: Predictions, stopAt: number | null): Promise<Predictions> {
  const stop = new AbortController();
  const reader = { read: (index: number) => {
    if (index === stopAt) stop.abort(new Error('stop'));
    const random = seededRandom(index + 1);
    return Promise.resolve({ feeds: { image: { type: 'float32', dims: [1, 1, 28, 28], data: Float32Array.from({ length: 784 }, random) } }, label: null, name: String(index) });
  } } as unknown as DatasetReader; // only what predictSamples reads
  let saved: Predictions = state;
  const run = predictSamples(services, [model], reader, indices, state, (next) => { saved = structuredClone(next); }, { signal: stop.signal, killSignal: new AbortController().signal, progress: () => undefined });
  if (stopAt === null) return run;
  await expect(run).rejects.toThrow('stop');
  return saved;
}

it('gives the same answers when it is stopped at any sample and goes on', async () => {
  const whole = await predict(noPredictions(1), null);
  expect(whole.answers[0]).toHaveLength(samples);
  for (const stopAt of [0, 1, 31, 32, 33, 63, 64]) {
    const stopped = await predict(noPredictions(1), stopAt);
    expect(stopped.done, `stopped at ${stopAt}`).toBeLessThan(samples);
    expect(await predict(stopped, null), `resumed after ${stopAt}`).toEqual(whole);
  }
});
