// Models that hand their input on are judged for each task: what comes out is what the labels and the input say.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import { taskResult, type TaskFigure } from '#core/statistics/taskFigures';
import { testWorkers } from '#test/fakes/testWorkers';
import { node, tinyModel } from '#test/fakes/tinyModel';
import type { DatasetReader, Task } from '../datasets/DatasetReader.ts';
import type { WorkerLauncher } from '../workers/WorkerLauncher.ts';
import { measureTask } from './measureTask.ts';

const dir = mkdtempSync(join(tmpdir(), 'millwright-task-'));
let workers: WorkerLauncher;
beforeAll(async () => { workers = await testWorkers(); });
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const context = { signal: new AbortController().signal, killSignal: new AbortController().signal, progress: () => undefined };
const tensor = (dims: readonly number[], values: readonly number[]) => ({ type: 'float32' as const, dims, data: Float32Array.from(values) });

async function judge(task: Task, shape: readonly number[], inputs: readonly (readonly number[])[], more: { readonly targets?: readonly (readonly number[])[]; readonly targetShape?: readonly number[]; readonly labels?: readonly string[]; readonly classes?: readonly string[] }) {
  const path = join(dir, `${task}.onnx`);
  writeFileSync(path, encodeModel(tinyModel({ inputs: { x: [1, ...shape] }, outputs: { y: [1, ...shape] }, nodes: [node('Identity', ['x'], ['y'])] })));
  const reader = {
    task, length: inputs.length, labels: more.labels ?? null, classes: more.classes ?? [],
    read: (index: number) => Promise.resolve({ feeds: { x: tensor([1, ...shape], inputs[index] ?? []) }, label: more.labels?.[index] ?? null, name: `sample ${index}` }),
    ...(more.targets ? { target: (index: number) => Promise.resolve(tensor(more.targetShape ?? shape, more.targets?.[index] ?? [])) } : {}),
  } as unknown as DatasetReader; // only what measureTask reads
  const samples = await measureTask({ workers }, { path, fetches: null }, task === 'embedding' ? { path, fetches: null } : null, reader, more.classes ?? [], context);
  if (samples === null) return null;
  const { figures, rows } = taskResult(samples);
  return { rows, ...Object.fromEntries(figures.map(({ metric, value }: Pick<TaskFigure, 'metric' | 'value'>) => [metric, value])) };
}

it('multilabel: shares are cut at one half, logits at zero', async () => {
  const targets = [[1, 0, 1], [0, 1, 0]];
  expect(await judge('multilabel', [3], [[0.9, 0.2, 0.4], [0.1, 0.8, 0.3]], { targets })).toMatchObject({ subset_accuracy: 0.5, hamming_loss: 1 / 6 });
  expect(await judge('multilabel', [3], [[4, -2, 0.4], [-1, 0.3, -3]], { targets, classes: ['a', 'b', 'c'] })).toMatchObject({ subset_accuracy: 1, rows: [['a', 1, 1, 1, 1], ['b', 1, 1, 1, 1], ['c', 1, 1, 1, 1]] });
});
it('segmentation: the plane with the largest score is the class of a pixel', async () => {
  const planes = [1, 1, 0, 0, /* class 1 */ 0, 0, 1, 1];
  expect(await judge('segmentation', [2, 2, 2], [planes], { targets: [[0, 0, 1, 0]], targetShape: [2, 2], classes: ['lid', 'fold'] })).toMatchObject({ pixel_accuracy: 0.75, mean_iou: (2 / 3 + 1 / 2) / 2 });
});
it('anomaly: the largest of the map is the score, and the map is held against the mask', async () => {
  const maps = [[0, 0, 0, 0.1], [0, 0.9, 0, 0], [0.2, 0, 0, 0]];
  expect(await judge('anomaly', [1, 2, 2], maps, { labels: ['good', 'scratch', 'good'], classes: ['good', 'scratch'], targets: [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]], targetShape: [2, 2] })).toMatchObject({ auroc: 1, average_precision: 1, pro: 1 });
  expect(await judge('anomaly', [1], [[0.3], [0.1]], { labels: ['good', 'scratch'], classes: ['good', 'scratch'] })).toEqual({ auroc: 0, average_precision: 0.5, rows: [['anomalous', 1], ['normal', 1]] });
});
it('embedding: the nearest other of the same label, and the cosine to the reference', async () => {
  expect(await judge('embedding', [2], [[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], { labels: ['a', 'a', 'b', 'a'] })).toMatchObject({ recall_at_1: 0.5, recall_at_5: 0.75, mean_cosine: 1 });
});
it('what the data does not tell is not judged', async () => {
  expect(await judge('multilabel', [3], [[0, 0, 0]], {})).toBeNull();
  expect(await judge('embedding', [3], [[0, 0, 0]], {})).toBeNull();
});
it('a model that does not answer the task is refused in one sentence', async () => {
  await expect(judge('multilabel', [2], [[0, 0]], { targets: [[1, 0, 1]], targetShape: [3] })).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
});
