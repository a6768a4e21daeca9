// Disturbed samples of each task: the task's own figure is followed, labels move with the picture, and a stopped run goes on to the same curves.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatasetRecord } from '#shared/contract/datasets';
import type { Limit, RobustnessCurve } from '#shared/contract/validation';
import { noise, node, tinyModelBytes, weight } from '#test/fakes/tinyModel';
import { cellDetector, colorSegmenter, gridPicture, pngBytes, put, writeCocoSet, type Rgb } from '#test/fakes/tinyDataset';
import { testWorkers } from '#test/fakes/testWorkers';
import { openDataset } from '../datasets/openDataset.ts';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import type { Services } from '../Services.ts';
import { measureRobustness } from './measureRobustness.ts';
import { measureTask } from './measureTask.ts';
import { noPredictions, predictSamples, type PredictedModel } from './predictSamples.ts';
import type { RobustnessState } from './RobustnessRun.ts';

const dir = mkdtempSync(join(tmpdir(), 'millwright-disturbed-'));
let services: Services;
beforeAll(async () => { services = { workers: await testWorkers(), store: { collection: () => ({ list: (): DatasetRecord[] => [], get: () => null }) } } as unknown as Services; }); // workers and a store without registered sets are all that is asked
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const image = { name: 'image', type: 'tensor(float)', shape: [1, 3, 32, 32] };
const fresh: RobustnessState = { predictions: noPredictions(1), points: [] };
let models = 0;

interface Asked { readonly limits?: readonly Limit[]; readonly state?: RobustnessState; /** Aborts when that sample of a disturbed one is read. */ readonly stopAfter?: number }

/** What validateModel does with a set: judged undisturbed, then disturbed. */
async function disturb(bytes: Uint8Array, data: string | DatasetReader, { limits = [], state = fresh, stopAfter }: Asked = {}) {
  const path = join(dir, `model${models++}.onnx`);
  writeFileSync(path, bytes);
  const reader = typeof data === 'string' ? await openDataset(services, { path: data }, { inputs: [image] }) : data;
  const model: PredictedModel = { path, batches: true, fetches: null, answers: { task: reader.task, classes: reader.classes, fromModel: false } };
  const stop = new AbortController();
  const context = { signal: stop.signal, killSignal: new AbortController().signal, progress: () => undefined };
  const judged = reader.task === 'classification' || reader.task === 'regression';
  const answers = judged ? (await predictSamples(services, [model], reader, Array.from({ length: reader.length }, (_, at) => at), noPredictions(1), () => undefined, context)).answers[0] ?? null : null;
  const samples = judged ? null : await measureTask(services, model, null, reader, reader.classes, context);
  let saved = state, done = 0;
  const result = measureRobustness(services, model, reader, { limits, answers, samples, detector: undefined, state, save: (next) => { saved = structuredClone(next); } }, { ...context, progress: () => { if (++done === stopAfter) stop.abort(new Error('stop')); } });
  return { result, saved: () => saved };
}
const curvesOf = async (bytes: Uint8Array, data: string | DatasetReader, asked?: Asked): Promise<Map<string, RobustnessCurve>> => {
  const { curves, reason } = await (await disturb(bytes, data, asked)).result;
  expect(reason).toBeNull();
  return new Map(curves.map((curve) => [curve.kind, curve]));
};
const values = (curve: RobustnessCurve | undefined) => curve?.points.map(({ severity, value }) => [severity, value]);

/** Rows as arrays or a table give them. */
function rows(task: DatasetReader['task'], inputs: readonly (readonly number[])[], more: Partial<DatasetReader>): DatasetReader {
  const labels = more.labels ?? null;
  return {
    layout: 'csv', task, length: inputs.length, labels, classes: [], names: inputs.map((_, at) => String(at)), subgroups: [], readChanged: null, ...more,
    read: (index: number) => Promise.resolve({ feeds: { x: { type: 'float32' as const, dims: [1, inputs[index]!.length], data: Float32Array.from(inputs[index]!) } }, label: labels?.[index] ?? null, name: String(index) }),
  } as unknown as DatasetReader; // only what the runs read
}
const handOn = (width: number) => tinyModelBytes({ inputs: { x: [1, width] }, outputs: { y: [1, width] }, nodes: [node('Identity', ['x'], ['y'])] });

it('detection: a detector that finds boxes wherever they are keeps its mAP when the picture moves, since the boxes move along', async () => {
  const folder = join(dir, 'boxes');
  writeCocoSet(folder);
  const curves = await curvesOf(cellDetector(), folder);
  expect([...curves.keys()]).toEqual(['less light', 'more light', 'blur', 'noise', 'shift', 'dirt']);
  const { metric, undisturbed, points, breakRule } = curves.get('less light')!;
  expect([metric, breakRule]).toEqual(['map_50', 'Mean average precision, IoU 0.50 more than 5 points below the undisturbed samples']);
  expect(undisturbed).toBeCloseTo((1 + 0.5 + 1) / 3, 9);
  expect(points[0]).toMatchObject({ severity: 10, samples: 4, interval: { n: 4, method: expect.stringMatching(/bootstrap, \d+ resamples/) as string } });
  // Cells lie on the grid that this detector answers on: 15 % beside it no box reaches an IoU of one half (10 of 16 pixels in each direction), 3 % are none.
  const shift = new Map(curves.get('shift')!.points.map(({ severity, value }) => [severity, value]));
  expect(shift.get(3)).toBeCloseTo(undisturbed!, 9);
  expect(shift.get(15)).toBeLessThan(undisturbed! - 0.05);
  expect(curves.get('shift')?.breakPoint).not.toBeNull();
});

