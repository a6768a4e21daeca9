// Jobs: progress, cancelling, resuming, and two hosts on one data folder.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors';
import type { JobContext } from '#services/Services';
import { tempPathFor } from '#services/files/tempFiles';
import { openDatabase } from '#services/store/openDatabase';
import type { OpenStore } from '#services/store/openStore';
import { fakeStation } from '#test/fakes/stationRecord';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';

const open: TestHost[] = [];
afterEach(async () => { for (const test of open.splice(0).reverse()) await test.close(); });

type Run = (job: JobContext) => Promise<void>;
function hostWith(run: Run, dataDir?: string): TestHost {
  const handler = { subject: () => 'test', run: async (_input: unknown, job: JobContext) => { await run(job); return fakeStation(); } };
  const test = openTestHost({ ...(dataDir === undefined ? {} : { dataDir }), handlers: () => ({ 'stations.openSample': handler }) });
  open.push(test);
  return test;
}
const aborted = (signal: AbortSignal) => new Promise<never>((_, reject) => { signal.addEventListener('abort', () => reject(signal.reason), { once: true }); });
const start = async ({ host }: TestHost) => (await host.call('stations.openSample', {})).jobId;
const state = (test: TestHost, id: string) => test.host.jobs.get(id).state;

describe('cancelling', () => {
  it('stops at the first press with the checkpoint kept, and goes on from it', async () => {
    const seen: unknown[] = [];
    const test = hostWith(async (job) => {
      seen.push(job.resumeState);
      if (job.resumeState !== null) return;
      job.checkpoint({ done: 7 });
      await aborted(job.signal);
    });
    const id = await start(test);
    await until(() => seen.length === 1, 'the job runs');
    await test.host.call('jobs.cancel', { id });
    await until(() => state(test, id) === 'cancelled', 'it is cancelled');
    await test.host.call('jobs.resume', { id });
    await until(() => state(test, id) === 'done', 'it is done');
    expect(seen).toEqual([null, { done: 7 }]);
    expect(test.host.jobs.get(id)).toMatchObject({ attempt: 2, resumable: false, error: null });
  });

  it('aborts the kill signal at the second press only', async () => {
    const order: string[] = [];
    const test = hostWith(async (job) => {
      job.signal.addEventListener('abort', () => order.push('gentle'));
      job.killSignal.addEventListener('abort', () => order.push('hard'));
      order.push('running');
      await aborted(job.killSignal);
    });
    const id = await start(test);
    await until(() => order.length === 1, 'it runs');
    expect((await test.host.call('jobs.cancel', { id })).state).toBe('cancelling');
    order.push('-');
    await test.host.call('jobs.cancel', { id });
    await until(() => state(test, id) === 'cancelled', 'it is cancelled');
    expect(order).toEqual(['running', 'gentle', '-', 'hard']);
  });

  it('gives up on a job that ignores both presses', async () => {
    let runs = false;
    const test = hostWith(async () => { runs = true; await new Promise(() => undefined); });
    const id = await start(test);
    await until(() => runs, 'it runs');
    await test.host.call('jobs.cancel', { id, force: true });
    await until(() => state(test, id) === 'cancelled', 'it is cancelled');
  });

  it('says done when the job finished in spite of it', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    let runs = false;
    const test = hostWith(async () => { runs = true; await gate; });
    const id = await start(test);
    await until(() => runs, 'it runs');
    await test.host.call('jobs.cancel', { id });
    release();
    await until(() => ['done', 'cancelled'].includes(state(test, id)), 'it ended');
    expect(state(test, id)).toBe('done');
  });

  it('takes a queued job out of the queue', async () => {
    const test = hostWith(async (job) => aborted(job.signal));
    const ids = [await start(test), await start(test), await start(test)];
    expect(state(test, ids[2]!)).toBe('queued');
    await test.host.call('jobs.cancel', { id: ids[2]! });
    expect(state(test, ids[2]!)).toBe('cancelled');
  });
});

it('keeps the error of a failed job as a sentence, and lets it be tried again', async () => {
  let tries = 0;
  const test = hostWith(async () => { tries++; if (tries === 1) throw new AppError('DISK_FULL', 'The disk is full.'); });
  const id = await start(test);
  await until(() => state(test, id) === 'failed', 'it failed');
  expect(test.host.jobs.get(id)).toMatchObject({ error: { code: 'DISK_FULL', message: 'The disk is full.' }, resumable: true });
  await test.host.call('jobs.resume', { id });
  await until(() => state(test, id) === 'done', 'it is done');
  await expect(test.host.call('jobs.resume', { id })).rejects.toMatchObject({ code: 'BAD_USAGE' });
});

