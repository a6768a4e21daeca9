// Where the preparation of pictures comes from, what is written for the runtime, and that nobody guesses.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Preparation } from '#shared/contract/serving';
import { addDataset } from '#services/datasets/registerDataset';
import { repositoryFiles } from '#services/images/repositoryFiles';
import { showModel } from '#services/models/inspectModel';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { sumModel } from '#test/fakes/servingModels';
import { servedPreparation } from './servedPreparation.ts';

let bed: EvidenceBed;
beforeEach(() => { bed = openEvidenceBed(); });
afterEach(() => { bed.close(); });

const reader = resolve('resources', 'sample', 'lot-code-reader.onnx');
const context = { signal: new AbortController().signal, progress: () => undefined };
const stated = { filter: 'bilinear', color: 'gray', mean: [0.1307], std: [0.3081] } as const;

function dataSet(name: string, preprocess: unknown): string {
  const folder = join(bed.dir, name);
  mkdirSync(join(folder, 'a'), { recursive: true });
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', 'base64');
  writeFileSync(join(folder, 'a', '1.png'), pixel);
  writeFileSync(join(folder, 'dataset.yaml'), JSON.stringify({ layout: 'images', ...(preprocess === null ? {} : { preprocess }) }));
  return folder;
}
const added = async (path: string) => (await addDataset(bed.services, { path, purpose: 'test' }, context)).id;
const modelAt = async (path: string) => ({ ...await showModel(bed.services, { path }), path });
const none = { testId: null, before: null };

/** What the runtime is told in its millwright.json. */
async function settings(prepared: Preparation | null): Promise<unknown> {
  const { files } = await repositoryFiles({ path: reader, name: 'm', id: null, record: null, labels: null }, { name: 'm', prepared });
  const file = files.find(({ path }) => path === 'm/millwright.json');
  return file ? JSON.parse(Buffer.from(file.content as Uint8Array).toString()) : null; // made of bytes
}

it('takes it from the test data of the station', async () => {
  const testId = await added(dataSet('set', { color: 'gray', mean: [0.1307], std: [0.3081] }));
  const { prepared, notes } = await servedPreparation(bed.services, await modelAt(reader), { testId, before: null });
  expect([prepared, notes]).toEqual([{ preprocess: stated, state: null }, []]);
  expect(await settings(prepared)).toEqual({ preprocess: stated });
});

it('takes pictures without a preprocess as validation took them: as the input says', async () => {
  const testId = await added(dataSet('plain', null));
  expect((await servedPreparation(bed.services, await modelAt(reader), { testId, before: null })).prepared).toEqual({ preprocess: { filter: 'bilinear' }, state: null });
});

it('has pictures refused, and says so, where nobody knows or what is known does not fit', async () => {
  const unknown = await servedPreparation(bed.services, await modelAt(reader), none);
  expect(unknown).toMatchObject({ prepared: { preprocess: null, state: null }, notes: [{ id: 'IMAGES_REFUSED', place: 'image' }] });
  expect(await settings(unknown.prepared)).toEqual({ images: false });
  const colour = await added(dataSet('colour', { color: 'rgb' }));
  expect(await servedPreparation(bed.services, await modelAt(reader), { testId: colour, before: null })).toMatchObject({ prepared: { preprocess: null }, notes: [{ message: expect.stringContaining('takes 1 channel') as string }] });
  expect(await servedPreparation(bed.services, await modelAt(reader), { testId: 'gone', before: null })).toMatchObject({ prepared: { preprocess: null }, notes: [{ id: 'IMAGES_REFUSED' }] });
});

it('keeps what the version before had, and writes nothing new for what an earlier release deployed', async () => {
  const before = { preprocess: stated, state: null };
  expect((await servedPreparation(bed.services, await modelAt(reader), { testId: null, before })).prepared).toEqual(before);
  expect(await settings(null)).toBe(null);
});

it('takes what stands beside the file first, state too, and refuses a state that the model has not', async () => {
  const path = join(bed.dir, 'reader.onnx');
  copyFileSync(reader, path);
  writeFileSync(join(bed.dir, 'reader.millwright.json'), JSON.stringify({ preprocess: { scale: 1 }, maxQueue: 5 }));
  expect((await servedPreparation(bed.services, await modelAt(path), none)).prepared).toEqual({ preprocess: { filter: 'bilinear', scale: 1 }, state: null });
  const sum = join(bed.dir, 'sum.onnx');
  writeFileSync(sum, sumModel());
  writeFileSync(join(bed.dir, 'sum.millwright.json'), JSON.stringify({ state: { state: 'next' } }));
  const { prepared, notes } = await servedPreparation(bed.services, await modelAt(sum), none);
  expect([prepared, notes, await settings(prepared)]).toEqual([{ preprocess: null, state: { state: 'next' } }, [], { images: false, state: { state: 'next' } }]);
  expect((await servedPreparation(bed.services, { ...await modelAt(sum), path: null }, { testId: null, before: prepared })).prepared.state).toEqual({ state: 'next' });
  writeFileSync(join(bed.dir, 'sum.millwright.json'), JSON.stringify({ state: { h: 'hn' } }));
  await expect(servedPreparation(bed.services, await modelAt(sum), none)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('h and hn') as string });
});
