// Folders of pictures: names that try to be something else, files that are none, what is passed over, and what does not fit the model.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { checkDataset } from './checkDataset.ts';
import type { SampleFault, SampleIdentity } from './DatasetReader.ts';
import { openDataset } from './openDataset.ts';

let dir: string;
let png: Buffer;
/** No set is registered. */
const services = { store: { collection: () => ({ list: () => [], get: () => null, put: () => undefined, remove: () => false }) } } as unknown as Parameters<typeof openDataset>[0];
beforeAll(async () => { png = await sharp(Uint8Array.from({ length: 16 * 16 }, (_, at) => (at * 37) % 256), { raw: { width: 16, height: 16, channels: 1 } }).png().toBuffer(); });
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millwright-images-')); });
afterEach(() => { rmSync(dir, { recursive: true, force: true }); });

function put(name: string, bytes: Uint8Array = png): void { const path = join(dir, name); mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, bytes); }
const open = (inputs: Parameters<typeof openDataset>[2] = null) => openDataset(services, { path: dir }, inputs);
async function identitiesOf(): Promise<(SampleIdentity | SampleFault)[]> { const found: (SampleIdentity | SampleFault)[] = []; for await (const entry of (await open()).identities()) found.push(entry); return found; }
const input = (shape: number[]) => ({ inputs: [{ name: 'x', type: 'float32' as const, shape }] });

it('takes names as they are: spaces, quotes, other scripts, right-to-left marks, a line end, what looks like a path or a formula', async () => {
  const names = ['a/ lead ing.png', "a/it's \"so\".png", 'a/日本.png', 'a/\u202Egnp.png', 'a/two\nlines.png', 'b/=cmd|x.png', 'b/a..png.png', 'b/%2e%2e%2fx.PNG', '__proto__/x.png', 'constructor/x.png'];
  for (const name of names) put(name);
  const reader = await open();
  expect([...reader.names].sort()).toEqual([...names].sort());
  expect(reader.classes).toEqual(['__proto__', 'a', 'b', 'constructor']);
  expect((await identitiesOf()).every((entry) => 'sha256' in entry)).toBe(true);
  const { entries } = await reader.manifest();
  expect(entries.map(({ name }) => name)).toEqual([...names].sort());
});

it.each<[string, () => Uint8Array]>([
  ['no bytes', () => new Uint8Array()], ['text', () => Buffer.from('not a picture')], ['a cut file', () => png.subarray(0, png.length - 20)], ['a header alone', () => png.subarray(0, 33)],
  ['damaged pixels', () => png.map((byte, at) => (at > 45 && at < 80 ? byte ^ 0xff : byte))], ['a BMP without pixels', () => Uint8Array.from([0x42, 0x4d, 0, 0, 0, 0])], ['SVG, which may reach for other files', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
])('a picture that is %s is one fault with its name; the others are read', async (_what, bytes) => {
  put('good/a.png');
  put('good/b.png', bytes());
  const [a, b] = await identitiesOf();
  expect(a).toMatchObject({ name: 'good/a.png', perceptualHash: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(b).toMatchObject({ name: 'good/b.png', reason: expect.stringMatching(/^good\/b\.png /) });
  const reader = await open();
  await expect(reader.read(1)).rejects.toMatchObject({ code: 'BAD_DATA', message: expect.stringMatching(/^good\/b\.png /) });
  expect((await checkDataset(services, { path: dir })).check.findings).toContainEqual(expect.objectContaining({ id: 'DATA_UNREADABLE', place: 'good/b.png' }));
});

it('passes over folders and pictures whose names begin with a dot, and says so', async () => {
  put('good/a.png');
  put('bad/b.png');
  put('.cache/c.png');
  put('good/.d.png');
  put('.DS_Store', Buffer.from('x'));
  const { check } = await checkDataset(services, { path: dir });
  expect(check).toMatchObject({ samples: 2, classes: [{ name: 'bad' }, { name: 'good' }] });
  expect(check.findings.filter(({ id }) => id === 'DATA_HIDDEN')).toEqual([{ id: 'DATA_HIDDEN', severity: 'warning', place: '.cache, good/.d.png', message: '2 folders or images whose names begin with a dot are left out.', remedy: expect.any(String) }]);
  rmSync(join(dir, '.cache'), { recursive: true });
  rmSync(join(dir, 'good', '.d.png'));
  expect((await checkDataset(services, { path: dir })).check.findings.map(({ id }) => id)).not.toContain('DATA_HIDDEN');
});

it('leaves out a link to nowhere, other files and what lies too deep, by name', async () => {
  put('good/a.png');
  put('bad/b.png');
  put('good/movie.gif');
  put(`${Array.from({ length: 10 }, () => 'deep').join('/')}/c.png`);
  symlinkSync(join(dir, 'nowhere'), join(dir, 'good', 'link.png'));
  const { found } = await open();
  expect(found?.ignored).toEqual(expect.arrayContaining(['good/movie.gif', 'good/link.png', Array.from({ length: 9 }, () => 'deep').join('/')]));
  expect(found?.images.map(({ name }) => name)).toEqual(['bad/b.png', 'good/a.png']);
});

it('says what does not fit the model: size, several inputs, a class that dataset.yaml does not list', async () => {
  put('good/a.png');
  put('dataset.yaml', Buffer.from('preprocess: { resize: 20 }\n'));
  await expect(open(input([1, 1, 28, 28]))).rejects.toMatchObject({ code: 'BAD_DATA', message: 'The model\'s input "x" takes images of 28 x 28 pixels, but they are prepared as 20 x 20.' });
  await expect(open({ inputs: [...input([1, 1, 16, 16]).inputs, ...input([1, 3]).inputs] })).rejects.toMatchObject({ message: expect.stringContaining('The model takes 2 inputs') });
  await expect((await open()).read(1)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  put('dataset.yaml', Buffer.from('labels: [god, bad]\n'));
  await expect(open()).rejects.toMatchObject({ code: 'BAD_DATA', message: expect.stringMatching(/^The folder "good" of .+ is not among the labels of dataset\.yaml; did you mean "god"\?$/) });
});
