import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { flipByte, skilledEdits } from '#test/golden/report/tampering';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { knownKeys, type KnownKeys } from './keyring.ts';
import { signEvidence } from './signEvidence.ts';
import { verifyEvidence, verifyZip } from './verifyEvidence.ts';
import { packEntry, readZip, writeZip } from './zipContainer.ts';

let bed: EvidenceBed;
let zip: Buffer;
let known: KnownKeys;
beforeAll(async () => {
  bed = openEvidenceBed();
  zip = readFileSync((await bed.make()).paths.zip);
  known = knownKeys(bed.services.dataDir);
});
afterAll(() => bed.close());

const check = (bytes: Buffer, keys: KnownKeys = known) => {
  const { valid, findings } = verifyZip(bytes, keys);
  return { valid, findings, places: findings.filter((finding) => finding.severity === 'error').map((finding) => finding.place) };
};

test('an untouched package is valid, with title, verdict and signature', () => {
  const { entries: _entries, report: _report, payloads: _payloads, ...verification } = verifyZip(zip, known);
  expect(verification).toMatchObject({ valid: true, files: 15, knownKey: true, verdict: 'FAIL', title: 'Lot code reader, line 4: validation of the INT8 model', findings: [] });
});

test('any one changed byte is found, and the finding names the place', () => {
  const spans = readZip(zip).entries;
  fc.assert(fc.property(fc.integer({ min: 0, max: zip.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
    const { valid, findings, places } = check(flipByte(zip, at, by));
    expect(valid, `byte ${at}`).toBe(false);
    expect(findings.length).toBeLessThan(40);
    const owner = [...spans].reverse().find((entry) => entry.offset <= at);
    const inEntry = owner !== undefined && at >= owner.offset + 30 + owner.name.length && at < owner.offset + 30 + owner.name.length + owner.packed.length;
    if (inEntry) expect(places.join('\n')).toContain(owner.name);
  }), { numRuns: 200 });
});

test('the histograms of each point and of the soak are in the package, and a better tail put into one is found', () => {
  const { entries } = readZip(zip);
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith('.hgrm'));
  expect(names).toEqual(['performance/01-cpu-batch-1-threads-1-callers-1.hgrm', 'performance/01-cpu-batch-1-threads-1-callers-1-corrected.hgrm', 'performance/soak.hgrm']);
  for (const name of names) {
    const text = Buffer.from(entries.find((entry) => entry.name === name)?.bytes ?? []).toString('utf8');
    expect(text).toMatch(/^ +Value +Percentile +TotalCount +1\/\(1-Percentile\)\n\n(?: +[\d.]+ [01]\.\d{12} +\d+.*\n)+#\[Mean /);
    const better = text.replace(/^( +)[\d.]+( 1\.0{12})/m, '$10.100$2');
    expect(better).not.toBe(text);
    expect(check(writeZip(entries.map((entry) => (entry.name === name ? packEntry({ name, bytes: Buffer.from(better) }) : entry)))).places).toContain(name);
  }
});

test('each byte of headers, signature and directory counts', () => {
  const { entries } = readZip(zip);
  const signature = entries[entries.length - 1];
  const offsets = [...entries.flatMap((entry) => Array.from({ length: 30 }, (_, index) => entry.offset + index)), ...Array.from({ length: zip.length - (signature?.offset ?? 0) }, (_, index) => (signature?.offset ?? 0) + index)];
  const unseen = offsets.filter((at, index) => index % 7 === 0 && check(flipByte(zip, at, 1 + (index % 255))).valid);
  expect(unseen).toEqual([]);
});

test('signatures lie in the package as they are: nothing of them has bits without a meaning', () => {
  const stored = (bytes: Buffer) => readZip(bytes).entries.filter(({ name }) => name.endsWith('.sig')).map(({ packed, bytes: content }) => packed.length === content.length);
  expect(stored(zip)).toEqual([true]);
  const last = readZip(zip).entries.at(-1)!; // manifest.sig
  const ends = Array.from({ length: 8 }, (_, bit) => check(flipByte(zip, last.offset + 30 + last.name.length + last.packed.length - 1, 1 << bit)).valid);
  expect(ends).toEqual(Array.from({ length: 8 }, () => false));
});

test('whatever someone who knows zip files does is found', () => {
  for (const [what, edited] of skilledEdits(zip)) expect(check(edited).valid, what).toBe(false);
});

test('a swapped file is named', () => {
  const [, edited] = skilledEdits(zip)[0] ?? [];
  expect(check(edited ?? zip).places).toContain('results.csv');
});

test('a declared size far beyond the packed bytes is refused before it is unpacked', () => {
  const bomb = Buffer.from(zip);
  bomb.writeUInt32LE(0x1fffffff, 22);
  const before = process.memoryUsage().rss;
  expect(check(bomb).valid).toBe(false);
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
});

test('a package re-signed with another key is shown as unknown, not as ours', async () => {
  const other = openEvidenceBed();
  try {
    const theirs = readFileSync((await other.make()).paths.zip);
    const result = verifyZip(theirs, known);
    expect(result).toMatchObject({ valid: true, knownKey: false });
    expect(result.findings.map((finding) => finding.id)).toEqual(['EVIDENCE_UNKNOWN_KEY']);
    const [ours, foreign] = [readZip(zip).entries, readZip(theirs).entries];
    const mixed = writeZip([...ours.slice(0, -1), ...foreign.slice(-1)]); // their signature on our files
    expect(check(mixed).valid).toBe(false);
  } finally {
    other.close();
  }
});

test('only the file is needed: another data folder, without the key, does', async () => {
  const path = join(bed.dir, 'alone.zip');
  writeFileSync(path, zip);
  const other = openEvidenceBed();
  try {
    expect(await verifyEvidence(other.services, path)).toMatchObject({ valid: true, knownKey: false });
  } finally {
    other.close();
  }
  await expect(verifyEvidence(bed.services, join(bed.dir, 'missing.zip'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a package that another was put in place of, and a signature that was cut off, are found by the record', async () => {
  const own = openEvidenceBed();
  try {
    const [first, second] = [await own.make(), await own.make(sampleReceipt({ samples: 30 }), { outputDir: join(own.dir, 'second') })];
    const draft = readFileSync(first.paths.zip);
    await signEvidence(own.services, { path: first.paths.zip, signer: 'Ben Ott', meaning: 'reviewed' });
    expect(await verifyEvidence(own.services, first.paths.zip)).toMatchObject({ valid: true, findings: [] });
    writeFileSync(join(own.dir, 'copy.zip'), draft);
    expect(await verifyEvidence(own.services, join(own.dir, 'copy.zip'))).toMatchObject({ valid: true, findings: [{ id: 'EVIDENCE_OLDER_COPY', severity: 'warning', place: 'signature 2' }] });
    writeFileSync(first.paths.zip, draft);
    expect(await verifyEvidence(own.services, first.paths.zip)).toMatchObject({ valid: false, findings: [{ id: 'EVIDENCE_SIGNATURES_CUT', place: 'signature 2' }] });
    writeFileSync(first.paths.zip, readFileSync(second.paths.zip));
    expect((await verifyEvidence(own.services, first.paths.zip)).findings[0]).toMatchObject({ id: 'EVIDENCE_SWAPPED', place: 'evidence.zip' });
  } finally {
    own.close();
  }
});

test('a file beside the package that was swapped is named, and the package stays valid', async () => {
  const own = openEvidenceBed();
  try {
    const { paths } = await own.make();
    writeFileSync(paths.pdf, 'another report');
    expect(await verifyEvidence(own.services, paths.zip)).toMatchObject({ valid: true, findings: [{ id: 'EVIDENCE_BESIDE', severity: 'warning', place: 'report.pdf' }] });
  } finally {
    own.close();
  }
});