it('tells at once how a job ended whose end finds no room on the disk, frees what the job wrote, and stores it once there is room', async () => {
  let [runs, workDir] = [0, ''];
  const test = hostWith(async (job) => {
    ({ workDir } = job);
    writeFileSync(join(workDir, 'large'), 'x');
    if (++runs > 1) return;
    const pages = Number(database.get('PRAGMA page_count')?.['page_count']);
    database.run(`PRAGMA max_page_count = ${pages}`);
    throw new AppError('DISK_FULL', `No room for ${'x'.repeat(4_000_000)}.`); // more than the pages that lie free
  });
  const { database } = test.host.services.store as OpenStore; // the host's own has it
  const told: string[] = [];
  test.host.jobs.watch((record) => { told.push(record.state); });
  const id = await start(test);
  await until(() => told.includes('failed'), 'its end is told');
  expect(test.host.jobs.get(id)).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' }, resumable: true });
  expect(test.host.jobs.list(5)).toMatchObject([{ id, state: 'failed' }]);
  expect(existsSync(workDir)).toBe(false);
  const stored = () => database.get('SELECT state FROM jobs WHERE id = ?', [id])?.['state'];
  expect(stored()).toBe('running');
  database.run('PRAGMA max_page_count = 1073741823');
  await until(() => stored() === 'failed', 'it is stored');
  await test.host.call('jobs.resume', { id });
  await until(() => state(test, id) === 'done', 'it is done');
});

it('starts over after a resume where a job was done and its output found no room on the disk', async () => {
  const seen: unknown[] = [];
  const handler = { subject: () => 'test', run: async (_input: unknown, job: JobContext) => {
    seen.push(job.resumeState);
    if (seen.length > 1) return Promise.resolve(fakeStation());
    job.checkpoint('half');
    database.run(`PRAGMA max_page_count = ${Number(database.get('PRAGMA page_count')?.['page_count'])}`);
    return Promise.resolve(fakeStation({ description: 'x'.repeat(4_000_000) })); // more than the pages that lie free
  } };
  const test = openTestHost({ handlers: () => ({ 'stations.openSample': handler }) });
  open.push(test);
  const { database } = test.host.services.store as OpenStore; // the host's own has it
  const id = await start(test);
  await until(() => state(test, id) === 'failed', 'it is told as failed');
  expect(test.host.jobs.get(id)).toMatchObject({ error: { code: 'DISK_FULL' }, resumable: true });
  database.run('PRAGMA max_page_count = 1073741823');
  await until(() => database.get('SELECT state FROM jobs WHERE id = ?', [id])?.['state'] === 'failed', 'it is stored');
  await test.host.call('jobs.resume', { id });
  await until(() => state(test, id) === 'done', 'it is done');
  expect(seen).toEqual([null, null]);
});

it('keeps the scratch folder for a resume and removes it when the job is done', async () => {
  let workDir = '';
  const test = hostWith(async (job) => {
    workDir = job.workDir;
    if (job.resumeState !== null) { expect(existsSync(join(workDir, 'half'))).toBe(true); return; }
    writeFileSync(join(workDir, 'half'), 'x');
    job.checkpoint(1);
    throw new AppError('TIMEOUT', 'Too slow.');
  });
  const id = await start(test);
  await until(() => state(test, id) === 'failed', 'it failed');
  await test.host.call('jobs.resume', { id });
  await until(() => state(test, id) === 'done', 'it is done');
  expect(existsSync(workDir)).toBe(false);
});

it('tells progress not more often than a person can see, and always the last', async () => {
  const test = hostWith(async (job) => { for (let done = 1; done <= 20_000; done++) job.progress({ stage: 'Counting', done, total: 20_000 }); });
  let told = 0;
  const stop = test.host.jobs.watch((record) => { if (record.progress) told++; });
  const id = await start(test);
  await until(() => state(test, id) === 'done', 'it is done');
  stop();
  expect(test.host.jobs.get(id).progress).toEqual({ stage: 'Counting', done: 20_000, total: 20_000 });
  expect(told).toBeLessThan(10);
});

it('closing interrupts what runs, with its checkpoint, and the next host goes on', async () => {
  const seen: unknown[] = [];
  const run: Run = async (job) => { seen.push(job.resumeState); if (job.resumeState === null) { job.checkpoint('half'); await aborted(job.signal); } };
  const first = hostWith(run);
  const { dataDir } = first;
  const id = await start(first);
  await until(() => seen.length === 1, 'it runs');
  await first.host.close();
  const second = hostWith(run, dataDir);
  expect(second.host.jobs.get(id)).toMatchObject({ state: 'interrupted', resumable: true });
  await second.host.call('jobs.resume', { id });
  await until(() => state(second, id) === 'done', 'it is done');
  expect(seen).toEqual([null, 'half']);
});

