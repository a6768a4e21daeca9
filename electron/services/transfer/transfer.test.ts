import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValidationReceiptInput } from '#core/report/receipt';
import { evidenceRecordSchema } from '#shared/contract/evidence';
import { modelRecordSchema, type ModelRecord } from '#shared/contract/models';
import { stationRecordSchema } from '#shared/contract/stations';
import type { Packed } from '#shared/contract/transfer';
import { fakeStation } from '#test/fakes/stationRecord';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { isInside, readSums, writeSums } from './carriedFolder.ts';
import { checkArrival } from './checkArrival.ts';
import { folderNameOf, packStation } from './packStation.ts';

const signal = new AbortController().signal;
const context = { signal, progress: () => undefined };
const bytes = Buffer.from('the bytes of a model');
const sha256 = createHash('sha256').update(bytes).digest('hex');

let bed: EvidenceBed;
let stick: string;
let packed: Packed;
/** A station with a model in the registry, a file of weights beside it, and evidence that speaks of that model. */
beforeAll(async () => {
  bed = openEvidenceBed();
  stick = join(bed.dir, 'stick');
  const { services } = bed;
  const folder = join(services.dataDir, 'models', 'm-1');
  mkdirSync(join(folder, 'weights'), { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), bytes);
  writeFileSync(join(folder, 'weights', 'part.bin'), 'weights');
  // The receipt's model is the one in the registry, wherever its hash stands.
  const receipt = JSON.parse(JSON.stringify(sampleReceipt({ samples: 40 })).replaceAll('1'.repeat(64), sha256)) as ValidationReceiptInput;
  const { record } = await bed.make(receipt);
  const model: ModelRecord = { id: 'm-1', name: 'Lid seal', importedAt: '2026-11-20T08:00:00.000Z', path: join(folder, 'model.onnx'), summary: receipt.model.summary as ModelRecord['summary'], labels: ['good', 'fold'], changes: [], sourceSha256: sha256, derivedFrom: null, runnable: { ok: true, reason: '' }, version: null, licence: null };
  services.store.collection('models', modelRecordSchema).put(model);
  services.store.collection('stations', stationRecordSchema).put(fakeStation({ id: 's-1', name: 'Lid seal check', line: 'Line 3', status: 'commissioned', evidenceId: record.id }));
  packed = await pack();
}, 60_000);
afterAll(() => bed.close());

const pack = (folder = stick) => packStation(bed.services, { stationId: 's-1', folder }, context);
const check = (path: string) => checkArrival(bed.services, path, signal);
/** A copy of the packed folder, for one test to spoil. */
let copies = 0;
function copy(): string {
  const path = join(bed.dir, `copy-${copies++}`);
  cpSync(packed.path, path, { recursive: true });
  return path;
}
const ids = async (path: string) => (await check(path)).findings.map(({ id, place }) => `${id} ${place}`);

test('what is packed arrives: model, weights, evidence, and who signed it', async () => {
  expect(packed.path).toBe(join(stick, `line-3-lid-seal-check-${sha256.slice(0, 8)}`));
  expect(packed.files.map(({ name }) => name)).toEqual(['evidence.zip', 'model/model.onnx', 'model/weights/part.bin', 'station.json']);
  const arrival = await check(packed.path);
  expect(arrival).toMatchObject({ valid: true, findings: [], files: 4, knownKey: true, verdict: 'FAIL', modelPath: join(packed.path, 'model/model.onnx'), carried: { station: { name: 'Lid seal check', line: 'Line 3' }, model: { name: 'Lid seal', sha256, labels: ['good', 'fold'] } } });
  expect(arrival.signatures.map(({ meaning }) => meaning)).toEqual(['prepared']);
  expect(readdirSync(stick)).toHaveLength(1);
  expect(Array.from(bed.store.audit.all()).at(-1)).toMatchObject({ action: 'station.packed', subject: 'Lid seal check' });
});
test('a machine without this console can check it too', async () => {
  const path = copy();
  expect(execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: path, encoding: 'utf8' }).trim().split('\n').every((line) => line.endsWith(': OK'))).toBe(true);
});
test('on another machine the key of the signer is not known, and it says so', async () => {
  const path = copy();
  const other = await checkArrival({ dataDir: join(bed.dir, 'other') }, path, signal);
  expect(other).toMatchObject({ valid: true, knownKey: false });
  expect(other.findings.map(({ id }) => id)).toEqual(['EVIDENCE_UNKNOWN_KEY']);
});

