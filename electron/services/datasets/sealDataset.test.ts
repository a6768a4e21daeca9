// Opening for use: what a model was tuned on is refused however the data is named, and every opening is in the ledger.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { recordCalibration, type JudgedModel } from './calibrations.ts';
import { openDataset } from './openDataset.ts';
import { addDataset } from './registerDataset.ts';
import { datasetRecords } from './resolveDataset.ts';
import { countOpening, openForUse, sealDataset } from './sealDataset.ts';

const quiet = { signal: new AbortController().signal, progress: () => undefined };
const sha = (digit: string) => digit.repeat(64);
let bed: EvidenceBed;
let dir: string;
beforeEach(() => { bed = openEvidenceBed(); dir = mkdtempSync(join(tmpdir(), 'millwright-use-')); });
afterEach(() => { bed.close(); rmSync(dir, { recursive: true, force: true }); });

function table(name: string, rows: readonly string[]): string {
  const path = join(dir, name);
  writeFileSync(path, ['a,b,label', ...rows].join('\n'));
  return path;
}
const model = (sha256s: readonly string[], calibration: JudgedModel['calibration'] = null): JudgedModel => ({ name: 'reader', sha256s, calibration });
async function calibrate(path: string, outputSha256: string, inputSha256 = sha('0'), indices?: readonly number[]) {
  const reader = await openDataset(bed.services, { path }, null);
  const { sha256 } = await reader.manifest();
  await recordCalibration(bed.services, reader, { outputSha256, inputSha256, set: { name: 'ranges', manifestSha256: sha256 }, indices: indices ?? Array.from({ length: reader.length }, (_, index) => index) });
  return sha256;
}
async function open(path: string, judged: JudgedModel) {
  const reader = await openDataset(bed.services, { path }, null);
  try { return await openForUse(bed.services, { path }, reader, { by: 'Eva Lang', reason: `Validation of ${judged.name}`, model: judged }); } finally { await reader.close(); }
}

it('refuses a test set by path that holds a row the model was calibrated on, and takes it for another model', async () => {
  await calibrate(table('calibration.csv', ['1,2,good', '3,4,bad', '5,6,good']), sha('a'));
  const test = table('test.csv', ['7,8,good', '3,4,good', '9,9,bad']); // another label is still the same sample
  await expect(open(test, model([sha('a')]))).rejects.toMatchObject({ code: 'BAD_DATA', message: '1 sample of test.csv is among those that reader was calibrated on, from "ranges" (row 3 is row 3).' });
  await expect(open(test, model([sha('b')]))).resolves.toMatchObject({ calibratedOn: [], overlapChecked: false });
});

it('compares with the samples that were looked at, not with those of the set that were left', async () => {
  const calibration = table('calibration.csv', ['1,2,good', '3,4,bad', '5,6,good']);
  const manifestSha256 = await calibrate(calibration, sha('a'), sha('0'), [0, 2]);
  await expect(open(table('test.csv', ['3,4,bad']), model([sha('a')]))).resolves.toMatchObject({ calibratedOn: [{ name: 'ranges', manifestSha256, samples: 2 }] });
});

it('follows a model to what it was made from, and both ways in which the same file was made', async () => {
  const first = await calibrate(table('one.csv', ['1,2,good']), sha('a'));
  const second = await calibrate(table('two.csv', ['3,4,good']), sha('a'));
  await calibrate(table('three.csv', ['5,6,good']), sha('b'), sha('a'));
  for (const row of ['1,2', '3,4', '5,6']) await expect(open(table('test.csv', [`${row},good`]), model([sha('b')]))).rejects.toMatchObject({ code: 'BAD_DATA' });
  const use = await open(table('test.csv', ['7,8,good']), model([sha('b')]));
  expect(use.calibratedOn.map(({ manifestSha256 }) => manifestSha256)).toEqual(expect.arrayContaining([first, second]));
  expect(use.calibratedOn).toHaveLength(3);
});

