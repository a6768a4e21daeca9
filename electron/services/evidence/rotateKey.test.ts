import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { openTestHost } from '#test/fakes/testHost';
import { addUser } from '../people/addUser.ts';
import { keepAuditHead, readAuditHead } from './auditHead.ts';
import { finishRotation } from './finishRotation.ts';
import { backUpKey, restoreKey } from './keyBackup.ts';
import { knownKeys } from './keyring.ts';
import { openSigningKey } from './keys.ts';
import { exportKeys, listKeys } from './listKeys.ts';
import { rotateKey } from './rotateKey.ts';
import { signEvidence } from './signEvidence.ts';
import { makeSignature } from './signatures.ts';
import { verifyAudit } from './verifyAudit.ts';
import { verifyEvidence } from './verifyEvidence.ts';
import { packEntry, readZip, writeZip } from './zipContainer.ts';

let bed: EvidenceBed;
let stop: () => Promise<void>;
beforeEach(async () => { bed = openEvidenceBed(); stop = await keepAuditHead(bed.services); });
afterEach(async () => { await stop(); bed.close(); });

const rotate = (reason = 'Yearly change') => rotateKey(bed.services, { reason, signer: 'Ada Root' });
const at = (name: string) => join(bed.services.dataDir, 'keys', name);
const passphrase = 'copper lantern forty';

test('old evidence verifies after a rotation, and says that its key is retired and until when', async () => {
  const old = await openSigningKey(bed.services);
  const { paths } = await bed.make();
  bed.now += 60_000;
  const key = await rotate();
  expect(key).toMatchObject({ state: 'current', from: '2026-11-20T09:06:00.000Z', until: null });
  expect((await openSigningKey(bed.services)).keyId).toBe(key.keyId);
  expect(statSync(at('signing-key.pem')).mode & 0o777).toBe(0o600);
  expect(await listKeys(bed.services)).toMatchObject([{ keyId: key.keyId, state: 'current' }, { keyId: old.keyId, state: 'retired', until: '2026-11-20T09:06:00.000Z', reason: 'Yearly change', nextKeyId: key.keyId }]);
  bed.now += 60_000;
  const verified = await signEvidence(bed.services, { path: paths.zip, signer: 'Ben Ott', meaning: 'reviewed' });
  expect(verified).toMatchObject({ valid: true, knownKey: true, signatures: [{ keyId: old.keyId }, { keyId: key.keyId }], findings: [{ id: 'EVIDENCE_RETIRED_KEY', severity: 'info', message: expect.stringContaining('valid until 2026-11-20T09:06:00.000Z') }] });
  expect(await verifyAudit(bed.services)).toMatchObject({ intact: true, findings: [] });
  expect(bed.store.audit.list(2).entries[1]).toMatchObject({ actor: 'Ada Root', action: 'keys.rotated', detail: { oldKeyId: old.keyId, newKeyId: key.keyId, reason: 'Yearly change', authenticated: false } });
  expect(readAuditHead(bed.services.dataDir, knownKeys(bed.services.dataDir)).head?.keyId).toBe(key.keyId);
});

test('what a retired key signs after its end is called out', async () => {
  const retired = await openSigningKey(bed.services);
  const { paths } = await bed.make();
  await rotate();
  bed.now += 3_600_000;
  const { entries } = readZip(readFileSync(paths.zip));
  const [manifest, last] = [entries.find(({ name }) => name === 'manifest.sha256')!, entries.at(-1)!];
  const forged = makeSignature(retired, entries, manifest.bytes, last.bytes, { signer: 'Mallory', role: 'Quality', meaning: 'approved', signedAt: new Date(bed.now).toISOString(), authenticated: true });
  const path = join(bed.dir, 'forged.zip');
  writeFileSync(path, writeZip([...entries, packEntry({ name: 'signatures/002-approved.sig', bytes: forged })]));
  expect(await verifyEvidence(bed.services, path)).toMatchObject({ valid: false, findings: expect.arrayContaining([expect.objectContaining({ id: 'EVIDENCE_AFTER_RETIREMENT', severity: 'error', place: retired.keyId })]) });
  await expect(signEvidence(bed.services, { path, signer: 'Ben Ott', meaning: 'reviewed' })).rejects.toMatchObject({ code: 'EVIDENCE_INVALID' });
});

