// The store: records, values, the audit chain, other processes, and a disk that is full or read-only.
import { createHash } from 'node:crypto';
import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testLog, until } from '#test/fakes/testHost';
import { auditGenesisHash, auditHash } from './auditTrail.ts';
import { canonicalJson } from './canonicalJson.ts';
import { openStore, type OpenStore } from './openStore.ts';

const recordSchema = z.object({ id: z.string(), size: z.number() });
const cleanUps: Array<() => void> = [];
afterEach(() => { for (const work of cleanUps.splice(0).reverse()) work(); });

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'millwright-store-'));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
function open(dir = tempDir(), log = testLog()): OpenStore {
  let now = Date.UTC(2026, 0, 1);
  const store = openStore(dir, { clock: () => now++, log });
  cleanUps.push(() => store.close());
  return store;
}

it('keeps records over a restart, newest first, changed ones in their place', () => {
  const dir = tempDir();
  const first = openStore(dir, { clock: Date.now, log: testLog() });
  const models = first.collection('models', recordSchema);
  for (const id of ['a', 'b', 'c']) models.put({ id, size: 1 });
  models.put({ id: 'a', size: 2 });
  first.collection('datasets', recordSchema).put({ id: 'a', size: 9 });
  first.close();
  const again = open(dir).collection('models', recordSchema);
  expect(again.list()).toEqual([{ id: 'c', size: 1 }, { id: 'b', size: 1 }, { id: 'a', size: 2 }]);
  expect([again.remove('b'), again.remove('b'), again.get('b')]).toEqual([true, false, null]);
});

it('reports a record of another shape instead of handing it out', () => {
  const log = testLog();
  const store = open(tempDir(), log);
  store.collection('models', z.object({ id: z.string() })).put({ id: 'old' });
  expect(store.collection('models', recordSchema).list()).toEqual([]);
  expect(log.lines.join()).toContain('old');
  // Nor does one that is no JSON any more keep the others from being read.
  store.collection('models', recordSchema).put({ id: 'good', size: 1 });
  store.database.run(`UPDATE records SET body = '{"id":' WHERE id = 'old'`);
  expect(store.collection('models', recordSchema).list()).toEqual([{ id: 'good', size: 1 }]);
});

it('stores text as it is, whatever it holds', () => {
  const store = open();
  const texts = store.collection('models', z.object({ id: z.string(), text: z.string() }));
  fc.assert(fc.property(fc.string({ unit: 'binary' }).filter((id) => !id.includes('\0')), fc.string({ unit: 'grapheme' }), (id, text) => {
    texts.put({ id, text });
    expect(texts.get(id)).toEqual({ id, text });
  }), { numRuns: 50 });
});

it('tells what changed, and stops when asked', () => {
  const store = open();
  const heard: unknown[] = [];
  const stop = store.onChange((change) => heard.push(change));
  store.collection('models', recordSchema).put({ id: 'x', size: 1 });
  store.value('machine', z.number()).set(5);
  store.audit.append({ actor: 'a', action: 'b', subject: 'c' });
  stop();
  store.collection('models', recordSchema).remove('x');
  expect(heard).toEqual([{ noun: 'models', id: 'x' }, { noun: 'machine', id: 'machine' }, { noun: 'audit', id: null }]);
});

it('tells its own changes once, and those of another process once', async () => {
  const dir = tempDir();
  const mine = open(dir);
  const other = open(dir);
  const heard: Array<string | null> = [];
  mine.onChange(({ id }) => heard.push(id));
  mine.collection('models', recordSchema).put({ id: 'own', size: 1 });
  other.collection('models', recordSchema).put({ id: 'foreign', size: 1 });
  await until(() => heard.includes('foreign'), 'the other process was heard');
  other.collection('models', recordSchema).put({ id: 'last', size: 1 });
  await until(() => heard.includes('last'), 'and heard again');
  expect(heard).toEqual(['own', 'foreign', 'last']);
});

