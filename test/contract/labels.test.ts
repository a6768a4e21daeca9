// Validation through the command line on labels of each kind: figures, verdict and exit code, as a plant's script sees them, and the task's figure on disturbed samples.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { ValidationOutput } from '#shared/contract/validation';
import { cellDetector, colorSegmenter, gridFigures, maskFigures, pngBytes, put, writeCocoSet, writeMaskSet } from '../fakes/tinyDataset.ts';
import { node, tinyModelBytes, weight } from '../fakes/tinyModel.ts';
import { runCli } from './runCli.ts';

const dir = mkdtempSync(join(tmpdir(), 'millwright-labels-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const options = { dataDir: join(dir, 'store') };
const validate = (model: string, data: string, limits: string, out: string) => runCli(['validate', join(dir, model), '--data', join(dir, data), '--limits', join(dir, limits), '-o', join(dir, out), '--json'], options);

it('a detector on COCO JSON: the report has mAP, each class and what escapes, and a limit on escapes fails it', async () => {
  put(dir, 'cells.onnx', cellDetector());
  writeCocoSet(join(dir, 'boxes'));
  put(dir, 'boxes.yaml', 'limits:\n  - { id: MAP, metric: map_50, min: 0.3 }\n  - { id: MAP-80, metric: map_50, min: 0.8 }\n  - { id: ESC, metric: box_escape_rate, max: 0.05 }\n');
  const { code, stdout, stderr } = await validate('cells.onnx', 'boxes', 'boxes.yaml', 'report-boxes');
  expect(code, stderr).toBe(1);
  const output = JSON.parse(stdout) as ValidationOutput;
  expect(output.limits.map(({ id, verdict }) => [id, verdict])).toEqual([['MAP', 'PASS'], ['MAP-80', 'FAIL'], ['ESC', 'FAIL']]);
  const figures = Object.fromEntries(output.taskResult?.figures.map(({ metric, value }) => [metric, value]) ?? []);
  for (const [metric, value] of Object.entries(gridFigures)) expect(figures[metric], metric).toBeCloseTo(value, 9);
  for (const { metric, interval } of output.taskResult?.figures ?? []) expect(interval, metric).toMatchObject({ confidence: 0.95 });
  // Judged on the bound: the value itself would pass.
  expect(output.limits[1]).toMatchObject({ reason: expect.stringContaining('The value itself is within') as string, interval: { method: expect.stringMatching(/^(BCa|percentile) bootstrap, \d+ resamples$/) as string, n: 4 } });
  for (const format of ['html', 'json', 'junit'] as const) expect(readFileSync(output.report?.[format] ?? '', 'utf8'), format).toMatch(/(BCa|percentile) bootstrap, \d+ resamples, n = 4/);
  expect(output.robustness.map(({ kind, metric, points }) => [kind, metric, points.length])).toEqual(['less light', 'more light', 'blur', 'noise', 'shift', 'dirt'].map((kind) => [kind, 'map_50', 4]));
  const html = readFileSync(output.report?.html ?? '', 'utf8');
  expect(html).toMatch(/Break point: .*Mean average precision, IoU 0.50 below 0.3, the limit MAP/);
  expect(html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toMatch(/Boxes by class.*red 2 50.* green 1 25.* blue 1 25/);
  for (const text of ['Mean average precision, IoU 0.50 to 0.95', 'AP 50:95', 'Boxes that were not found', 'Escapes', 'green', 'A box counts as found from the score']) expect(html).toContain(text);
});

it('a segmentation on masks passes its limits', async () => {
  put(dir, 'colors.onnx', colorSegmenter());
  writeMaskSet(join(dir, 'masks'), 'palette');
  put(dir, 'masks.yaml', 'limits:\n  - { id: PIX, metric: pixel_accuracy, min: 0.7 }\n  - { id: DIM, metric: pixel_accuracy, min: 0.7, disturbance: less light, severity: 50 }\n');
  const { code, stdout, stderr } = await validate('colors.onnx', 'masks', 'masks.yaml', 'report-masks');
  expect(code, stderr).toBe(0);
  const output = JSON.parse(stdout) as ValidationOutput;
  expect(output.taskResult?.figures.find(({ metric }) => metric === 'pixel_accuracy')?.value).toBeCloseTo(maskFigures.pixel_accuracy, 9);
  expect(output.limits.map(({ id, limit, verdict, interval }) => [id, limit, verdict, interval?.n])).toEqual([['PIX', '≥ 0.7', 'PASS', 2], ['DIM', '≥ 0.7 (less light of severity 50)', 'PASS', 2]]);
  expect(output.taskResult?.rows.map(([name]) => name)).toEqual(['red', 'green', 'blue']);
  expect(output.robustness.map(({ kind, metric, points }) => [kind, metric, points.length])).toEqual(['less light', 'more light', 'blur', 'noise', 'shift', 'dirt'].map((kind) => [kind, 'pixel_accuracy', 4]));
});

const flat = (level: number) => pngBytes({ width: 8, height: 8, kind: 0, data: new Uint8Array(64).fill(level) });
const levels = [10, 40, 90, 120, 170, 220];
const meanLevel = (dims: readonly number[], scale: number) => tinyModelBytes({ inputs: { image: [1, 3, 8, 8] }, outputs: { y: dims }, weights: [weight('scale', [1], [scale])], nodes: [node('ReduceMean', ['image'], ['mean'], { axes: [1n, 2n, 3n], keepdims: dims.length > 1 ? 1n : 0n }), node('Mul', ['mean', 'scale'], ['y'])] });
const table = (row: (level: number, at: number) => string) => levels.map((level, at) => `${at}.png,${row(level, at)}`).join('\n');

it.each<[task: string, metric: string, model: () => Uint8Array, files: Readonly<Record<string, string>>, undisturbed: number]>([
  ['regression', 'mae', () => meanLevel([1], 255), { 'images/labels.csv': `file,label\n${table(String)}\n`, 'dataset.yaml': 'task: regression\nlabels: images/labels.csv\n' }, 0],
  ['multilabel', 'micro_f1', () => tinyModelBytes({ inputs: { image: [1, 3, 8, 8] }, outputs: { y: [1, 2] }, weights: [weight('signs', [3, 2], [1, -1, 0, 0, 0, 0]), weight('from', [1, 2], [0, 1])], nodes: [node('ReduceMean', ['image'], ['mean'], { axes: [2n, 3n], keepdims: 0n }), node('MatMul', ['mean', 'signs'], ['part']), node('Add', ['part', 'from'], ['y'])] }), { 'images/labels.csv': `file,bright,dark\n${table((level) => (level > 127 ? '1,0' : '0,1'))}\n`, 'dataset.yaml': 'task: multilabel\nlabels: images/labels.csv\nlabel_columns: [bright, dark]\n' }, 1],
  ['anomaly', 'auroc', () => meanLevel([1, 1, 1, 1], 1), { 'images/labels.csv': `file,label\n${table((level) => (level > 127 ? 'spot' : 'good'))}\n`, 'dataset.yaml': 'task: anomaly\nlabels: images/labels.csv\n' }, 1],
  ['embedding', 'recall_at_1', () => tinyModelBytes({ inputs: { image: [1, 3, 8, 8] }, outputs: { y: [1, 2] }, weights: [weight('turn', [3, 2], [3, 0, 0, 0, 0, 0]), weight('from', [1, 2], [-1.5, 1])], nodes: [node('ReduceMean', ['image'], ['mean'], { axes: [2n, 3n], keepdims: 0n }), node('MatMul', ['mean', 'turn'], ['part']), node('Add', ['part', 'from'], ['y'])] }), { 'images/labels.csv': `file,label\n${table((level) => (level > 127 ? 'light' : 'dark'))}\n`, 'dataset.yaml': 'task: embedding\nlabels: images/labels.csv\n' }, 1],
])('%s on images: disturbed samples are followed by %s, and the report says where the model breaks', async (task, metric, model, files, undisturbed) => {
  put(dir, `${task}.onnx`, model());
  levels.forEach((level, at) => { put(join(dir, task), `images/${at}.png`, flat(level)); });
  for (const [name, text] of Object.entries(files)) put(join(dir, task), name, text);
  const { code, stdout, stderr } = await runCli(['validate', join(dir, `${task}.onnx`), '--data', join(dir, task), '-o', join(dir, `report-${task}`), '--language', 'de', '--json'], options);
  expect(code, stderr).toBe(0);
  const output = JSON.parse(stdout) as ValidationOutput;
  for (const curve of output.robustness) expect(curve, curve.kind).toMatchObject({ metric, undisturbed: expect.closeTo(undisturbed, 4) as number });
  const shift = output.robustness.find(({ kind }) => kind === 'shift');
  const html = readFileSync(output.report?.html ?? '', 'utf8');
  if (task === 'regression') {
    expect(shift?.notPerformed).toMatch(/may tell where something lies/);
    expect(html).toContain('Die Zahl einer Probe kann sagen, wo etwas liegt');
  } else expect(shift).toMatchObject({ breakPoint: null, points: Array.from({ length: 4 }, () => ({ value: 1, samples: 6 })) }); // an even picture stays as it is
  expect(html).toMatch(/Bruchpunkt: .*(mehr als 5 Punkte unter|der Standardabweichung der Beschriftungen mehr als ungestört)/);
});

it('labels that do not fit are bad data: exit code 2 and one sentence', async () => {
  writeCocoSet(join(dir, 'broken'));
  rmSync(join(dir, 'broken/images/a.png'));
  const { code, stdout } = await validate('cells.onnx', 'broken', 'boxes.yaml', 'report-broken');
  expect([code, (JSON.parse(stdout) as { error: { code: string; message: string } }).error]).toMatchObject([2, { code: 'BAD_DATA', message: 'annotations.json names the image "a.png", which is not there.' }]);
});
