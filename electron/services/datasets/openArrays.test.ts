// Folders and files of arrays: which array feeds which input, what the labels say, and one sentence for what does not fit.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DatasetTarget } from './openDataset.ts';
import { openDataset } from './openDataset.ts';

let dir: string;
/** No set is registered. */
const services = { store: { collection: () => ({ list: () => [], get: () => null, put: () => undefined, remove: () => false }) } } as unknown as Parameters<typeof openDataset>[0];
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millwright-arrays-')); });
afterEach(() => { rmSync(dir, { recursive: true, force: true }); });

/** Format version 1 of numpy.lib.format. */
function npy(descr: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = `${text}${' '.repeat(63 - ((10 + text.length) % 64))}\n`;
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([header.length & 0xff, header.length >> 8]), Buffer.from(header, 'latin1'), data]);
}
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const longs = (...values: number[]) => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
const put = (name: string, bytes: Uint8Array) => { mkdirSync(dir, { recursive: true }); writeFileSync(join(dir, name), bytes); };
const open = (target: DatasetTarget | null = null) => openDataset(services, { path: dir }, target);
const inputs = (...names: string[]): DatasetTarget => ({ inputs: names.map((name) => ({ name, type: 'float32', shape: ['N', 2] })) });

it('feeds each input from the array of its name, also where the name cannot be that of a file', async () => {
  put('x_0.npy', npy('<f4', [2, 2], floats(1, 2, 3, 4)));
  put('y.npy', npy('<f4', [2], floats(0, 1)));
  put('other.npy', npy('<f4', [2, 2], floats(5, 6, 7, 8)));
  const reader = await open(inputs('x:0', 'other'));
  const { feeds, label } = await reader.read(1);
  expect(feeds).toMatchObject({ 'x:0': { dims: [1, 2], data: Float32Array.from([3, 4]) }, other: { data: Float32Array.from([7, 8]) } });
  expect([label, reader.task, reader.classes]).toEqual(['1', 'classification', ['0', '1']]);
  await reader.close();
});

it('tells numbers with a fraction from classes, and names classes by dataset.yaml', async () => {
  put('inputs.npy', npy('<f4', [3, 2], floats(1, 2, 3, 4, 5, 6)));
  put('labels.npy', npy('<f4', [3], floats(0.5, 1, 2)));
  const numbers = await open();
  expect([numbers.task, numbers.labels]).toEqual(['regression', ['0.5', '1', '2']]);
  await numbers.close();
  put('labels.npy', npy('<i8', [3], longs(0, 1, 7)));
  put('dataset.yaml', Buffer.from('labels: [good, bad]\n'));
  const named = await open();
  expect([named.labels, named.classes]).toEqual([['good', 'bad', '7'], ['good', 'bad']]);
  await named.close();
});

it('the same values are the same sample; another type or shape is not', async () => {
  put('inputs.npy', npy('<f4', [3, 2], floats(1, 2, 1, 2, 3, 4)));
  const reader = await open();
  const hashes: string[] = [];
  for await (const entry of reader.identities(undefined, new Set([0, 1, 2]))) if (!('reason' in entry)) hashes.push(entry.sha256);
  expect(new Set(hashes).size).toBe(2);
  const some: number[] = [];
  for await (const { index } of reader.identities(undefined, new Set([2]))) some.push(index);
  expect(some).toEqual([2]);
  await reader.close();
});

it.each<[string, () => void, DatasetTarget | null, RegExp]>([
  ['an input without array', () => put('inputs.npy', npy('<f4', [1, 2], floats(1, 2))), inputs('a', 'b'), /has no array for the model's input "a", "b"; it has inputs\.$/],
  ['arrays of different length', () => { put('inputs.npy', npy('<f4', [2, 2], floats(1, 2, 3, 4))); put('labels.npy', npy('<i8', [1], longs(0))); }, null, /^labels\.npy has 1 samples, but inputs\.npy has 2\.$/],
  ['no sample', () => put('inputs.npy', npy('<f4', [0, 2], new Uint8Array())), null, /hold no sample\.$/],
  ['labels alone', () => put('labels.npy', npy('<i8', [1], longs(0))), null, /has no array of inputs\.$/],
  ['several labels a sample', () => { put('inputs.npy', npy('<f4', [1, 2], floats(1, 2))); put('labels.npy', npy('<i8', [1, 3], longs(0, 1, 2))); }, null, /^labels\.npy has 3 values a sample/],
  ['a text in the place of an array', () => put('inputs.npy', Buffer.from('not an array at all')), null, /^inputs\.npy is not a \.npy array\.$/],
])('says in one sentence: %s', async (_what, make, target, message) => {
  make();
  await expect(open(target)).rejects.toMatchObject({ code: 'BAD_DATA', message: expect.stringMatching(message) });
});
