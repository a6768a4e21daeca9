import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type OpenStore } from '../store/openStore.ts';
import { addUser } from './addUser.ts';
import { authenticate, lockMsAfter } from './authenticate.ts';
import { changeUser } from './changeUser.ts';
import { strengthForPeople, strengthForRandom } from './passwordHash.ts';
import { setPassword } from './setPassword.ts';
import { listUsers, userRecords } from './userRecords.ts';

let dir: string;
let store: OpenStore;
let now: number;
const said: unknown[] = [];
const log = { info: (...parts: unknown[]) => { said.push(parts); }, warn: (...parts: unknown[]) => { said.push(parts); }, error: (...parts: unknown[]) => { said.push(parts); } };
const services = (passwordStrength = strengthForRandom) => ({ store, clock: () => now, passwordStrength });
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millwright-people-')); now = Date.parse('2026-11-20T09:00:00.000Z'); store = openStore(dir, { clock: () => now, log }); });
afterEach(() => { store.close(); rmSync(dir, { recursive: true, force: true }); });

const secret = { ada: 'copper lantern forty', ben: 'seven quiet bridges', next: 'granite orchard nine' } as const;
const ada = { user: 'ada', password: secret.ada };
const addAda = () => addUser(services(), { ...ada, printedName: 'Ada Root', role: 'Admin' });
const addBen = (by: { user: string; password: string } | undefined = ada) => addUser(services(), { user: 'ben', printedName: 'Ben Ott', role: 'Quality', password: secret.ben, by });
const audited = () => [...store.audit.all()].map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail }));
const refused = (code: string) => ({ code });
const tryBen = (password: string) => authenticate(services(), { user: 'ben', password }, 'evidence.reviewed');

test('the first user is an Admin, each further one is added by an Admin, and the audit trail says by whom', async () => {
  await expect(addUser(services(), { user: 'ben', printedName: 'Ben Ott', role: 'Quality', password: secret.ben })).rejects.toMatchObject(refused('BAD_INPUT'));
  await addAda();
  await expect(addUser(services(), { user: 'ben', printedName: 'Ben Ott', role: 'Admin', password: secret.ben })).rejects.toMatchObject(refused('UNAUTHENTICATED'));
  await expect(addBen({ user: 'ada', password: secret.ben })).rejects.toMatchObject(refused('UNAUTHENTICATED'));
  expect(await addBen()).toEqual({ user: 'ben', printedName: 'Ben Ott', role: 'Quality', createdAt: '2026-11-20T09:00:00.000Z', passwordChangedAt: '2026-11-20T09:00:00.000Z', passwordSetBy: 'admin', disabledAt: null, lockedUntil: null });
  await expect(addUser(services(), { user: 'cem', printedName: 'Cem Aydin', role: 'Admin', password: secret.next, by: { user: 'ben', password: secret.ben } })).rejects.toMatchObject(refused('FORBIDDEN'));
  expect(listUsers(services()).map(({ user, role }) => [user, role])).toEqual([['ada', 'Admin'], ['ben', 'Quality']]);
  expect(audited().filter(({ action }) => action === 'people.added').slice(1)).toEqual([{ actor: 'Ada Root', action: 'people.added', subject: 'ben', detail: { old: null, new: { user: 'ben', printedName: 'Ben Ott', role: 'Quality', disabled: false }, by: 'ada' } }]);
});

test('two users never have one name, in whatever spelling', async () => {
  await addAda();
  const add = (user: string, printedName: string) => addUser(services(), { user, printedName, role: 'Engineer', password: secret.next, by: ada });
  await expect(add('ada', 'Someone Else')).rejects.toMatchObject(refused('ALREADY_EXISTS'));
  await expect(add('ada2', ' ada  ROOT ')).rejects.toMatchObject(refused('ALREADY_EXISTS'));
  await expect(add('ada2', 'Ada')).rejects.toMatchObject(refused('ALREADY_EXISTS')); // another's user name as the name on paper
});