describe('the audit trail', () => {
  it('chains each entry to the one before, so that anyone can check it', () => {
    const { audit } = open();
    for (let n = 0; n < 5; n++) audit.append({ actor: 'Ann', action: 'model.imported', subject: `m${n}`, detail: { b: n, a: [1, { z: 1, y: 'ü' }] } });
    const entries = [...audit.all()];
    let previous = '0'.repeat(64);
    for (const { hash, prevHash, ...entry } of entries) {
      expect(prevHash).toBe(previous);
      // written out here by hand, as an auditor would
      const text = `{"action":${JSON.stringify(entry.action)},"actor":"Ann","at":"${entry.at}","detail":{"a":[1,{"y":"ü","z":1}],"b":${entry.seq - 1}},"seq":${entry.seq},"subject":"m${entry.seq - 1}"}`;
      expect(hash).toBe(createHash('sha256').update(prevHash + text).digest('hex'));
      expect(auditHash({ ...entry, prevHash })).toBe(hash);
      previous = hash;
    }
    expect(entries[0]?.prevHash).toBe(auditGenesisHash);
    expect(audit.list(2)).toMatchObject({ total: 5, entries: [{ seq: 5 }, { seq: 4 }] });
  });

  it('stays one chain when two processes write at once', async () => {
    const dir = tempDir();
    const mine = open(dir);
    const program = join(dir, 'writer.cjs');
    const { build } = await import('esbuild');
    await build({ stdin: { contents: `import { openStore } from '#services/store/openStore'; const log = { info(){}, warn(){}, error(){} }; const store = openStore(process.argv[2], { clock: () => ${Date.UTC(2026, 0, 1)}, log }); process.send('ready'); for (let n = 0; n < 100; n++) store.audit.append({ actor: 'child', action: 'x', subject: String(n) }); store.close();`, resolveDir: process.cwd() }, bundle: true, platform: 'node', format: 'cjs', external: ['libsql'], outfile: program, logLevel: 'error' });
    const child = fork(program, [dir], { env: { ...process.env, NODE_PATH: join(process.cwd(), 'node_modules') } });
    const exited = new Promise((resolve) => { child.once('exit', resolve); });
    await new Promise((resolve) => { child.once('message', resolve); });
    for (let n = 0; n < 100; n++) { mine.audit.append({ actor: 'parent', action: 'x', subject: String(n) }); await new Promise((resolve) => { setImmediate(resolve); }); }
    expect(await exited).toBe(0);
    const entries = [...mine.audit.all()];
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    expect(entries.every((entry, n) => entry.prevHash === (entries[n - 1]?.hash ?? auditGenesisHash))).toBe(true);
  });
});

describe('records that were changed past Millwright', () => {
  it('are found by their seals, and noted in the audit trail when they are written next, which would hide it', () => {
    const store = open();
    const models = store.collection('models', recordSchema);
    for (const id of ['a', 'b', 'c']) models.put({ id, size: 1 });
    models.put({ id: 'a', size: 2 });
    models.remove('c');
    store.value('machine', z.number()).set(5);
    expect(store.checkRecords()).toEqual([]);
    store.database.run(`UPDATE records SET body = '{"id":"a","size":9}' WHERE id = 'a'`);
    store.database.run('UPDATE named_values SET body = 6');
    expect(store.checkRecords()).toMatchObject([{ id: 'RECORD_TAMPERED', place: 'record models/a' }, { place: 'record named value/machine' }]);
    models.put({ id: 'a', size: 10 });
    expect(store.checkRecords()).toMatchObject([{ place: 'record named value/machine' }]);
    expect(store.audit.list(1).entries[0]).toMatchObject({ action: 'store.tampered', subject: 'record models/a' });
  });

  it('from before there were seals are taken as they are, and the audit trail says so', () => {
    const dir = tempDir();
    const old = openStore(dir, { clock: Date.now, log: testLog() });
    old.collection('models', recordSchema).put({ id: 'a', size: 1 });
    for (const sql of ['DROP TABLE seals', 'DROP TABLE seal_sums', 'ALTER TABLE jobs DROP COLUMN checkpoint_mac', 'ALTER TABLE job_log DROP COLUMN mac', `DELETE FROM counters WHERE name = 'sealed'`, 'PRAGMA user_version = 1']) old.database.run(sql);
    old.close();
    rmSync(join(dir, 'keys', 'record-seal.level'));
    const store = open(dir);
    expect(store.checkRecords()).toEqual([]);
    expect([...store.audit.all()]).toMatchObject([{ action: 'store.sealed', detail: { records: 1 } }]);
    store.close();
    const again = open(dir);
    expect(again.audit.list(9).total).toBe(1);
  });

  it('are not sealed anew because the database says that it was never sealed', () => {
    const dir = tempDir();
    const first = openStore(dir, { clock: Date.now, log: testLog() });
    first.collection('models', recordSchema).put({ id: 'a', size: 1 });
    for (const sql of [`UPDATE records SET body = '{"id":"a","size":9}'`, 'DELETE FROM seals', 'DELETE FROM seal_sums', `DELETE FROM counters WHERE name = 'sealed'`]) first.database.run(sql);
    first.close();
    expect(open(dir).checkRecords().map(({ place }) => place)).toContain('record models/a');
  });

  it('jobs, lines of their logs and counters from before they had seals are sealed once', () => {
    const dir = tempDir();
    const old = openStore(dir, { clock: Date.now, log: testLog() });
    old.collection('models', recordSchema).put({ id: 'a', size: 1 });
    old.database.run(`INSERT INTO jobs (id, op, title, subject, lane, state, input, output, attempt, created_at) VALUES ('j', 'validation.run', 'Validate', 'x', 'light', 'done', '{}', '{}', 1, 5)`);
    old.database.run(`INSERT INTO job_log (job_id, at, line) VALUES ('j', 5, 'hello')`);
    for (const sql of [`DELETE FROM seals WHERE noun = 'counter'`, `DELETE FROM seal_sums WHERE noun = 'counter'`, 'ALTER TABLE job_log DROP COLUMN mac', `UPDATE counters SET value = 1 WHERE name = 'sealed'`, 'PRAGMA user_version = 3']) old.database.run(sql);
    old.close();
    rmSync(join(dir, 'keys', 'record-seal.level'));
    const store = open(dir);
    expect(store.checkRecords()).toEqual([]);
    expect([...store.audit.all()]).toMatchObject([{ action: 'store.sealed', detail: { records: 0, jobs: 1, logLines: 1 } }]);
    store.database.run(`UPDATE jobs SET output = '{"verdict":"PASS"}'`);
    store.database.run(`UPDATE job_log SET line = 'bye'`);
    store.database.run(`UPDATE counters SET value = 7 WHERE name = 'records'`);
    expect(store.checkRecords().map(({ place }) => place)).toEqual(['counter records', 'job j', 'log of job j, line 1']);
    store.collection('models', recordSchema).put({ id: 'b', size: 1 }); // the next write would hide the counter
    expect(store.audit.list(1).entries[0]).toMatchObject({ action: 'store.tampered', subject: 'counter records' });
  });
});