it('segmentation: masks move with the picture, and what comes in is not judged', async () => {
  const folder = join(dir, 'masks');
  const half = (left: number, right: number) => Uint8Array.from({ length: 1024 }, (_, pixel) => (pixel % 32 < 16 ? left : right));
  const colors: readonly Rgb[] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
  for (const [name, left, right] of [['one', 0, 1], ['two', 2, 0], ['three', 1, 2]] as const) {
    put(folder, `images/${name}.png`, pngBytes({ width: 32, height: 32, kind: 2, data: Uint8Array.from([...half(left, right)].flatMap((place) => colors[place]!)) }));
    put(folder, `masks/${name}.png`, pngBytes({ width: 32, height: 32, kind: 0, data: half(left, right) }));
  }
  put(folder, 'dataset.yaml', 'task: segmentation\nclasses: [red, green, blue]\n');
  const curves = await curvesOf(colorSegmenter(), folder, { limits: [{ id: 'PIX', metric: 'pixel_accuracy', min: 0.99 }] });
  const shift = curves.get('shift')!;
  expect([shift.metric, shift.breakRule, shift.points.length]).toEqual(['pixel_accuracy', 'Pixel accuracy below 0.99, the limit PIX', 4]);
  // The model names each pixel by its own colour: a mask that stays behind would be wrong on the band between.
  expect(values(shift)).toEqual([[3, 1], [6, 1], [10, 1], [15, 1]]);
  expect(shift.breakPoint).toBeNull();
  // Gray is called red by it.
  expect(curves.get('dirt')?.breakPoint).not.toBeNull();
});

it('anomaly: AUROC, with as many anomalies as there are among many good parts', async () => {
  const folder = join(dir, 'parts');
  const picture = (level: number) => pngBytes({ width: 8, height: 8, kind: 0, data: new Uint8Array(64).fill(level) });
  for (let at = 0; at < 12; at++) put(folder, `good/${at}.png`, picture(20 + at));
  for (let at = 0; at < 2; at++) put(folder, `scratch/${at}.png`, picture(120 + at));
  put(folder, 'dataset.yaml', 'task: anomaly\n');
  const brightness = tinyModelBytes({ inputs: { image: [1, 3, 32, 32] }, outputs: { score: [1, 1, 1, 1] }, weights: [weight('third', [1, 3, 1, 1], [1 / 3, 1 / 3, 1 / 3])], nodes: [node('Conv', ['image', 'third'], ['gray']), node('GlobalAveragePool', ['gray'], ['score'])] });
  const curves = await curvesOf(brightness, folder);
  expect(curves.get('noise')).toMatchObject({ metric: 'auroc', undisturbed: 1, breakPoint: null });
  expect(curves.get('more light')?.points.every(({ samples }) => samples === 14)).toBe(true);
});

it('regression on rows: the error rises with noise, and breaks above the limit', async () => {
  const inputs = Array.from({ length: 60 }, (_, at) => [at / 10]);
  const reader = rows('regression', inputs, { labels: inputs.map(([x]) => String(x)) });
  const curves = await curvesOf(handOn(1), reader, { limits: [{ id: 'MAE-1', metric: 'mae', max: 0.3 }] });
  expect([...curves.keys()]).toEqual(['noise', 'missing values']);
  const { metric, points, undisturbed, breakPoint, breakRule } = curves.get('noise')!;
  expect([metric, breakRule]).toEqual(['mae', 'Mean absolute error above 0.3, the limit MAE-1']);
  expect(undisturbed).toBeLessThan(1e-6);
  expect(points.map(({ value }) => value)).toEqual([...points.map(({ value }) => value)].sort((a, b) => a - b));
  // Noise of s standard deviations of the input is off by 0.8 s of them in the mean; the input spreads by 1.75.
  expect(points[3]?.value).toBeGreaterThan(0.5);
  expect(points[3]?.value).toBeLessThan(0.9);
  expect(points.find(({ severity }) => severity === breakPoint)?.value).toBeGreaterThan(0.3);
});

