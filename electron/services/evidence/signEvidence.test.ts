import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { addUser } from '../people/addUser.ts';
import { canonicalJson } from '../store/canonicalJson.ts';
import { getEvidence } from './evidenceRecords.ts';
import { knownKeys, onlyKey } from './keyring.ts';
import { openSigningKey } from './keys.ts';
import { signEvidence } from './signEvidence.ts';
import { verifyEvidence, verifyZip } from './verifyEvidence.ts';
import { packEntry, readZip, writeZip } from './zipContainer.ts';

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
  expect(bed.store.audit.list(1).entries[0]).toMatchObject({ actor: 'anna KELLER', action: 'evidence.refused', subject: 'validation-0007', detail: { meaning: 'approved', reason: expect.stringContaining('prepared this package'), authenticated: false } });
  await signEvidence(bed.services, { path, signer: 'Ben Ott', meaning: 'reviewed' });
  await expect(signEvidence(bed.services, { path, signer: 'Ben Ott', meaning: 'reviewed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('nobody approves what nobody reviewed, nor reviews what is approved', async () => {
  const sign = (signer: string, meaning: 'reviewed' | 'approved') => signEvidence(bed.services, { path, signer, meaning });
  await expect(sign('Cem Aydin', 'approved')).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('not signed as reviewed yet') });
  expect(getEvidence(bed.services, id).state).toBe('draft');
  await sign('Ben Ott', 'reviewed');
  await sign('Cem Aydin', 'approved');
  await expect(sign('Dora Lind', 'reviewed')).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('approved already'), hint: expect.stringContaining('Validate again') });
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
  const known = knownKeys(bed.services.dataDir);
  const { entries } = readZip(readFileSync(path));
  const [review, approval] = entries.filter((entry) => entry.name.startsWith('signatures/') && entry.name.endsWith('.sig'));
  if (!review || !approval) throw new Error('two signatures were added');
  expect(verifyZip(writeZip(entries), known).valid).toBe(true);
  expect(verifyZip(writeZip(entries.filter((entry) => entry !== review)), known).valid).toBe(false);
  expect(verifyZip(writeZip(entries.map((entry) => (entry === review ? approval : entry === approval ? review : entry))), known).valid).toBe(false);
});

test('a later signature shows in print: a page as HTML and PDF that it signs itself, beside the package too', async () => {
  await signEvidence(bed.services, { path, signer: 'Ben Ott', role: 'quality engineer', meaning: 'reviewed' });
  bed.now += 60_000;
  await signEvidence(bed.services, { path, signer: 'Cem <b>Aydin', meaning: 'approved' });
  expect(getEvidence(bed.services, id).signaturePages).toEqual({ pdf: join(bed.dir, 'out', 'signatures.pdf'), html: join(bed.dir, 'out', 'signatures.html') });
  const { entries } = readZip(readFileSync(path));
  expect(entries.map(({ name }) => name).filter((name) => name.startsWith('signatures/'))).toEqual(['signatures/002-reviewed.html', 'signatures/002-reviewed.pdf', 'signatures/002-reviewed.sig', 'signatures/003-approved.html', 'signatures/003-approved.pdf', 'signatures/003-approved.sig']);
  const html = readFileSync(join(bed.dir, 'out', 'signatures.html'), 'utf8');
  for (const text of ['Anna Keller', 'Ben Ott', 'quality engineer', 'Cem &lt;b&gt;Aydin', '2026-11-20T09:06:00Z', 'No deviation of this report']) expect(html).toContain(text);
  expect(entries.find(({ name }) => name === 'signatures/003-approved.html')?.bytes.toString()).toBe(html);
  const known = knownKeys(bed.services.dataDir);
  const without = (name: string) => verifyZip(writeZip(entries.filter((entry) => entry.name !== name)), known);
  expect(without('signatures/003-approved.pdf').valid).toBe(false);
  expect(without('signatures/003-approved.sig').findings.map(({ place }) => place)).toContain('signatures/003-approved.html');
  const swapped = entries.map((entry) => (entry.name === 'signatures/002-reviewed.html' ? packEntry({ name: entry.name, bytes: Buffer.from(entry.bytes.toString().replace('Ben Ott', 'Ben Orr')) }) : entry));
  expect(verifyZip(writeZip(swapped), known).findings.map(({ place }) => place)).toContain('signatures/002-reviewed.html');
  writeFileSync(join(bed.dir, 'out', 'signatures.pdf'), 'another');
  expect((await verifyEvidence(bed.services, path)).findings).toMatchObject([{ id: 'EVIDENCE_BESIDE', place: 'signatures.pdf' }]);
});

test('a copy that is signed elsewhere gives its record no page that does not lie there', async () => {
  const copy = join(bed.dir, 'copy.zip');
  writeFileSync(copy, readFileSync(path));
  await signEvidence(bed.services, { path: copy, signer: 'Ben Ott', meaning: 'reviewed' });
  expect(getEvidence(bed.services, id)).toMatchObject({ state: 'review' });
  expect(getEvidence(bed.services, id)).not.toHaveProperty('signaturePages');
});

const has = (tool: string) => { try { execFileSync(tool, [tool === 'qpdf' ? '--version' : '-v'], { stdio: 'ignore' }); return true; } catch { return false; } };
test.runIf(has('pdftotext') && has('qpdf'))('the page of signatures is a sound PDF of one page that names each signer', async () => {
  await signEvidence(bed.services, { path, signer: 'Ben Ott', role: 'quality engineer', meaning: 'reviewed' });
  const pdf = join(bed.dir, 'out', 'signatures.pdf');
  execFileSync('qpdf', ['--check', pdf], { stdio: 'pipe' });
  const text = execFileSync('pdftotext', ['-layout', pdf, '-']).toString();
  expect(text).toMatch(/prepared\s+Anna Keller/);
  expect(text).toMatch(/reviewed\s+Ben Ott\s+quality/);
  expect(text).toContain('page 1 of 1');
});

