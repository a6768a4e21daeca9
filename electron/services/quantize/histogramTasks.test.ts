import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import { dataTypes, tensorOver } from '#core/quantize/graph/protos';
import { node, tinyModel, weight } from '#test/fakes/tinyModel';
import { histogramOpenTask, histogramResultTask, histogramSampleTask } from './histogramTasks.ts';

const workDir = mkdtempSync(join(tmpdir(), 'millwright-histogram-'));
afterAll(() => rmSync(workDir, { recursive: true, force: true }));
/** Codes of half steps from -5 to 122.5. */
const model = (zeroPoint = 10) => tinyModel({ inputs: { x: [1, 4] }, outputs: { z: [1, 4] }, weights: [weight('s', [], [0.5]), tensorOver('zp', dataTypes.uint8, [], Uint8Array.of(zeroPoint))], nodes: [node('Neg', ['x'], ['y']), node('QuantizeLinear', ['y', 's', 'zp'], ['q']), node('DequantizeLinear', ['q', 's', 'zp'], ['d']), node('Neg', ['d'], ['z'])] });
const run = (...samples: readonly (readonly number[])[]) => runOn(model(), samples);
const runOn = async (made: ReturnType<typeof model>, samples: readonly (readonly number[])[]) => {
  await histogramOpenTask({ bytes: encodeModel(made), node: 'y', workDir });
  for (const values of samples) await histogramSampleTask({ feeds: { x: { type: 'float32', dims: [1, 4], data: Float32Array.from(values) } } });
  return (await histogramResultTask({})).tensors;
};

it('counts what lies outside of the stored range and which codes are used, over all samples', async () => {
  const [output, input] = await run([0, -1, -2, 8], [-200, -122.5, -1.1, 5]);
  expect(output).toMatchObject({ role: 'output', tensor: 'y', min: -8, max: 200, values: 8, nonFinite: 0, belowZeroShare: 0, clipShare: 2 / 8, stored: { low: -5, high: 122.5, scale: 0.5, zeroPoint: 10 } });
  expect(output?.unusedShare).toBeCloseTo(1 - 5 / 256); // 0, 1 and 1.1, 2, -5 and below, 122.5 and above
  expect(output?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(8);
  expect(input).toMatchObject({ role: 'input', tensor: 'x', min: -200, max: 8, stored: null, clipShare: null, unusedShare: null });
});
it('does not take for clipped what a range from zero turns into zero in place of a ReLU', async () => expect((await runOn(model(0), [[3, 1, -4, -200]]))[0]).toMatchObject({ min: -3, stored: { low: 0, high: 127.5 }, belowZeroShare: 0.5, clipShare: 0.25 }));
it('leaves out and tells what is not finite', async () => expect((await run([NaN, 1, 2, Infinity]))[0]).toMatchObject({ values: 2, nonFinite: 2, min: -2, max: -1, clipShare: 0 }));
it('leaves no hole between bins where the values lie close together far from zero', async () => {
  const [output] = await run(...Array.from({ length: 200 }, (_, i) => [0, 1, 2, 3].map((j) => -(100 + (4 * i + j) / 800))));
  expect(output?.bins.every(({ count }) => count > 0)).toBe(true);
});
it('puts one value that never changes into one bin', async () => expect((await run([-3, -3, -3, -3]))[0]?.bins).toEqual([{ from: 3, to: 3, count: 4 }]));