test.each([
  ['model/model.onnx', 'TRANSFER_CHANGED model/model.onnx'], ['model/weights/part.bin', 'TRANSFER_CHANGED model/weights/part.bin'], ['station.json', 'TRANSFER_CHANGED station.json'], ['evidence.zip', 'TRANSFER_CHANGED evidence.zip'],
])('a changed byte in %s is found, with its place', async (name, finding) => {
  const path = copy();
  appendFileSync(join(path, name), ' ');
  expect(await ids(path)).toContain(finding);
  expect(await check(path)).toMatchObject({ valid: false, modelPath: null });
});
test('a missing file, one too many, a link and a broken list are found', async () => {
  const path = copy();
  writeFileSync(join(path, 'notes.txt'), 'hello');
  expect(await ids(path)).toEqual(['TRANSFER_EXTRA_FILE notes.txt']);
  expect((await check(path)).valid).toBe(true);
  renameSync(join(path, 'model/weights/part.bin'), join(bed.dir, 'part.bin'));
  expect(await ids(path)).toContain('TRANSFER_MISSING_FILE model/weights/part.bin');
  symlinkSync(join(bed.dir, 'part.bin'), join(path, 'model/weights/part.bin'));
  expect(await ids(path)).toContain('TRANSFER_NO_FILE model/weights/part.bin');
  writeFileSync(join(path, 'SHA256SUMS'), `${sha256}  ../../etc/passwd\n`);
  expect(await ids(path)).toContain('TRANSFER_SUMS SHA256SUMS, line 1');
  rmSync(join(path, 'SHA256SUMS'));
  expect((await check(path)).valid).toBe(false);
});
test('a model put in the place of the validated one is found, though the list was written anew', async () => {
  const path = copy();
  writeFileSync(join(path, 'model/model.onnx'), 'another model');
  const other = createHash('sha256').update('another model').digest('hex');
  writeFileSync(join(path, 'SHA256SUMS'), readFileSync(join(path, 'SHA256SUMS'), 'utf8').replace(sha256, other));
  expect(await ids(path)).toEqual(['TRANSFER_OTHER_MODEL model/model.onnx']);
});
test('what is no folder is refused, and an empty one is not valid', async () => {
  await expect(check(join(bed.dir, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  writeFileSync(join(bed.dir, 'file'), '');
  await expect(check(join(bed.dir, 'file'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  mkdirSync(join(bed.dir, 'empty'));
  expect(await check(join(bed.dir, 'empty'))).toMatchObject({ valid: false, carried: null, modelPath: null });
});

test('nothing is overwritten, and nothing half-written is left', async () => {
  await expect(pack()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  const controller = new AbortController();
  const stopped = packStation(bed.services, { stationId: 's-1', folder: join(bed.dir, 'second') }, { signal: controller.signal, progress: ({ done }) => { if (done === 1) controller.abort(new Error('stop')); } });
  await expect(stopped).rejects.toThrow('stop');
  expect(readdirSync(join(bed.dir, 'second'))).toEqual([]);
});
test('names of folders are plain, whatever a station is called', () => expect([{ line: 'Line 3', name: 'Lid seal' }, { line: 'Line 3', name: 'Line 3 · Lid seal' }, { line: '', name: 'Prüfung Ä/1' }, { line: '', name: 'فحص' }, { line: '', name: '../..' }].map(folderNameOf)).toEqual(['line-3-lid-seal', 'line-3-lid-seal', 'prufung-a-1', 'station', 'station']));
test('the list reads back as it was written, and no name in it leads out of the folder', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => isInside(text) && !/[\r\n]/.test(text) && text.trim() === text);
  fc.assert(fc.property(fc.array(fc.record({ sha256: fc.stringMatching(/^[0-9a-f]{64}$/), name })), (lines) => { expect(readSums(writeSums(lines))).toEqual({ lines }); }));
  for (const bad of ['../x', 'a/../../x', '/etc/passwd', '\\\\host\\x', 'C:\\x', 'a//b', './a', '']) expect(isInside(bad)).toBe(false);
});

// The last: it spoils the data folder.
test('a model that is not the validated one any more, or evidence that does not hold, does not leave', async () => {
  writeFileSync(join(bed.services.dataDir, 'models/m-1/model.onnx'), 'rotten');
  await expect(pack(join(bed.dir, 'third'))).rejects.toMatchObject({ code: 'BAD_MODEL' });
  const { zip } = bed.store.collection('evidence', evidenceRecordSchema).list()[0]?.paths ?? { zip: '' };
  appendFileSync(zip, 'x');
  await expect(pack(join(bed.dir, 'third'))).rejects.toMatchObject({ code: 'EVIDENCE_INVALID' });
  bed.store.collection('stations', stationRecordSchema).put(fakeStation({ id: 's-1' }));
  await expect(pack(join(bed.dir, 'third'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(readdirSync(join(bed.dir, 'third'))).toEqual([]);
});
