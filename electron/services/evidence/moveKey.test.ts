import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '#shared/errors';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { addUser } from '../people/addUser.ts';
import { openOsStore, type OsStoreStep } from '../keystore/openOsStore.ts';
import type { Services } from '../Services.ts';
import { keepAuditHead } from './auditHead.ts';
import { finishRotation } from './finishRotation.ts';
import { backUpKey, restoreKey } from './keyBackup.ts';
import { openSigningKey } from './keys.ts';
import { listKeys } from './listKeys.ts';
import { moveKey } from './moveKey.ts';
import { rotateKey } from './rotateKey.ts';
import { verifyAudit } from './verifyAudit.ts';

/** The store of a desktop: its entries outlive the processes; it may be locked. */
const entries = new Map<string, string>();
let locked = false;
/** It answers, but a removal fails. */
let keepsAll = false;
let asked = 0;
const step: OsStoreStep = (input) => {
  asked += 1;
  if (locked || (keepsAll && input.step === 'remove')) return Promise.reject(new AppError('KEY_STORE_UNAVAILABLE', 'It is locked.'));
  if (input.step === 'write') entries.set(input.account, input.secret);
  if (input.step === 'remove') entries.delete(input.account);
  return Promise.resolve({ secret: entries.get(input.account) ?? null });
};

let bed: EvidenceBed;
let services: Services;
/** As another process would have it: nothing remembered. */
const another = (forNewKeys = true): Services => ({ ...bed.services, osStore: openOsStore(step, { forNewKeys }) });
beforeEach(() => { entries.clear(); locked = false; keepsAll = false; bed = openEvidenceBed(); services = another(); });
afterEach(() => bed.close());
/** Whose secrets the store has. */
const keysInStore = () => [...entries.keys()].map((account) => account.slice(0, 16));

const at = (name: string) => join(bed.services.dataDir, 'keys', name);
const ada = { signer: 'Ada Root' };
const present = async () => (await listKeys(services))[0];
const whole = async () => expect(await verifyAudit(services)).toMatchObject({ intact: true, findings: [] });

test('a first run keeps the key in the store; where the store does not work, in a file', async () => {
  const { keyId } = await openSigningKey(services);
  expect(await present()).toMatchObject({ keyId, keptIn: 'os-store' });
  expect(keysInStore()).toEqual([keyId]);
  expect(readFileSync(at('signing-key.pem'), 'utf8')).not.toContain('BEGIN PRIVATE KEY');
  const other = openEvidenceBed();
  locked = true;
  const inFile = { ...other.services, osStore: openOsStore(step, { forNewKeys: true }) };
  await openSigningKey(inFile);
  expect((await listKeys(inFile))[0]).toMatchObject({ keptIn: 'file', keptWhy: 'the key store of the operating system did not take it: It is locked.' });
  other.close();
});

test('many that start at once end with one key and one secret', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => openSigningKey(another())));
  expect(keysInStore()).toEqual([...new Set(keys.map(({ keyId }) => keyId))]);
});

test('a lost entry, a locked store and a store that was filled anew are sentences that say what to try, and leave all as it was', async () => {
  await openSigningKey(services);
  const before = readdirSync(at('')).sort();
  const refused = async () => {
    await expect(openSigningKey(another())).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE', hint: expect.stringMatching(/./) });
    await expect(rotateKey(another(), { reason: 'x', ...ada })).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
    await expect(moveKey(another(), { to: 'file', ...ada })).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
    expect(readdirSync(at('')).sort()).toEqual(before);
  };
  locked = true;
  await refused();
  locked = false;
  for (const account of entries.keys()) entries.set(account, 'of something else');
  await refused();
  entries.clear();
  await refused();
  expect(bed.store.audit.list(1).entries).toEqual([]);
});

