// The self-tests on a real model, with real processes that are killed; and that each notices when what it looks for does not happen.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { testWorkers } from '#test/fakes/testWorkers';
import { randomFeeds } from '#core/arrays/randomFeeds';
import { openSession } from '../inference/openSession.ts';
import type { Services } from '../Services.ts';
import { createStation } from '../stations/stationRecords.ts';
import type { WorkerLauncher, WorkerProcess } from '../workers/WorkerLauncher.ts';
import { backUpStore } from './backUpStore.ts';
import { powerLoss } from './powerLoss.ts';
import { selfTests } from './selfTests.ts';

const model = resolve('resources/sample/lot-code-reader.onnx');
let bed: EvidenceBed;
let services: Services;
let folder: string;
beforeAll(async () => {
  bed = openEvidenceBed();
  services = { ...bed.services, workers: await testWorkers() };
  folder = mkdtempSync(join(tmpdir(), 'millwright-selftests-'));
});
afterAll(() => { bed.close(); rmSync(folder, { recursive: true, force: true }); });

it('all pass, say what happened, and leave nothing of theirs among what the user has', async () => {
  createStation(services, { name: 'Line 1', line: '', description: '', taktMs: null });
  const session = await openSession(services, { path: model });
  await session.close();
  const { feeds } = randomFeeds(session.inputs, { batch: 1, seed: 1 });
  const workDir = join(folder, 'job');
  // What a killed host left of an earlier run must not disturb.
  mkdirSync(join(workDir, 'self-tests', 'power-loss-1', 'files', 'step-0.bin'), { recursive: true });
  const tests = await selfTests(services, { path: model, feeds, fetches: null }, { signal: new AbortController().signal, killSignal: new AbortController().signal, progress: () => undefined, workDir });
  expect(tests.filter(({ status }) => status !== 'pass').map(({ id, status, actual }) => `${id} ${status}: ${actual}`).join('\n')).toBe('');
  expect(tests.map(({ id }) => id)).toEqual(Array.from({ length: 13 }, (_, at) => `OQ-${at + 1}`));
  const said = (id: string) => tests.find((test) => test.id === id)?.actual;
  expect(said('OQ-6')).toMatch(/^Killed after [123] of 4 steps; at the next start the job was interrupted, and resumed from step [123] it ended\.$/);
  expect(said('OQ-7')).toMatch(/^Killed with 1 file in the middle of being written: [123] whole/);
  expect(said('OQ-8')).toMatch(/^clock\.jump in entry 2: -3600 s/);
  expect(said('OQ-11')).toMatch(/entries and 1 records in a restored folder/);
  expect(said('OQ-12')).toMatch(/author approves \(FORBIDDEN\).*unknown user signs \(UNAUTHENTICATED\).*[4-8] refusals/);
  expect([...bed.store.audit.all()].map(({ action }) => action)).toEqual(['station.created']);
  expect(readdirSync(workDir)).toEqual([]);
}, 120_000);

it('a host that forgets its job after a loss of power is found out', async () => {
  const forgetful = { launch: async (): Promise<WorkerProcess> => {
    const real = await services.workers.launch({ program: 'trialHost', env: { MILLWRIGHT_TRIAL_DATA: join(folder, 'forgetful') } });
    return { ...real, call: async (op, input, options) => (op === 'jobs.show' ? { ...await real.call(op, input, options) as object, state: 'failed', resumable: false } : real.call(op, input, options)) };
  } };
  await expect(powerLoss({ workers: forgetful }, join(folder, 'files'))).rejects.toThrow('the job is failed and cannot be resumed');
}, 60_000);

it('a kill that came between two files proves nothing and is tried again', async () => {
  let launches = 0;
  const late = { launch: async (request?: Parameters<WorkerLauncher['launch']>[0]): Promise<WorkerProcess> => {
    const real = await services.workers.launch(request);
    const files = join(folder, 'late', 'power-loss-1', 'files');
    const betweenFiles = () => { for (const name of readdirSync(files)) if (name.endsWith('.tmp')) rmSync(join(files, name)); };
    return launches++ === 0 ? { ...real, exited: real.exited.then((end) => { betweenFiles(); return end; }) } : real;
  } };
  await expect(powerLoss({ workers: late }, join(folder, 'late'))).resolves.toMatchObject({ partialBefore: 1, partialAfter: 0 });
  expect(launches).toBe(3);
}, 60_000);

it('a restored folder with another record is found out', async () => {
  const own = services.store;
  // What is copied is not what is there: as a backup of another day.
  const drifting = { ...services, store: { ...own, collection: ((noun, schema) => ({ ...own.collection(noun, schema), list: () => [] })) as typeof own.collection } };
  expect((await backUpStore(drifting, join(folder, 'drift'))).differences).toEqual(['The records of stations differ.']);
});