test.each([['too short', 'copper lan'], ['of few characters', 'abababababababab'], ['the printed name', 'Ada Root 123'], ['the user name', 'ada ada ada ada']])('a password that is %s is refused without being repeated', async (_what, password) => {
  const error: unknown = await addUser(services(), { user: 'ada', printedName: 'Ada Root', role: 'Admin', password }).catch((reason: unknown) => reason);
  expect(error).toMatchObject(refused('BAD_INPUT'));
  expect(String(error)).not.toContain(password);
  expect(listUsers(services())).toEqual([]);
});

test('one password typed as other code points is the same password', async () => {
  await addUser(services(), { user: 'ada', printedName: 'Ada Root', role: 'Admin', password: 'caf\u00e9 lantern forty' });
  await expect(authenticate(services(), { user: 'ada', password: 'cafe\u0301 lantern forty' }, 'test')).resolves.toMatchObject({ user: 'ada' });
});

test('the fifth wrong password locks for half a minute, each further one for twice as long, and a right one starts anew', async () => {
  await addAda();
  await addBen();
  for (let i = 0; i < 4; i++) await expect(tryBen('wrong password')).rejects.toMatchObject(refused('UNAUTHENTICATED'));
  await tryBen(secret.ben); // counted anew from here
  for (let i = 0; i < 5; i++) await expect(tryBen('wrong password')).rejects.toMatchObject(refused('UNAUTHENTICATED'));
  expect(listUsers(services())[1]?.lockedUntil).toBe('2026-11-20T09:00:30.000Z');
  await expect(tryBen(secret.ben)).rejects.toMatchObject({ code: 'LOCKED_OUT', message: expect.stringContaining('2026-11-20T09:00:30.000Z') });
  now += 30_000;
  await expect(tryBen('wrong password')).rejects.toMatchObject(refused('UNAUTHENTICATED'));
  expect(listUsers(services())[1]?.lockedUntil).toBe('2026-11-20T09:01:30.000Z');
  now += 60_000;
  await expect(tryBen(secret.ben)).resolves.toMatchObject({ failedTries: 0, lockedUntil: null });
  expect(audited().filter(({ action }) => action === 'people.refused').at(-1)).toMatchObject({ subject: 'ben', detail: { purpose: 'evidence.reviewed', reason: 'wrong password', failedTries: 6, lockedUntil: '2026-11-20T09:01:30.000Z' } });
});

test('the lock grows to an hour and no further', () => {
  expect([1, 4, 5, 6, 9, 12, 1e9].map((tries) => lockMsAfter(tries) / 1000)).toEqual([0, 0, 30, 60, 480, 3600, 3600]);
});