it.each([
  ['its checkpoint', 'UPDATE jobs SET checkpoint = ? WHERE id = ?', '{"done":8}'],
  ['its input', 'UPDATE jobs SET input = ? WHERE id = ?', '{"samples":1}'],
  ['the seal', 'UPDATE jobs SET checkpoint_mac = ? WHERE id = ?', null],
])('a job whose row was edited while it was stopped starts over and says so: %s', async (what, sql, value) => {
  const seen: unknown[] = [];
  const run: Run = async (job) => { seen.push(job.resumeState); if (seen.length === 1) { job.checkpoint({ done: 7 }); await aborted(job.signal); } };
  const first = hostWith(run);
  const { dataDir } = first;
  const id = await start(first);
  await until(() => seen.length === 1, 'it runs');
  await first.host.close();
  const edited = openDatabase(dataDir);
  edited.run(sql, [value, id]);
  edited.close();
  const second = hostWith(run, dataDir);
  expect(second.host.services.store.checkRecords()).toMatchObject([...(what === 'its input' ? [{ id: 'RECORD_TAMPERED', place: `job ${id}` }] : []), { id: 'CHECKPOINT_TAMPERED', severity: 'error', place: `checkpoint of job ${id}` }]);
  await second.host.call('jobs.resume', { id });
  await until(() => state(second, id) === 'done', 'it is done');
  expect(seen).toEqual([null, null]);
  expect(second.host.jobs.log(id).map(({ line }) => line).join()).toMatch(/^CHECKPOINT_TAMPERED: .*starts over/);
  expect(second.host.services.store.audit.list(50).entries).toContainEqual(expect.objectContaining({ action: 'store.tampered', subject: `checkpoint of job ${id}` }));
  expect(second.host.services.store.checkRecords()).toEqual([]);
});

it('a checkpoint of another job is not gone on from', async () => {
  const seen: unknown[] = [];
  const run: Run = async (job) => { seen.push(job.resumeState); if (seen.length <= 2) { job.checkpoint({ of: seen.length }); await aborted(job.signal); } };
  const test = hostWith(run);
  const ids: string[] = [];
  for (const count of [1, 2]) {
    const id = await start(test);
    ids.push(id);
    await until(() => seen.length === count, 'it runs');
    await test.host.call('jobs.cancel', { id });
    await until(() => state(test, id) === 'cancelled', 'it is cancelled');
  }
  const edited = openDatabase(test.dataDir);
  edited.run('UPDATE jobs SET (checkpoint, checkpoint_mac) = (SELECT checkpoint, checkpoint_mac FROM jobs WHERE id = ?) WHERE id = ?', [ids[0] ?? '', ids[1] ?? '']);
  edited.close();
  await test.host.call('jobs.resume', { id: ids[1] ?? '' });
  await until(() => state(test, ids[1] ?? '') === 'done', 'it is done');
  expect(seen).toEqual([null, null, null]);
});

describe('two hosts on one data folder', () => {
  it('see each other\'s jobs, keep the lanes together, and cancel across', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    const first = hostWith(async (job) => { await Promise.race([gate, aborted(job.signal)]); });
    const second = hostWith(async () => undefined, first.dataDir);
    const ids = [await start(first), await start(first)];
    const waiting = await start(second);
    expect(state(second, waiting)).toBe('queued');
    await second.host.call('jobs.cancel', { id: ids[0]! });
    await until(() => state(second, ids[0]!) === 'cancelled', 'the first host cancelled its job');
    await until(() => state(second, waiting) === 'done', 'the place in the lane went to the second host');
    release();
    await until(() => state(second, ids[1]!) === 'done', 'the other job ended');
  });

  it('tell each other what changed in the store', async () => {
    const first = hostWith(async () => undefined);
    const second = hostWith(async () => undefined, first.dataDir);
    const heard: unknown[] = [];
    second.host.services.store.onChange((change) => heard.push(change));
    await first.host.call('app.saveSettings', { site: 'Here' });
    await until(() => heard.length > 0, 'the second host heard');
    expect(heard[0]).toEqual({ noun: 'settings', id: 'settings' });
    await expect(second.host.call('app.settings', {})).resolves.toMatchObject({ site: 'Here' });
  });
});

it('leaves temporary files of living processes alone and sweeps those of dead ones', async () => {
  const first = hostWith(async () => undefined);
  mkdirSync(join(first.dataDir, 'models'));
  const mine = tempPathFor(join(first.dataDir, 'models', 'a.onnx'));
  const dead = mine.replace(`-${process.pid}-`, '-4194301-'); // above the largest process id of Linux's default
  writeFileSync(mine, 'x');
  writeFileSync(dead, 'x');
  const second = hostWith(async () => undefined, first.dataDir);
  await second.host.jobs.recovered;
  expect([existsSync(mine), existsSync(dead)]).toEqual([true, false]);
});
