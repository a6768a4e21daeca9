// Validation through the command line on boxes and on masks: figures, verdict and exit code, as a plant's script sees them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { ValidationOutput } from '#shared/contract/validation';
import { cellDetector, colorSegmenter, gridFigures, maskFigures, put, writeCocoSet, writeMaskSet } from '../fakes/tinyDataset.ts';
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
  const html = readFileSync(output.report?.html ?? '', 'utf8');
  expect(html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toMatch(/Boxes by class.*red 2 50.* green 1 25.* blue 1 25/);
  for (const text of ['Mean average precision, IoU 0.50 to 0.95', 'AP 50:95', 'Boxes that were not found', 'Escapes', 'green', 'A box counts as found from the score']) expect(html).toContain(text);
});

it('a segmentation on masks passes its limits', async () => {
  put(dir, 'colors.onnx', colorSegmenter());
  writeMaskSet(join(dir, 'masks'), 'palette');
  put(dir, 'masks.yaml', 'limits:\n  - { id: PIX, metric: pixel_accuracy, min: 0.7 }\n');
  const { code, stdout, stderr } = await validate('colors.onnx', 'masks', 'masks.yaml', 'report-masks');
  expect(code, stderr).toBe(0);
  const output = JSON.parse(stdout) as ValidationOutput;
  expect(output.taskResult?.figures.find(({ metric }) => metric === 'pixel_accuracy')?.value).toBeCloseTo(maskFigures.pixel_accuracy, 9);
  expect(output.taskResult?.rows.map(([name]) => name)).toEqual(['red', 'green', 'blue']);
});

it('labels that do not fit are bad data: exit code 2 and one sentence', async () => {
  writeCocoSet(join(dir, 'broken'));
  rmSync(join(dir, 'broken/images/a.png'));
  const { code, stdout } = await validate('cells.onnx', 'broken', 'boxes.yaml', 'report-broken');
  expect([code, (JSON.parse(stdout) as { error: { code: string; message: string } }).error]).toMatchObject([2, { code: 'BAD_DATA', message: 'annotations.json names the image "a.png", which is not there.' }]);
});