it('writes JSON in one way only', () => {
  expect(canonicalJson({ b: undefined, a: [undefined, null, 1.5, 'é"'], ab: {}, A: true })).toBe('{"A":true,"a":[null,null,1.5,"é\\""],"ab":{}}');
  fc.assert(fc.property(fc.jsonValue(), (value) => { expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value))); }));
});

it('says that the file is damaged instead of starting anew', () => {
  const dir = tempDir();
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'millwright.db'), 'this is no database, but it is long enough to be taken for one'.repeat(100));
  expect(() => open(dir)).toThrowError(expect.objectContaining({ code: 'BAD_DATA' }));
});

it('refuses the data of a newer version', () => {
  const dir = tempDir();
  const store = openStore(dir, { clock: Date.now, log: testLog() });
  store.database.run('PRAGMA user_version = 999');
  store.close();
  expect(() => open(dir)).toThrowError(expect.objectContaining({ code: 'BAD_DATA', message: expect.stringContaining('newer') }));
});

it('says that the data folder is a file', () => {
  const file = join(tempDir(), 'file');
  writeFileSync(file, 'x');
  expect(() => open(file)).toThrowError(expect.objectContaining({ code: expect.stringMatching(/ALREADY_EXISTS|BAD_INPUT/) }));
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && ((): boolean => {
  const dir = mkdtempSync(join(tmpdir(), 'millwright-mount-'));
  try { execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', dir], { stdio: 'ignore' }); execFileSync('umount', [dir]); return true; } catch { return false; } finally { rmSync(dir, { recursive: true, force: true }); }
})();

it.skipIf(!canMount)('says that the disk is full, and what was stored before stays readable', () => {
  const dir = tempDir();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'none', dir]);
  cleanUps.push(() => execFileSync('umount', ['-l', dir]));
  const models = open(dir).collection('models', z.object({ id: z.string(), text: z.string() }));
  models.put({ id: 'small', text: 'kept' });
  expect(() => { for (let n = 0; n < 50; n++) models.put({ id: `big ${n}`, text: 'x'.repeat(20_000) }); }).toThrowError(expect.objectContaining({ code: 'DISK_FULL' }));
  expect(models.get('small')).toEqual({ id: 'small', text: 'kept' });
});
