import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineReportSchema, type MachineSample } from '#shared/contract/machine';
import type { Services } from '../Services.ts';
import { openStore } from '../store/openStore.ts';
import { strengthForRandom } from '../people/passwordHash.ts';
import { openOsStore, osStoreIn } from '../keystore/openOsStore.ts';
import type { WorkerLauncher } from '../workers/WorkerLauncher.ts';
import { inspectMachine } from './inspectMachine.ts';
import { machineFingerprint } from './machineFingerprint.ts';
import { probeContext } from './ProbeContext.ts';
import { watchMachine } from './watchMachine.ts';

let folder = '';
let services: Services;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Answers what the runtime lists on Linux; the end-to-end tests ask the real one. */
const workers: WorkerLauncher = {
  launch: async () => ({ pid: 1, call: async () => [{ name: 'cpu', bundled: true }, { name: 'cuda', bundled: false }], end: async () => undefined, kill: () => undefined, exited: new Promise(() => undefined) }),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-'));
  const store = openStore(join(folder, 'data'), { clock: Date.now, log });
  services = { dataDir: join(folder, 'data'), resourcesDir: folder, programDir: null, version: 'test', clock: Date.now, store, workers, passwordStrength: strengthForRandom, osStore: openOsStore(osStoreIn(workers), { forNewKeys: false }), log };
});
afterAll(async () => { services.store.close(); await rm(folder, { recursive: true, force: true }); });

const statusOf = (report: { preflight: readonly { id: string; status: string }[] }, id: string) => report.preflight.find((row) => row.id === id)?.status;

describe('inspectMachine', () => {
  it('answers a report that fits the contract, of this machine', async () => {
    const report = await inspectMachine(services, { remember: false });
    expect(machineReportSchema.parse(report)).toEqual(report);
    expect(report.probes.filter(({ ok }) => !ok)).toEqual([]);
    expect([report.cpu.threads > 0, report.memory.totalBytes > 2 ** 28, report.disks.filter(({ holdsData }) => holdsData).length, report.preflight.length]).toEqual([true, true, 1, 18]);
    expect(statusOf(report, 'runtime')).toBe('pass');
  });

  it('has the same fingerprint each time, and tells what changed since it was remembered', async () => {
    const first = await inspectMachine(services, { remember: true });
    const second = await inspectMachine(services, { remember: true });
    expect([second.fingerprint, second.changes, await machineFingerprint(services)]).toEqual([first.fingerprint, [], first.fingerprint]);

    const root = await mkdtemp(join(folder, 'other-'));
    const other = await inspectMachine(services, { remember: false }, probeContext({ root })); // a machine whose /proc and /sys are empty
    expect(other.fingerprint).not.toBe(first.fingerprint);
    expect(other.changes).toContainEqual({ field: 'instruction sets', before: [...first.cpu.isa].sort().join(' '), after: '' });
  });

  it.skipIf(process.platform === 'win32')('gives a hanging nvidia-smi two seconds, ends it, and reports all the rest', async () => {
    const script = join(folder, 'nvidia-smi');
    await writeFile(script, `#!/bin/sh\necho $$ >> "${folder}/pids"\nsleep 60\n`, { mode: 0o755 });
    const context = probeContext({ env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` } });
    const startedMs = performance.now();
    const report = await inspectMachine(services, { remember: false }, context);
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(1900);
    expect(tookMs).toBeLessThan(2900);
    expect(report.probes.filter(({ ok }) => !ok).map(({ id, reason }) => [id, reason])).toEqual([['nvidia-smi', 'nvidia-smi did not answer within 2 s and was ended.']]);
    expect([statusOf(report, 'gpu'), report.fingerprint]).toEqual(['warn', await machineFingerprint(services)]);
    const pids = (await readFile(join(folder, 'pids'), 'utf8')).trim().split('\n').map(Number);
    await expect.poll(() => pids.filter((pid) => { try { process.kill(pid, 0); return true; } catch { return false; } })).toEqual([]);

    const samples: MachineSample[] = [];
    const stop = new AbortController();
    const watchStartedMs = performance.now();
    await watchMachine(services, { intervalMs: 200 }, (sample) => { samples.push(sample); if (samples.length === 3) stop.abort(); }, stop.signal, context);
    expect(performance.now() - watchStartedMs).toBeLessThan(1200); // three samples, none of which waited for the tool
    expect(samples.every(({ corePercent, cpuPercent, memoryUsedBytes, memoryTotalBytes }) => corePercent.length > 0 && cpuPercent >= 0 && cpuPercent <= 100 && memoryUsedBytes > 0 && memoryUsedBytes < memoryTotalBytes)).toBe(true);
  });

  it('calls a runtime that does not load a failure and lists no provider as available', async () => {
    const broken: WorkerLauncher = { launch: () => Promise.reject(new Error('no such library')) };
    const report = await inspectMachine({ ...services, workers: broken }, { remember: false });
    expect([statusOf(report, 'runtime'), report.providers.filter(({ available }) => available)]).toEqual(['fail', []]);
  });
});

describe('watchMachine', () => {
  it('shows a busy processor as busy', async () => {
    const samples: MachineSample[] = [];
    const stop = new AbortController();
    const watching = watchMachine(services, { intervalMs: 300 }, (sample) => { samples.push(sample); stop.abort(); }, stop.signal);
    const untilMs = performance.now() + 250;
    while (performance.now() < untilMs) Math.sqrt(untilMs); // keeps one core busy beyond the first interval
    await watching;
    expect(Math.max(...(samples[0]?.corePercent ?? []))).toBeGreaterThan(40);
  });

  it('tells that the container engine is gone', async () => {
    const seen: (boolean | undefined)[] = [];
    const stop = new AbortController();
    let nowMs = 0;
    let asked = 0;
    await watchMachine({ clock: () => (nowMs += 10_000) }, { intervalMs: 1 }, ({ engine }) => { seen.push(engine?.available); if (engine?.available === false) stop.abort(); }, stop.signal, probeContext(), () => Promise.resolve({ engine: 'docker', version: '27.5.1', available: (asked += 1) === 1, reason: '' }));
    expect([seen[0], seen.at(-1)]).toEqual([true, false]);
  });
});