test('a key whose entry was lost comes back from its backup, into the store again', async () => {
  const path = join(bed.dir, 'backup.pem');
  const passphrase = 'copper lantern forty';
  const { keyId } = await backUpKey(services, { ...ada, outputPath: path, force: false, passphrase });
  entries.clear();
  const fresh = another();
  expect(await restoreKey(fresh, { ...ada, path, passphrase, reason: 'The keyring was lost' })).toMatchObject({ keyId, keptIn: 'os-store' });
  expect((await openSigningKey(another())).keyId).toBe(keyId);
  await expect(restoreKey(fresh, { ...ada, path, passphrase, reason: 'again' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});

test('a rotation keeps the keeper and removes the secret of the retired key', async () => {
  await openSigningKey(services);
  const { keyId, keptIn } = await rotateKey(services, { reason: 'Yearly', ...ada });
  expect([keptIn, keysInStore()]).toEqual(['os-store', [keyId]]);
  await moveKey(services, { to: 'file', ...ada });
  expect(await rotateKey(services, { reason: 'Yearly', ...ada })).toMatchObject({ keptIn: 'file' });
  expect(entries.size).toBe(0);
  await whole();
});

test('the key moves both ways as the same key, with an entry each, and not twice', async () => {
  const { keyId } = await openSigningKey(another(false));
  expect(await moveKey(services, { to: 'os-store', ...ada })).toMatchObject({ keyId, keptIn: 'os-store' });
  await expect(moveKey(services, { to: 'os-store', ...ada })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(await moveKey(services, { to: 'file', ...ada })).toMatchObject({ keyId, keptIn: 'file', keptWhy: expect.stringMatching(/^Ada Root moved it here on 2026-/) });
  expect(bed.store.audit.list(2).entries.map(({ actor, action, subject, detail }) => [actor, action, subject, detail])).toMatchObject([['Ada Root', 'keys.moved', keyId, { from: 'os-store', to: 'file' }], ['Ada Root', 'keys.moved', keyId, { from: 'file', to: 'os-store' }]]);
  expect(entries.size).toBe(0);
  await whole();
});

test('with users it takes an Admin and the password', async () => {
  const password = 'copper lantern forty';
  await addUser(services, { user: 'ada', password, printedName: 'Ada Root', role: 'Admin' });
  await expect(moveKey(services, { to: 'file', ...ada })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await moveKey(services, { to: 'file', by: { user: 'ada', password } })).toMatchObject({ keptIn: 'file' });
});

test('a process that remembers an older secret asks the store again after another moved the key out and in', async () => {
  const { keyId } = await openSigningKey(services);
  const stays = another();
  const stop = await keepAuditHead(stays);
  await openSigningKey(stays);
  await moveKey(services, { to: 'file', ...ada });
  await moveKey(services, { to: 'os-store', ...ada });
  bed.store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' }); // signed by the one that stays
  await stop();
  expect((await openSigningKey(stays)).keyId).toBe(keyId);
  await whole();
});

test.each(['file', 'os-store'] as const)('a crash while the key moves to %s is finished after the entry and undone before it', async (to) => {
  const from = to === 'file' ? 'os-store' : 'file';
  const { keyId } = await openSigningKey(another(from === 'os-store'));
  const [before, secrets] = [readFileSync(at('signing-key.pem')), new Map(entries)];
  await moveKey(services, { to, ...ada });
  const [after, secretsAfter] = [readFileSync(at('signing-key.pem')), new Map(entries)];
  const asWhenItStopped = () => {
    writeFileSync(at('signing-key.pem'), before);
    writeFileSync(at('signing-key.next'), after, { mode: 0o600 });
    entries.clear();
    for (const [account, secret] of [...secrets, ...secretsAfter]) entries.set(account, secret);
  };
  asWhenItStopped();
  expect((await openSigningKey(another())).keyId).toBe(keyId); // at each moment there is a key that signs
  await finishRotation(another());
  expect([await present(), [...entries]]).toMatchObject([{ keyId, keptIn: to }, [...secretsAfter]]);
  await moveKey(services, { to: from, ...ada });
  // Now the last entry says `from`: the same files without their entry.
  asWhenItStopped();
  await finishRotation(another());
  expect([await present(), [...entries]]).toMatchObject([{ keyId, keptIn: from }, [...secrets]]);
  expect((await openSigningKey(another())).keyId).toBe(keyId);
  expect(readdirSync(at('')).filter((name) => name.includes('next'))).toEqual([]);
  await whole();
});

test('a crash in a rotation leaves no secret that nothing needs', async () => {
  await openSigningKey(services);
  const [oldFile, oldSecrets] = [readFileSync(at('signing-key.pem')), [...entries]];
  const { keyId } = await rotateKey(services, { reason: 'x', ...ada });
  renameSync(at('signing-key.pem'), at('signing-key.next'));
  writeFileSync(at('signing-key.pem'), oldFile);
  for (const [account, secret] of oldSecrets) entries.set(account, secret);
  await finishRotation(another());
  expect(keysInStore()).toEqual([keyId]);
  expect((await openSigningKey(another())).keyId).toBe(keyId);
  await whole();
});

test('two who move the key into the store at the same moment leave a key that opens, and one secret', async () => {
  const { keyId } = await openSigningKey(another(false));
  const settled = await Promise.allSettled([moveKey(another(), { to: 'os-store', ...ada }), moveKey(another(), { to: 'os-store', ...ada })]);
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await openSigningKey(another())).keyId).toBe(keyId);
  expect(keysInStore()).toEqual([keyId]);
});

test.each(['a move', 'a rotation'])('%s in a copy of the data folder takes nothing from the folder it was copied from', async (what) => {
  const { keyId } = await openSigningKey(services);
  const copy = openEvidenceBed();
  cpSync(at(''), join(copy.services.dataDir, 'keys'), { recursive: true });
  const there = { ...copy.services, osStore: openOsStore(step, { forNewKeys: false }) };
  if (what === 'a move') await moveKey(there, { to: 'file', ...ada });
  else await rotateKey(there, { reason: 'x', ...ada });
  copy.close();
  expect((await openSigningKey(another())).keyId).toBe(keyId);
});

test('a secret that the store did not let go of at the rotation is removed at a later start', async () => {
  await openSigningKey(services);
  keepsAll = true;
  const { keyId } = await rotateKey(services, { reason: 'x', ...ada });
  expect([keysInStore().length, existsSync(at('secrets-to-forget.json'))]).toEqual([2, true]);
  keepsAll = false;
  await finishRotation(another());
  expect([keysInStore(), existsSync(at('secrets-to-forget.json'))]).toEqual([[keyId], false]);
});

test('a locked store is not asked for each entry of the audit trail, and the head follows once the key was opened', async () => {
  await openSigningKey(services);
  locked = true;
  const stays = another();
  const stop = await keepAuditHead(stays);
  asked = 0;
  for (let entry = 0; entry < 5; entry++) {
    bed.store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' });
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  expect(asked).toBe(1);
  locked = false;
  await openSigningKey(stays);
  bed.store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' });
  await stop();
  await whole();
});
