// The distribution of a layer of the sample, made static INT8: its range is the one in the file; the original has none.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runCli } from './runCli.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-histogram-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const json = async (...args: string[]) => JSON.parse((await runCli([...args, '--json'], { dataDir: join(root, 'data') })).stdout) as Record<string, never>;

it('counts the values of a layer and tells the range stored for them', async () => {
  const [original, out, data] = ['resources/sample/lot-code-reader.onnx', join(root, 'q.onnx'), 'resources/sample/calibration'];
  const made = await json('quantize', original, '-o', out, '--recipe', 'static-int8', '--calibration', data) as unknown as { layers: { node: string; operator: string }[] };
  const node = made.layers.find(({ operator }) => operator === 'Conv')!.node;
  const seen = await json('model', 'histogram', out, node, '--data', data, '--samples', '4') as unknown as { samples: number; tensors: { stored: { low: number; high: number } | null; clipShare: number | null; belowZeroShare: number | null; values: number; bins: { count: number }[] }[] };
  expect(seen.samples).toBe(4);
  expect(seen.tensors).toHaveLength(2);
  for (const one of seen.tensors) expect(one.bins.reduce((sum, { count }) => sum + count, 0)).toBe(one.values);
  expect(seen.tensors.some(({ stored, clipShare }) => stored !== null && stored.high > stored.low && clipShare !== null && clipShare < 0.01)).toBe(true);
  expect(seen.tensors[0]?.belowZeroShare).toBeGreaterThan(0.1); // the ReLU behind the convolution is in the range
  const plain = await json('model', 'histogram', original, node, '--data', data, '--samples', '4') as unknown as { tensors: { stored: unknown; clipShare: unknown }[] };
  expect(plain.tensors.map(({ stored, clipShare }) => [stored, clipShare])).toEqual(plain.tensors.map(() => [null, null]));
}, 240_000); // three commands, each a process