it('regression on pictures: a shift has no meaning and says why; the others are run', async () => {
  const folder = join(dir, 'levels');
  for (let at = 0; at < 6; at++) put(folder, `images/${at}.png`, pngBytes({ width: 8, height: 8, kind: 0, data: new Uint8Array(64).fill(at * 40) }));
  put(folder, 'images/labels.csv', `file,label\n${Array.from({ length: 6 }, (_, at) => `${at}.png,${(at * 40) / 255}`).join('\n')}\n`);
  put(folder, 'dataset.yaml', 'task: regression\nlabels: images/labels.csv\n');
  const level = tinyModelBytes({ inputs: { image: [1, 3, 32, 32] }, outputs: { y: [1] }, nodes: [node('ReduceMean', ['image'], ['y'], { axes: [1n, 2n, 3n], keepdims: 0n })] });
  const curves = await curvesOf(level, folder);
  expect(curves.get('shift')).toMatchObject({ points: [], breakPoint: null, notPerformed: 'The number of a sample may tell where something lies: what it is after a shift is not known.' });
  expect(curves.get('less light')?.points).toHaveLength(4);
  expect(curves.get('less light')?.breakPoint).not.toBeNull();
});

it('embedding: a disturbed sample is looked for among undisturbed ones', async () => {
  // Two labels on either side; all samples disturbed alike would keep finding each other.
  const inputs = Array.from({ length: 40 }, (_, at) => { const [a = 0, b = 0] = noise(2, at + 1, 0.2); return at % 2 === 0 ? [1 + a, b] : [a, 1 + b]; });
  const curves = await curvesOf(handOn(2), rows('embedding', inputs, { labels: inputs.map((_, at) => (at % 2 === 0 ? 'a' : 'b')), classes: ['a', 'b'] }));
  const { metric, undisturbed, points } = curves.get('missing values')!;
  expect([metric, undisturbed]).toEqual(['recall_at_1', 1]);
  expect(points[3]?.value).toBeLessThan(0.95);
  expect(points[3]?.interval?.method).toBe('Wilson, two-sided');
});

it('multilabel: F1 over all labels', async () => {
  const inputs = Array.from({ length: 40 }, (_, at) => [at % 2, at % 3 === 0 ? 1 : 0, at % 5 === 0 ? 1 : 0].map((is) => is * 0.6 + 0.2));
  const target = (index: number) => Promise.resolve({ type: 'uint8' as const, dims: [3], data: Uint8Array.from(inputs[index]!, (value) => (value > 0.5 ? 1 : 0)) });
  const curves = await curvesOf(handOn(3), rows('multilabel', inputs, { target, classes: ['a', 'b', 'c'] }));
  expect(curves.get('missing values')).toMatchObject({ metric: 'micro_f1', undisturbed: 1 });
  expect(curves.get('missing values')?.points[3]?.value).toBeLessThan(0.95);
});

it('what cannot be disturbed, or not be judged, says why', async () => {
  const reasonOf = async (reader: DatasetReader, model = handOn(2)) => { const { curves, reason } = await (await disturb(model, reader)).result; expect(curves).toEqual([]); return reason; };
  expect(await reasonOf(rows('anomaly', [[1], [2]], { labels: ['good', 'good'], classes: ['good'] }), handOn(1))).toBe('AUROC cannot be told on the undisturbed samples.');
  expect(await reasonOf(rows('multilabel', [[1, 0]], {}))).toBe('The data has no labels that a multilabel is judged by.');
  const target = () => Promise.resolve({ type: 'uint8' as const, dims: [2], data: Uint8Array.of(1, 0) });
  const volume = rows('multilabel', [[1, 0]], { target, classes: ['a', 'b'], layout: 'arrays' });
  const read = async (index: number) => { const sample = await volume.read(index); return { ...sample, feeds: { x: { type: 'float32' as const, dims: [1, 1, 2], data: Float32Array.of(1, 0) } } }; };
  const cube = tinyModelBytes({ inputs: { x: [1, 1, 2] }, outputs: { y: [1, 1, 2] }, nodes: [node('Identity', ['x'], ['y'])] });
  expect(await reasonOf({ ...volume, read }, cube)).toBe('The samples are arrays of several axes: what light, blur, noise or dirt do to them is not known.');
});

it('a run that is stopped goes on to the same curves', async () => {
  const folder = join(dir, 'again');
  for (let at = 0; at < 5; at++) put(folder, `images/${at}.png`, gridPicture([{ x: at % 4, y: 1, color: [200, 0, 0] as Rgb }]));
  put(folder, 'annotations.json', JSON.stringify({ images: Array.from({ length: 5 }, (_, id) => ({ id, file_name: `${id}.png`, width: 64, height: 64 })), categories: ['red', 'green', 'blue'].map((name, id) => ({ id, name })), annotations: Array.from({ length: 5 }, (_, id) => ({ id, image_id: id, category_id: 0, bbox: [(id % 4) * 16, 16, 16, 16], area: 256, iscrowd: 0 })) }));
  const { result: whole } = await disturb(cellDetector(), folder);
  for (const stopAfter of [1, 7, 60, 119]) {
    const stopped = await disturb(cellDetector(), folder, { stopAfter });
    await expect(stopped.result).rejects.toThrow('stop');
    // Every point that was finished is kept.
    expect(Math.abs(stopped.saved().points.length - Math.floor(stopAfter / 5))).toBeLessThanOrEqual(stopAfter % 5 === 0 ? 1 : 0);
    expect(await (await disturb(cellDetector(), folder, { state: stopped.saved() })).result, `stopped after ${stopAfter}`).toEqual(await whole);
  }
});
