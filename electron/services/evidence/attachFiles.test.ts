// Attachments: files of a person in the next revision, under manifest and signature, and nothing else.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { attachFiles, detachFiles } from './attachFiles.ts';
import { getEvidence, showEvidence } from './evidenceRecords.ts';
import { signEvidence } from './signEvidence.ts';
import { sha256Hex } from './signatures.ts';
import { verifyEvidence } from './verifyEvidence.ts';
import { packEntry, readZip, writeZip } from './zipContainer.ts';

let bed: EvidenceBed;
let photo: string;
let note: string;
const quiet = () => ({ signal: new AbortController().signal, progress: () => undefined, log: () => undefined });
const names = (zip: string) => readZip(readFileSync(zip)).entries.map(({ name }) => name);
const attach = (path: string, files: { path: string; caption?: string; name?: string }[], reason?: string) => attachFiles(bed.services, { path, files: files.map((file) => ({ caption: '', ...file })), force: false, ...(reason === undefined ? {} : { reason }) }, quiet());

beforeEach(async () => {
  bed = openEvidenceBed();
  photo = join(bed.dir, 'Lamp 3 <script>.png');
  writeFileSync(photo, await sharp({ create: { width: 1600, height: 900, channels: 3, background: '#804020' } }).png().toBuffer());
  note = join(bed.dir, 'gauge.csv');
  writeFileSync(note, 'time,lux\n08:00,412\n');
});
afterEach(() => bed.close());

it('makes the next revision, with the file under the signature, in Annex D and in the audit trail', async () => {
  const { record, paths } = await bed.make();
  const made = await attach(paths.zip, [{ path: photo, caption: 'Lamp 3, as found' }, { path: note }], 'Asked for by QA.');
  const verification = await verifyEvidence(bed.services, made.zip);
  expect(verification).toMatchObject({ valid: true, findings: [] });
  expect(getEvidence(bed.services, record.id).state).toBe('superseded');
  expect(getEvidence(bed.services, made.evidenceId)).toMatchObject({ state: 'draft', supersedesSha256: record.reportSha256, attachments: made.attachments });
  const entries = readZip(readFileSync(made.zip)).entries;
  for (const [{ file, sha256 }, path] of [[made.attachments[0]!, photo], [made.attachments[1]!, note]] as const) {
    expect(Buffer.from(entries.find(({ name }) => name === file)!.bytes).equals(readFileSync(path))).toBe(true);
    expect(sha256).toBe(sha256Hex(readFileSync(path)));
  }
  const { report } = await showEvidence(bed.services, made.zip);
  expect(report).toMatchObject({ revision: 2, attachments: [{ name: 'Lamp 3 <script>.png', caption: 'Lamp 3, as found', kind: 'png' }, { name: 'gauge.csv', kind: 'text' }] });
  expect(report?.sections.find(({ number }) => number === 'D')).toMatchObject({ performed: true });
  const html = readFileSync(join(made.zip, '..', 'report.html'), 'utf8');
  expect(html).toContain('<img alt="No. 1: Lamp 3, as found" src="data:image/jpeg;base64,');
  expect(html).not.toContain('Lamp 3 <script>');
  expect(readFileSync(join(made.zip, '..', 'report.pdf')).toString('latin1')).toContain('/DCTDecode');
  expect(bed.store.audit.list(1).entries[0]).toMatchObject({ action: 'evidence.attached', subject: made.evidenceId, detail: { old: null, new: { files: [{ name: 'Lamp 3 <script>.png' }, { name: 'gauge.csv' }] }, reason: 'Asked for by QA.' } });
});

it('carries them into further revisions, and takes them off by name or hash', async () => {
  const first = await attach((await bed.make()).paths.zip, [{ path: photo }, { path: note }]);
  const pdf = join(bed.dir, 'protocol.pdf');
  writeFileSync(pdf, '%PDF-1.7\n');
  const second = await attach(first.zip, [{ path: pdf }]);
  expect(second.attachments.map(({ kind }) => kind)).toEqual(['png', 'text', 'pdf']);
  const third = await detachFiles(bed.services, { path: second.zip, attachments: ['gauge.csv', second.attachments[0]!.sha256.slice(0, 10)], force: false }, quiet());
  expect(third.attachments.map(({ name }) => name)).toEqual(['protocol.pdf']);
  expect(names(third.zip).filter((name) => name.startsWith('attachments/'))).toEqual([third.attachments[0]!.file]);
  await expect(detachFiles(bed.services, { path: third.zip, attachments: ['gauge.csv'], force: false }, quiet())).rejects.toMatchObject({ code: 'NOT_FOUND', hint: 'Attached are protocol.pdf.' });
});

it('leaves what was reviewed or superseded as it is', async () => {
  const { paths, record } = await bed.make();
  const next = await attach(paths.zip, [{ path: note }]);
  await expect(attachFiles(bed.services, { id: record.id, files: [{ path: photo, caption: '' }], force: false }, quiet())).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('superseded') });
  await signEvidence(bed.services, { path: next.zip, signer: 'Ben Ott', meaning: 'reviewed' });
  await expect(attach(next.zip, [{ path: photo }])).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('reviewed') });
});

it('refuses each file that cannot be attached with a sentence, and makes no revision', async () => {
  const { paths, record } = await bed.make();
  const at = (name: string, content: string | Buffer) => { const path = join(bed.dir, name); writeFileSync(path, content); return path; };
  mkdirSync(join(bed.dir, 'folder'));
  const png = readFileSync(photo);
  for (const [path, code, words] of [
    [at('empty.txt', ''), 'BAD_INPUT', 'is empty'], [at('program.png', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1])), 'BAD_INPUT', 'neither a picture'], [at('cut.png', png.subarray(0, 60)), 'BAD_INPUT', 'damaged picture'],
    [at('large.txt', 'x'.repeat(20 * 2 ** 20 + 1)), 'BAD_INPUT', 'at most 20'], [join(bed.dir, 'folder'), 'BAD_INPUT', 'is no file'], [join(bed.dir, 'gone.png'), 'NOT_FOUND', 'gone.png'],
  ] as const) await expect(attach(paths.zip, [{ path }])).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  await expect(attach(paths.zip, [{ path: note }, { path: at('again.csv', readFileSync(note)) }])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(getEvidence(bed.services, record.id).state).toBe('draft');
});

it('names an attached file that was exchanged in a package', async () => {
  const made = await attach((await bed.make()).paths.zip, [{ path: note }]);
  const entries = readZip(readFileSync(made.zip)).entries.map((entry) => (entry.name.startsWith('attachments/') ? { ...entry, bytes: Buffer.from('time,lux\n08:00,999\n') } : entry));
  const changed = join(bed.dir, 'changed.zip');
  writeFileSync(changed, writeZip(entries.map(packEntry)));
  const { valid, findings } = await verifyEvidence(bed.services, changed);
  expect([valid, findings.some(({ id, place }) => id === 'EVIDENCE_CHANGED' && place === made.attachments[0]!.file)]).toEqual([false, true]);
});