const secret = (user: string) => `${user}: three words of nobody`;
async function people(...users: ReadonlyArray<readonly [user: string, printedName: string, role: 'Operator' | 'Engineer' | 'Quality' | 'Admin']>) {
  for (const [user, printedName, role] of users) await addUser(bed.services, { user, printedName, role, password: secret(user), by: { user: 'root', password: secret('root') } });
}
const by = (user: string, password = secret(user)) => ({ user, password });

test('once there are users, a signature needs the password, bears name and role of the user, and says so', async () => {
  const before = await signEvidence(bed.services, { path, signer: 'Ben Ott', role: 'quality engineer', meaning: 'reviewed' });
  expect(before.signatures.at(-1)).toMatchObject({ signer: 'Ben Ott', role: 'quality engineer', authenticated: false });
  await people(['root', 'Ada Root', 'Admin'], ['ben', 'Ben Ott', 'Quality'], ['cem', 'Cem Aydin', 'Quality'], ['eva', 'Eva Lang', 'Engineer'], ['ole', 'Ole Berg', 'Operator']);
  const sign = (input: Omit<Parameters<typeof signEvidence>[1], 'path'>) => signEvidence(bed.services, { path, ...input });
  await expect(sign({ signer: 'Cem Aydin', meaning: 'approved' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(sign({ by: by('cem', 'not the password'), meaning: 'approved' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(sign({ by: by('cem'), signer: 'Eva Lang', meaning: 'approved' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  for (const [user, meaning] of [['ole', 'prepared'], ['ole', 'reviewed'], ['root', 'reviewed'], ['eva', 'approved']] as const) await expect(sign({ by: by(user), meaning })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await sign({ by: by('ben'), meaning: 'reviewed' }); // the unproven one in this name does not keep its owner from signing
  await expect(sign({ by: by('cem'), meaning: 'approved' })).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('not signed as prepared by a user with a password'), hint: expect.stringContaining('--meaning prepared') });
  await sign({ by: by('eva'), meaning: 'prepared' });
  const after = await sign({ by: by('cem'), meaning: 'approved' });
  await expect(sign({ by: by('cem'), meaning: 'reviewed' })).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('approved already') });
  expect(after).toMatchObject({ valid: true, signatures: [{ signer: 'Anna Keller', authenticated: false }, { authenticated: false }, { signer: 'Ben Ott', role: 'Quality', authenticated: true }, { signer: 'Eva Lang', meaning: 'prepared', authenticated: true }, { signer: 'Cem Aydin', role: 'Quality', meaning: 'approved', authenticated: true }] });
  expect(getEvidence(bed.services, id)).toMatchObject({ state: 'approved', signatures: after.signatures });
  const audited = [...bed.store.audit.all()];
  expect(audited.filter((entry) => entry.action === 'people.refused').map((entry) => entry.subject)).toEqual(['cem', 'ole', 'ole', 'root', 'eva']);
  expect(audited.filter(({ action }) => action !== 'evidence.refused').at(-1)).toMatchObject({ actor: 'Cem Aydin', action: 'evidence.approved', detail: { authenticated: true, user: 'cem', role: 'Quality' } });
  expect(JSON.stringify(audited)).not.toMatch(/three words|not the password/);
});

test('the author cannot review under another spelling: neither printed name nor user name', async () => {
  await people(['root', 'Ada Root', 'Admin'], ['anna', 'ANNA  Keller', 'Quality']);
  await expect(signEvidence(bed.services, { path, by: by('anna'), meaning: 'reviewed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const receipt = sampleReceipt({ samples: 20 });
  const { paths } = await bed.make({ ...receipt, author: { name: 'root', role: 'Engineer' } }, { outputDir: join(bed.dir, 'second') });
  await expect(signEvidence(bed.services, { path: paths.zip, by: by('root'), meaning: 'approved' })).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('prepared') });
});

test('without users a password proves nothing and is refused', async () => {
  await expect(signEvidence(bed.services, { path, by: by('ben'), meaning: 'reviewed' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

test('a signature from before there were users still verifies, and is not called authenticated', async () => {
  const key = await openSigningKey(bed.services);
  const { entries } = readZip(readFileSync(path));
  const file = JSON.parse(entries.at(-1)!.bytes.toString()) as { payload: Record<string, unknown> };
  const { authenticated: _said, ...payload } = file.payload;
  const bytes = Buffer.from(`${canonicalJson({ algorithm: 'Ed25519', payload, signature: key.sign(Buffer.from(canonicalJson(payload))).toString('base64') })}\n`);
  const old = writeZip([...entries.slice(0, -1), packEntry({ name: entries.at(-1)!.name, bytes })]);
  expect(verifyZip(old, onlyKey(key))).toMatchObject({ valid: true, signatures: [{ signer: 'Anna Keller', authenticated: false }] });
  // What is said of a signer is signed as all else is.
  const forged = Buffer.from(entries.at(-1)!.bytes.toString().replace('"authenticated":false', '"authenticated":true'));
  expect(verifyZip(writeZip([...entries.slice(0, -1), packEntry({ name: entries.at(-1)!.name, bytes: forged })]), onlyKey(key)).valid).toBe(false);
});

test('OpenSSL accepts the signature by the steps that the package describes', () => {
  const folder = join(bed.dir, 'unpacked');
  mkdirSync(join(folder, 'performance'), { recursive: true });
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
