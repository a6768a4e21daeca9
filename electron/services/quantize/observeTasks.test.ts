// Calibration where inner tensors take values without a range: a mask of -infinity is part of many transformers, and no fault of the data.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { StaticOptions } from '#core/quantize/static/StaticOptions';
import { labHere, quiet } from '#test/fakes/labHere';
import { node, noise, tinyModelBytes, weight } from '#test/fakes/tinyModel';
import type { ObserveMode } from './observeTasks.ts';
import { prove } from './prove.ts';
import type { Setting } from './writeTask.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-observe-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const options: StaticOptions = { activations: 'uint8', weights: 'int8', perChannel: true, symmetricActivations: false, reduceRange: false, operators: 'all', keep: new Map() };
const samples = Array.from({ length: 4 }, (_, i) => ({ name: `sample ${i}`, feeds: { x: { type: 'float32' as const, dims: [1, 4, 16], data: noise(64, 10 + i) } } }));
const mask = Array.from({ length: 16 }, (_, i) => (i % 4 > i >> 2 ? -Infinity : 0));
/** Attention with a causal mask. */
const masked = tinyModelBytes({
  inputs: { x: [1, 4, 16] }, outputs: { y: [1, 4, 16] }, weights: [weight('q', [16, 16], noise(256, 1, 0.3)), weight('o', [16, 16], noise(256, 2, 0.3)), weight('mask', [1, 4, 4], mask)],
  nodes: [node('MatMul', ['x', 'q'], ['k']), node('Transpose', ['k'], ['t'], { perm: { ints: [0, 2, 1] } }), node('MatMul', ['k', 't'], ['s']), node('Add', ['s', 'mask'], ['sm']), node('Softmax', ['sm'], ['p'], { axis: { int: -1 } }), node('MatMul', ['p', 'k'], ['c']), node('MatMul', ['c', 'o'], ['y'])],
});

async function observed(name: string, mode: ObserveMode, parity: boolean): Promise<void> {
  const workDir = join(root, name);
  mkdirSync(workDir);
  writeFileSync(join(workDir, 'model.onnx'), masked);
  await labHere.call('quantize.prepare', { path: join(workDir, 'model.onnx'), workDir, threads: 1, parity, run: true, opset: 13, exclude: [] });
  await labHere.call('quantize.observeOpen', { options: [{ ...options, parity }], mode, parity, samples: samples.length });
  for (const sample of samples) await labHere.call('quantize.observeSample', sample);
  await labHere.call('quantize.observeClose', {});
}

describe('a tensor with infinite values', () => {
  it.each([['extremes', 'minmax'], ['histogram', 'mse']] as const)('stays float with what touches it, and the rest is quantized: %s', async (mode, method) => {
    await observed(mode, mode, false);
    const setting: Setting = { kind: 'static', options, method, parity: false, headroom: true };
    const written = await labHere.call('quantize.write', { setting, name: mode });
    expect(written.quantized.filter(({ operator }) => operator === 'MatMul')).toHaveLength(4);
    expect(written.kept).toMatchObject([{ node: 'sm', reason: expect.stringContaining('infinite') as string }, { node: 'p' }]);
    expect((await prove(labHere, written, samples, quiet)).sqnrDb).toBeGreaterThan(25);
    await labHere.call('quantize.compareClose', {});
  });

  it('is refused in parity mode, where nothing may be left out, and the data is not blamed', async () => {
    await expect(observed('parity', 'extremes', true)).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED', hint: expect.stringContaining('--parity') as string });
  });

  it('gives no sums to correct biases or to round weights by', async () => {
    await observed('channels', 'channels', false);
    const written = await labHere.call('quantize.write', { setting: { kind: 'weights', keep: new Map(), forms: new Map(), correctBias: true }, name: 'weights' });
    expect((await prove(labHere, written, samples, quiet)).sqnrDb).toBeGreaterThan(30);
    await labHere.call('quantize.compareClose', {});
  });
});
