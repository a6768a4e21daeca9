import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { canonicalJson } from '../store/canonicalJson.ts';
import { getEvidence } from './evidenceRecords.ts';
import { knownKeyIds } from './keys.ts';
import { signEvidence } from './signEvidence.ts';
import { verifyZip } from './verifyEvidence.ts';
import { readZip, writeZip } from './zipContainer.ts';

let bed: EvidenceBed;
let path: string;
let id: string;
beforeEach(async () => { bed = openEvidenceBed(); const made = await bed.make(); path = made.paths.zip; id = made.record.id; });
afterEach(() => bed.close());

test('review and approval are added, earlier signatures stay, and the record follows', async () => {
  bed.now += 60_000;
  await signEvidence(bed.services, { path, signer: 'Ben Ott', role: 'quality engineer', meaning: 'reviewed' });
  expect(getEvidence(bed.services, id).state).toBe('review');
  bed.now += 60_000;
  const result = await signEvidence(bed.services, { path, signer: 'Cem Aydin', meaning: 'approved' });
  expect(result.signatures.map(({ signer, meaning, signedAt }) => [signer, meaning, signedAt])).toEqual([['Anna Keller', 'prepared', '2026-11-20T09:05:00.000Z'], ['Ben Ott', 'reviewed', '2026-11-20T09:06:00.000Z'], ['Cem Aydin', 'approved', '2026-11-20T09:07:00.000Z']]);
  expect(getEvidence(bed.services, id)).toMatchObject({ state: 'approved', signatures: result.signatures });
  expect([...bed.store.audit.all()].map((entry) => entry.action)).toEqual(['evidence.prepared', 'evidence.reviewed', 'evidence.approved']);
});

test('who prepared it cannot review or approve it, however the name is spelled, and nobody signs twice alike', async () => {
  await expect(signEvidence(bed.services, { path, signer: ' anna  KELLER', meaning: 'approved' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await signEvidence(bed.services, { path, signer: 'Ben Ott', meaning: 'reviewed' });
  await expect(signEvidence(bed.services, { path, signer: 'Ben Ott', meaning: 'reviewed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('a changed package is not signed and stays as it is', async () => {
  const bytes = readFileSync(path);
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await expect(signEvidence(bed.services, { path, signer: 'Ben Ott', meaning: 'reviewed' })).rejects.toMatchObject({ code: 'EVIDENCE_INVALID' });
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('a signature in the middle cannot be removed, nor the order changed', async () => {
  await signEvidence(bed.services, { path, signer: 'Ben Ott', meaning: 'reviewed' });
  await signEvidence(bed.services, { path, signer: 'Cem Aydin', meaning: 'approved' });
  const known = await knownKeyIds(bed.services.dataDir);
  const { entries } = readZip(readFileSync(path));
  const [review, approval] = entries.slice(-2);
  if (!review || !approval) throw new Error('two signatures were added');
  expect(verifyZip(writeZip(entries), known).valid).toBe(true);
  expect(verifyZip(writeZip(entries.filter((entry) => entry !== review)), known).valid).toBe(false);
  expect(verifyZip(writeZip([...entries.slice(0, -2), approval, review]), known).valid).toBe(false);
});

test('OpenSSL accepts the signature by the steps that the package describes', () => {
  const folder = join(bed.dir, 'unpacked');
  mkdirSync(folder);
  for (const entry of readZip(readFileSync(path)).entries) writeFileSync(join(folder, entry.name), entry.bytes);
  const file = JSON.parse(readFileSync(join(folder, 'manifest.sig'), 'utf8')) as { payload: unknown; signature: string };
  writeFileSync(join(folder, 'payload.json'), canonicalJson(file.payload));
  writeFileSync(join(folder, 'payload.sig'), Buffer.from(file.signature, 'base64'));
  const verify = () => execFileSync('openssl', ['pkeyutl', '-verify', '-pubin', '-inkey', 'public-key.pem', '-rawin', '-in', 'payload.json', '-sigfile', 'payload.sig'], { cwd: folder, stdio: 'pipe' }).toString();
  expect(verify()).toContain('Verified Successfully');
  expect(execFileSync('sha256sum', ['-c', 'manifest.sha256'], { cwd: folder, stdio: 'pipe' }).toString()).not.toContain('FAILED');
  writeFileSync(join(folder, 'payload.json'), `${canonicalJson(file.payload)} `);
  expect(verify).toThrow();
});