test('many tries at once are no more than as many in a row', async () => {
  await addAda();
  await addBen();
  const outcomes = await Promise.all(Array.from({ length: 9 }, () => tryBen('wrong password').catch((error: unknown) => (error as { code: string }).code)));
  expect(outcomes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(5);
  expect(outcomes.filter((code) => code === 'LOCKED_OUT')).toHaveLength(4);
});

test('an unknown, a disabled and a mistyped user get the same answer, and a password in the name field is not written down', async () => {
  await addAda();
  await addBen();
  await changeUser(services(), { user: 'ben', disabled: true, by: ada });
  const errors = await Promise.all([['ben', secret.ben], ['ada', 'wrong password'], [secret.next, 'x']].map(([user = '', password = '']) => authenticate(services(), { user, password }, 'test').catch((error: unknown) => error)));
  expect(new Set(errors.map((error) => JSON.stringify([(error as { code: string }).code, String(error)]))).size).toBe(1);
  expect(JSON.stringify(audited())).not.toContain(secret.next);
});

test('the last Admin stays one, enabled; others are changed with old and new value in the audit trail', async () => {
  await addAda();
  await addBen();
  for (const change of [{ disabled: true }, { role: 'Quality' as const }]) await expect(changeUser(services(), { user: 'ada', ...change, by: ada })).rejects.toMatchObject(refused('FORBIDDEN'));
  await expect(changeUser(services(), { user: 'ben', role: 'Admin', by: { user: 'ben', password: secret.ben } })).rejects.toMatchObject(refused('FORBIDDEN'));
  await changeUser(services(), { user: 'ben', role: 'Admin', by: ada });
  expect(audited().at(-1)).toEqual({ actor: 'Ada Root', action: 'people.changed', subject: 'ben', detail: { old: { role: 'Quality', disabled: false }, new: { role: 'Admin', disabled: false }, by: 'ada' } });
  expect(await changeUser(services(), { user: 'ada', disabled: true, by: { user: 'ben', password: secret.ben } })).toMatchObject({ disabledAt: '2026-11-20T09:00:00.000Z' });
  await expect(changeUser(services(), { user: 'ben', disabled: true, by: { user: 'ben', password: secret.ben } })).rejects.toMatchObject(refused('FORBIDDEN')); // a disabled Admin is none
});

test('a password is changed with the present one or by an Admin, who lifts the lock', async () => {
  await addAda();
  await addBen();
  const ben = { user: 'ben', password: secret.ben };
  await expect(setPassword(services(), { user: 'ada', password: secret.next, by: ben })).rejects.toMatchObject(refused('FORBIDDEN'));
  await expect(setPassword(services(), { user: 'ben', password: secret.ben, by: ben })).rejects.toMatchObject(refused('BAD_INPUT'));
  expect(await setPassword(services(), { user: 'ben', password: secret.next, by: ben })).toMatchObject({ passwordSetBy: 'self' });
  await expect(tryBen(secret.ben)).rejects.toMatchObject(refused('UNAUTHENTICATED'));
  for (let i = 0; i < 4; i++) await expect(tryBen('wrong password')).rejects.toMatchObject(refused('UNAUTHENTICATED'));
  await expect(tryBen(secret.next)).rejects.toMatchObject(refused('LOCKED_OUT'));
  expect(await setPassword(services(), { user: 'ben', password: secret.ben, by: ada })).toMatchObject({ passwordSetBy: 'admin', lockedUntil: null });
  await expect(tryBen(secret.ben)).resolves.toMatchObject({ user: 'ben' });
});

test('no password is in the data folder, the log or an answer; the hash has its parameters and is in no answer', async () => {
  await addUser(services(strengthForPeople), { ...ada, printedName: 'Ada Root', role: 'Admin' });
  await addBen();
  await tryBen(secret.next).catch(() => undefined);
  const stored = userRecords(services()).get('ada')!.passwordHash;
  expect(stored).toMatchObject({ algorithm: 'scrypt', cost: 2 ** 15, blockSize: 8, parallelization: 3 });
  expect(stored.saltBase64).not.toBe(userRecords(services()).get('ben')!.passwordHash.saltBase64);
  const answers = JSON.stringify([listUsers(services()), audited(), said]);
  for (const hidden of [...Object.values(secret), stored.hashBase64, stored.saltBase64]) expect(answers).not.toContain(hidden);
  store.close();
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name !== 'keys').map((name) => readFileSync(join(dir, name)).toString('latin1')).join('\n');
  for (const password of Object.values(secret)) expect(files).not.toContain(password);
  expect(files).toContain(stored.hashBase64);
  store = openStore(dir, { clock: () => now, log });
});

test('a change that fails midway leaves neither the change nor its entry, and nobody is told', async () => {
  await addAda();
  const told: unknown[] = [];
  const stop = store.onChange((change) => told.push(change));
  expect(() => store.atomically(() => {
    userRecords(services()).remove('ada');
    store.audit.append({ actor: 'x', action: 'x', subject: 'x' });
    throw new Error('midway');
  })).toThrow();
  expect([listUsers(services()).length, audited().length, told]).toEqual([1, 1, []]);
  store.atomically(() => { store.audit.append({ actor: 'x', action: 'x', subject: 'x' }); expect(told).toEqual([]); });
  expect(told).toEqual([{ noun: 'audit', id: null }]);
  stop();
});