test('a clock that was set back before the rotation does not make true signatures late: their place in the trail counts', async () => {
  const { paths } = await bed.make();
  bed.now -= 86_400_000;
  await rotate();
  expect(await verifyEvidence(bed.services, paths.zip)).toMatchObject({ valid: true, findings: [{ id: 'EVIDENCE_RETIRED_KEY' }] });
});

test('a host that runs on signs the head with the new key, also after several rotations', async () => {
  await rotate('first');
  bed.store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' });
  const { keyId } = await rotate('second');
  bed.store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' });
  const { head } = readAuditHead(bed.services.dataDir, knownKeys(bed.services.dataDir));
  expect([head?.keyId, head?.seq]).toEqual([keyId, 4]);
  expect((await listKeys(bed.services)).map(({ state, reason }) => [state, reason])).toEqual([['current', null], ['retired', expect.anything()], ['retired', expect.anything()]]);
  expect(await verifyAudit(bed.services)).toMatchObject({ intact: true, findings: [] });
});

test.each(['changed', 'removed', 'key put back', 'head by the retired key'])('a tampered keys folder is found: %s', async (kind) => {
  const oldPem = readFileSync(at('signing-key.pem'), 'utf8');
  bed.store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' });
  const { keyId } = await rotate();
  const record = at(`${keyId}.rotation.json`);
  const newPem = readFileSync(at('signing-key.pem'), 'utf8');
  if (kind === 'changed') writeFileSync(record, readFileSync(record, 'utf8').replace('2026', '2027'));
  if (kind === 'removed') rmSync(record);
  if (kind === 'key put back') writeFileSync(at('signing-key.pem'), oldPem);
  if (kind === 'head by the retired key') {
    writeFileSync(at('signing-key.pem'), oldPem);
    bed.store.audit.append({ actor: 'Mallory', action: 'x', subject: 'y' });
    writeFileSync(at('signing-key.pem'), newPem);
  }
  expect(await verifyAudit(bed.services)).toMatchObject({ intact: false, findings: expect.arrayContaining([expect.objectContaining({ id: 'KEY_TAMPERED' })]) });
});

test('a crash between the steps leaves a key that signs, and the next start finishes or undoes the rotation', async () => {
  const old = await openSigningKey(bed.services);
  const oldPem = readFileSync(at('signing-key.pem'), 'utf8');
  const { keyId } = await rotate();
  // As it was before the last step: the entry is there, the next key waits.
  renameSync(at('signing-key.pem'), at('signing-key.next'));
  writeFileSync(at('signing-key.pem'), oldPem);
  expect((await openSigningKey(bed.services)).keyId).toBe(old.keyId);
  expect(await verifyAudit(bed.services)).toMatchObject({ intact: true });
  await finishRotation(bed.services);
  expect((await openSigningKey(bed.services)).keyId).toBe(keyId);
  expect(await verifyAudit(bed.services)).toMatchObject({ intact: true, findings: [] });
  // As it was before the entry: nothing says that it was rotated.
  const other = openTestHost();
  const lost = await rotateKey(other.host.services, { reason: 'x', signer: 'Ada Root' });
  for (const [from, to] of [[join(other.dataDir, 'keys', 'signing-key.pem'), at('signing-key.next')], [join(other.dataDir, 'keys', `${lost.keyId}.rotation.json`), at(`${lost.keyId}.rotation.json`)]] as const) writeFileSync(to, readFileSync(from));
  await other.close();
  await finishRotation(bed.services);
  expect((await openSigningKey(bed.services)).keyId).toBe(keyId);
  expect(readdirSync(at('')).filter((name) => name.includes('next') || name.startsWith(lost.keyId))).toEqual([]);
});

