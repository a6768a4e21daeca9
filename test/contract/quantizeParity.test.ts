// Parity mode against the Python reference: scales, zero points, integer weights and biases equal, byte for byte. Goldens: test/golden/quantize/reference.py.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeModel } from '#core/onnx/decodeModel';
import type { InputOf } from '#shared/contract/index';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';
import { testWorkers } from '#test/fakes/testWorkers';
import { writeArrays } from '../fixtures/quantize/samples.mjs';

const golden = JSON.parse(readFileSync('test/golden/quantize/reference.json', 'utf8')) as { readonly samples: number; readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>> };
const root = mkdtempSync(join(tmpdir(), 'millwright-parity-'));
const data = { path: join(root, 'data') };
let test: TestHost;
beforeAll(async () => {
  writeArrays(data.path, { x: { data: Float32Array.from(Array.from({ length: golden.samples }, (_, i) => [...exactValues(3 * 8 * 8, 100 + i, 2 ** -2, 2)]).flat()), shape: [golden.samples, 3, 8, 8] } });
  test = openTestHost({ workers: await testWorkers(), dataDir: join(root, 'home') });
});
afterAll(async () => { await test.close(); rmSync(root, { recursive: true, force: true }); });

/** As exact_values in reference.py: multiples of `step` in -reach..reach. */
function exactValues(count: number, seed: number, step: number, reach: number): Float32Array {
  const levels = Math.trunc((2 * reach) / step) + 1;
  return Float32Array.from({ length: count }, (_, i) => (((i * 7919 + seed * 104729) % 1000003) % levels) * step - reach);
}

const settings: Readonly<Record<string, Partial<InputOf<'models.quantize'>>>> = {
  'minmax/tensor': { recipe: 'static-int8', method: 'minmax', perChannel: false }, 'minmax/channel': { recipe: 'static-int8', method: 'minmax' },
  'percentile/tensor': { recipe: 'static-int8', method: 'percentile', perChannel: false }, 'percentile/channel': { recipe: 'static-int8', method: 'percentile' },
  'dynamic/tensor': { recipe: 'dynamic-int8', perChannel: false }, 'dynamic/channel': { recipe: 'dynamic-int8' },
  int4: { recipe: 'int4-weights' },
};

/** The reference rewrites Gemm to MatMul first, and names what it makes on the way; the values are what counts. */
const ours = (name: string): string => name.replace('_Transposed', '').replace(/^(?<weight>.*\.w)_scales$/u, '$<weight>_Q4_scales');
const comparable = (name: string): boolean => !name.endsWith('_reshape_shape');

it.each(Object.keys(golden.settings))('%s', async (setting) => {
  const outputPath = join(root, `${setting.replace('/', '-')}.onnx`);
  const { id } = test.host.jobs.start('models.quantize', { model: { path: resolve('test/golden/quantize/exact.onnx') }, outputPath, calibration: data, parity: true, ...settings[setting] });
  await until(() => ['done', 'failed'].includes(test.host.jobs.get(id).state), 'the job ends', 60_000);
  expect(test.host.jobs.get(id).error).toBeNull();
  const stored = new Map(decodeModel(readFileSync(outputPath)).graph!.initializer.map((tensor) => [tensor.name, createHash('sha256').update(tensor.rawData).digest('hex').slice(0, 16)]));
  const wanted = Object.entries(golden.settings[setting]!).filter(([name]) => comparable(name)).map(([name, hash]) => [ours(name), hash] as const);
  expect(Object.fromEntries(wanted.map(([name]) => [name, stored.get(name)]))).toEqual(Object.fromEntries(wanted));
}, 60_000);