it('finds a picture that was saved anew among those calibrated on', async () => {
  const draw = async (folder: string, name: string, seed: number, quality: number) => {
    mkdirSync(join(dir, folder), { recursive: true });
    const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => 128 + 100 * Math.sin((at % 192) / (9 + seed)) * Math.cos(Math.floor(at / 192) / (7 + seed)));
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).jpeg({ quality }).toFile(join(dir, folder, name));
  };
  await draw('calibration', 'a.jpg', 1, 95);
  await draw('test', 'b.jpg', 1, 70);
  await draw('test', 'c.jpg', 9, 95);
  await calibrate(join(dir, 'calibration'), sha('a'));
  await expect(open(join(dir, 'test'), model([sha('a')]))).rejects.toMatchObject({ message: expect.stringContaining('1 sample of test is among those that reader was calibrated on, from "ranges" (b.jpg looks like a.jpg)') });
});

it.each([['is gone', (path: string) => rmSync(path)], ['was changed', (path: string) => writeFileSync(path, '[]')]])('refuses where the list of calibrated samples %s', async (what, hit) => {
  await calibrate(table('calibration.csv', ['1,2,good']), sha('a'));
  const folder = join(bed.services.dataDir, 'calibrations');
  for (const name of readdirSync(folder)) hit(join(folder, name));
  await expect(open(table('test.csv', ['7,8,good']), model([sha('a')]))).rejects.toMatchObject({ code: 'BAD_DATA', message: expect.stringContaining(what), hint: expect.stringContaining('Quantize the model again') });
});

it('believes a receipt from elsewhere: the very set is refused, another one is named as not compared', async () => {
  const test = table('test.csv', ['7,8,good']);
  const { manifest } = await open(test, model([sha('a')]));
  await expect(open(test, model([sha('a')], { name: 'theirs', manifestSha256: manifest.sha256 }))).rejects.toMatchObject({ message: 'test.csv is the set that reader was calibrated on.' });
  await expect(open(test, model([sha('a')], { name: 'theirs', manifestSha256: sha('c') }))).resolves.toMatchObject({ calibratedOn: [{ name: 'theirs', samples: null }] });
});

it('counts each opening of a set given by its path, and a registered one takes the earlier ones over', async () => {
  const path = table('test.csv', ['7,8,good', '9,9,bad']);
  await open(path, model([sha('a')]));
  bed.now += 60_000;
  const second = await open(path, model([sha('a')]));
  expect(second.openings).toMatchObject([{ at: '2026-11-20T09:05:00.000Z', by: 'Eva Lang', reason: 'Validation of reader' }, { at: '2026-11-20T09:06:00.000Z' }]);
  const { id } = await addDataset(bed.services, { path, purpose: 'test' }, quiet);
  await sealDataset(bed.services, { id }, quiet);
  expect(datasetRecords(bed.services).get(id)?.openings).toEqual(second.openings);
  bed.now += 60_000;
  const third = await open(path, model([sha('a')]));
  expect(third.openings).toHaveLength(3);
  expect(datasetRecords(bed.services).get(id)?.openings).toEqual(third.openings);
  datasetRecords(bed.services).remove(id); // the ledger does not go with the record
  expect((await open(path, model([sha('a')]))).openings).toHaveLength(4);
});

it('a refused opening is none', async () => {
  await calibrate(table('calibration.csv', ['1,2,good']), sha('a'));
  await expect(open(table('test.csv', ['1,2,good']), model([sha('a')]))).rejects.toThrow();
  expect([...bed.store.audit.all()].map(({ action }) => action)).not.toContain('dataset.open');
});

it('counts each look of a comparison at labels beside the validations', async () => {
  const look = async (path: string) => {
    const reader = await openDataset(bed.services, { path }, null);
    try { await countOpening(bed.services, { path }, reader, { by: 'Eva Lang', reason: 'Comparison of a and b' }); } finally { await reader.close(); }
  };
  const test = table('test.csv', ['7,8,good', '9,9,bad']);
  await look(test);
  await look(test);
  const use = await open(test, model([sha('b')]));
  expect(use.openings.map(({ by, reason }) => [by, reason])).toEqual([['Eva Lang', 'Comparison of a and b'], ['Eva Lang', 'Comparison of a and b'], ['Eva Lang', 'Validation of reader']]);
});