test('with users it takes an Admin and the password', async () => {
  const ada = { user: 'ada', password: passphrase };
  await addUser(bed.services, { ...ada, printedName: 'Ada Root', role: 'Admin' });
  await addUser(bed.services, { user: 'eva', printedName: 'Eva Lang', role: 'Quality', password: 'seven quiet bridges', by: ada });
  await expect(rotate()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(rotateKey(bed.services, { reason: 'x', by: { user: 'eva', password: 'seven quiet bridges' } })).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('by Admin.') });
  await rotateKey(bed.services, { reason: 'Left the plant', by: ada });
  expect(bed.store.audit.list(1).entries[0]).toMatchObject({ action: 'keys.rotated', actor: 'Ada Root', detail: { by: 'ada', authenticated: true } });
});

test('the exported keys make evidence of both known elsewhere, with the end of the retired one', async () => {
  const { paths } = await bed.make();
  bed.now += 60_000;
  await rotate();
  const path = join(bed.dir, 'keys.pem');
  expect(await exportKeys(bed.services, { outputPath: path, force: false })).toMatchObject({ keys: 2 });
  expect(readFileSync(path, 'utf8')).not.toContain('PRIVATE');
  const other = openTestHost();
  const { cpSync, mkdirSync } = await import('node:fs');
  mkdirSync(join(other.dataDir, 'keys', 'trusted'), { recursive: true });
  cpSync(path, join(other.dataDir, 'keys', 'trusted', 'plant.pem'));
  expect(await verifyEvidence(other.host.services, paths.zip)).toMatchObject({ valid: true, knownKey: true, findings: [{ id: 'EVIDENCE_RETIRED_KEY', message: expect.stringContaining('another installation') }] });
  await other.close();
});

test('a backup opens with its passphrase only, and restores a lost key; a retired one does not come back', async () => {
  const path = join(bed.dir, 'backup.pem');
  const who = { signer: 'Ada Root' };
  await expect(backUpKey(bed.services, { ...who, outputPath: path, force: false, passphrase: 'short' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  const { keyId } = await backUpKey(bed.services, { ...who, outputPath: path, force: false, passphrase });
  expect(readFileSync(path, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const restore = (given = passphrase) => restoreKey(bed.services, { ...who, path, passphrase: given, reason: 'The disk was damaged' });
  await expect(restore()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  writeFileSync(at('signing-key.pem'), 'garbage');
  await expect(restore('another passphrase')).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(await restore()).toMatchObject({ keyId, state: 'current' });
  rmSync(at('signing-key.pem'));
  await openSigningKey(bed.services); // a new one is made, as at the next start
  expect(await restore()).toMatchObject({ keyId, state: 'current' });
  await rotate();
  await expect(restore()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(JSON.stringify([...bed.store.audit.all()])).not.toContain(passphrase);
  expect(await verifyAudit(bed.services)).toMatchObject({ intact: true });
});

test('on a new installation the key of a backup takes the place of its key as in a rotation', async () => {
  const path = join(bed.dir, 'backup.pem');
  const { keyId } = await backUpKey(bed.services, { signer: 'Ada Root', outputPath: path, force: false, passphrase });
  const { paths } = await bed.make();
  const other = openTestHost();
  const restored = await restoreKey(other.host.services, { signer: 'Ada Root', path, passphrase, reason: 'New machine' });
  expect(restored).toMatchObject({ keyId, state: 'current' });
  expect(await verifyEvidence(other.host.services, paths.zip)).toMatchObject({ valid: true, knownKey: true, findings: [] });
  expect(await other.host.call('audit.verify', {})).toMatchObject({ intact: true, findings: [] });
  await other.close();
});
