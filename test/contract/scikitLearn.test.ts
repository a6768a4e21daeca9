// A scikit-learn pipeline as skl2onnx exports it by default (StandardScaler and random forest, ending in ZipMap): imported, run and validated from the terminal,
// with the accuracy that scikit-learn itself reports (test/fixtures/models/make_fixtures.py).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '#core/arrays/encodeNpy';
import { runCli } from './runCli.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-sklearn-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const fixtures = 'test/fixtures/models';
const reference = JSON.parse(readFileSync(join(fixtures, 'wine_pipeline.json'), 'utf8')) as { readonly samples: number; readonly correct: number; readonly accuracy: number; readonly classes: readonly string[]; readonly predicted: readonly string[] };
const model = join(fixtures, 'wine_pipeline.onnx');
const csv = join(fixtures, 'wine_pipeline_test.csv');
const millwright = (...args: string[]) => runCli(args, { dataDir: join(root, 'data') });

describe('a scikit-learn pipeline', () => {
  let id = '';
  beforeAll(async () => {
    const { code, stdout, stderr } = await millwright('model', 'import', model, '--json');
    expect(code, stderr).toBe(0);
    const record = JSON.parse(stdout) as { readonly id: string; readonly labels: readonly string[]; readonly changes: readonly string[]; readonly runnable: { readonly ok: boolean }; readonly summary: { readonly operators: Readonly<Record<string, number>> } };
    id = record.id;
    expect(record).toMatchObject({ labels: reference.classes, runnable: { ok: true }, changes: [expect.stringMatching(/Took off the ZipMap .* 3 class names are kept as labels/)] });
    expect(Object.keys(record.summary.operators)).not.toContain('ai.onnx.ml.ZipMap');
  });

  it('runs, and answers what scikit-learn answers', async () => {
    const rows = readFileSync(csv, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').slice(0, -1).map(Number));
    writeFileSync(join(root, 'rows.npy'), encodeNpy({ type: 'float32', dims: [rows.length, 13], data: Float32Array.from(rows.flat()) }));
    const { code, stdout, stderr } = await millwright('run', `id:${id}`, '--input', `X=${join(root, 'rows.npy')}`, '--json');
    expect(code, stderr).toBe(0);
    const { outputs } = JSON.parse(stdout) as { readonly outputs: readonly { readonly type: string; readonly shape: readonly number[]; readonly preview: readonly unknown[] }[] };
    expect(outputs.map(({ type, shape }) => [type, shape])).toEqual([['string', [rows.length]], ['float32', [rows.length, 3]]]);
    expect(outputs[0]!.preview).toEqual(reference.predicted.slice(0, outputs[0]!.preview.length));
  });

  it('validates against a CSV with labels, and reports the accuracy that scikit-learn reports', async () => {
    const { code, stdout, stderr } = await millwright('validate', `id:${id}`, '--data', csv, '-o', join(root, 'report'), '--json');
    expect(code, stderr).toBe(0);
    const output = JSON.parse(stdout) as { readonly accuracy: { readonly accuracy: number; readonly correct: number; readonly samples: number } };
    expect([output.accuracy.correct, output.accuracy.samples, output.accuracy.accuracy]).toEqual([reference.correct, reference.samples, reference.accuracy]);
  }, 180_000);
});
