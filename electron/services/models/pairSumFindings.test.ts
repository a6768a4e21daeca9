import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import { saturatingLayers } from '#core/quantize/pairSums';
import { quantizeDynamic } from '#core/quantize/weights/quantizeDynamic';
import { node, noise, tinyModel, weight } from '#test/fakes/tinyModel';
import { cloneModel } from '#core/quantize/graph/cloneModel';
import { dataTypes, tensorOver } from '#core/quantize/graph/protos';
import { inexactFindings, pairSumFindings, pairSumNotes } from './pairSumFindings.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-pairs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const float = tinyModel({ inputs: { x: [4, 64] }, outputs: { y: [4, 64] }, weights: [weight('w', [64, 64], noise(4096, 1))], nodes: [node('MatMul', ['x', 'w'], ['y'], {}, 'product')] });
const quantized = (reduceRange: boolean) => quantizeDynamic(float, { perChannel: true, reduceRange, operators: new Set(['MatMul']), parity: false, keep: new Map() }).model;
const stored = (name: string, bytes: Uint8Array | string) => { const path = join(root, name); writeFileSync(path, bytes); return path; };

it('tells of the layers that another engine could get wrong, with its name, and the way out', async () => {
  const [note, ...more] = await pairSumNotes(stored('wide.onnx', encodeModel(quantized(false))), 'Triton');
  expect(more).toEqual([]);
  expect(note).toMatchObject({ id: 'ENGINE_PAIR_SUMS', severity: 'warning', message: expect.stringMatching(/Triton may add wrongly in 1 layers .* up to \d+\.\d %/u) as string, remedy: expect.stringContaining('--reduce-range') as string });
});

it('tells nothing of weights in 7 bits, of a float model, and of a file that is no model', async () => {
  const paths = [stored('reduced.onnx', encodeModel(quantized(true))), stored('float.onnx', encodeModel(float)), stored('text.onnx', 'no model'), join(root, 'missing.onnx')];
  expect(await Promise.all(paths.map((path) => pairSumNotes(path, 'Triton')))).toEqual([[], [], [], []]);
});

it.each([['none, with a scale for each channel', false, [64], 1], ['none, with one scale', false, [], 0], ['of 0 for each channel', true, [64], 0]] as const)('warns of a model that nobody can add exactly: zero points %s', (_what, paired, dims, count) => {
  const scales = weight('s', dims, new Float32Array(dims[0] ?? 1).fill(0.01));
  const model = tinyModel({
    inputs: { x: [4, 64] }, outputs: { y: [4, 64] }, weights: [weight('xs', [], [1]), tensorOver('xz', dataTypes.uint8, [], Uint8Array.of(128)), tensorOver('w', dataTypes.int8, [64, 64], new Int8Array(4096).fill(127)), scales, tensorOver('z', dataTypes.int8, dims, new Int8Array(dims[0] ?? 1))],
    nodes: [node('QuantizeLinear', ['x', 'xs', 'xz'], ['q']), node('DequantizeLinear', ['q', 'xs', 'xz'], ['d']), node('DequantizeLinear', paired ? ['w', 's', 'z'] : ['w', 's'], ['wd'], { axis: { int: 1 } }), node('MatMul', ['d', 'wd'], ['y'], {}, 'product')],
  });
  // Weights in a file of their own are what a session cannot load from a copy with zero points.
  const file = cloneModel(model);
  file.graph!.initializer = file.graph!.initializer.map((tensor) => (tensor.name === 'w' ? { ...tensor, rawData: new Uint8Array(0), dataLocation: 1 } : tensor));
  const found = inexactFindings({ path: stored(`${count}-${paired}-${dims.length}.onnx`, encodeModel(file)), model });
  expect(found.map(({ id, place }) => `${id} ${place}`)).toEqual(count === 0 ? [] : ['MODEL_PAIR_SUMS product']);
});

it('names the layer with the largest share first in the finding of a result', () => {
  expect(pairSumFindings({ layers: [], obstacle: null })).toEqual([]);
  const layers = [{ node: 'a', share: 0.01 }, { node: 'b', share: 0.2 }];
  expect(pairSumFindings({ layers, obstacle: null })).toMatchObject([{ place: 'b', severity: 'info', message: expect.stringContaining('in 2 of the layers') as string, remedy: expect.stringContaining('Millwright and its stations add exactly') as string }]);
  expect(pairSumFindings({ layers, obstacle: 'shared weights' })).toMatchObject([{ severity: 'warning', message: expect.stringContaining('Millwright among them') as string, remedy: expect.stringContaining('--reduce-range') as string }]);
  expect(saturatingLayers(quantized(false)).map(({ node: name }) => name)).toHaveLength(1);
});
