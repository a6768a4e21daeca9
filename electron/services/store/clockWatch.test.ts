import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyAuditChain } from '../evidence/verifyAudit.ts';
import { judgeClock, type Ticks } from './clockWatch.ts';
import { openStore, type OpenStore } from './openStore.ts';

let dir: string;
let now: { wallMs: number; monotonicMs: number; uptimeMs: number | null };
const silent = () => undefined;
const log = { info: silent, warn: silent, error: silent };
const ticks: Ticks = { monotonicMs: () => now.monotonicMs, uptimeMs: () => now.uptimeMs };
const open = (): OpenStore => openStore(dir, { clock: () => now.wallMs, log, ticks });
/** Time that passes for all clocks alike. */
const pass = (ms: number) => { now = { wallMs: now.wallMs + ms, monotonicMs: now.monotonicMs + ms, uptimeMs: now.uptimeMs === null ? null : now.uptimeMs + ms }; };
const set = (byMs: number) => { now = { ...now, wallMs: now.wallMs + byMs }; };
const sleep = (ms: number) => { now = { ...now, wallMs: now.wallMs + ms, uptimeMs: now.uptimeMs === null ? null : now.uptimeMs + ms }; };
const act = (store: OpenStore) => store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' });
const trail = (store: OpenStore) => [...store.audit.all()].map(({ action, detail }) => (action === 'clock.jump' ? detail : action));
const told = (store: OpenStore) => verifyAuditChain(store.audit.all(), { head: null, fault: null }).findings.filter(({ id }) => id === 'AUDIT_CLOCK');

beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millwright-clock-')); now = { wallMs: Date.parse('2026-11-20T09:00:00.000Z'), monotonicMs: 5_000_000, uptimeMs: 9_000_000 }; });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a clock that is set is recorded once, before the next entry, with from, to and how it was seen', () => {
  const store = open();
  act(store);
  pass(4000);
  set(-3_600_000);
  act(store);
  expect(store.audit.checkClock()).toBeNull();
  pass(10_000);
  expect(store.audit.checkClock()).toBeNull();
  set(60_000);
  expect(store.audit.checkClock()).toMatchObject({ action: 'clock.jump', actor: 'Millwright', detail: { byMs: 60_000 } });
  expect(trail(store)).toEqual(['x',
    { from: '2026-11-20T09:00:04.000Z', to: '2026-11-20T08:00:04.000Z', byMs: -3_600_000, seen: 'uptime', suspendedMs: 0 }, 'x',
    { from: '2026-11-20T08:00:14.000Z', to: '2026-11-20T08:01:14.000Z', byMs: 60_000, seen: 'uptime', suspendedMs: 0 }]);
  expect(told(store).map(({ severity, place }) => [severity, place])).toEqual([['warning', 'entry 2'], ['warning', 'entry 4']]);
  store.close();
});

test('a machine that slept did not jump, where the system tells; the jump on waking up is told apart from the sleep', () => {
  const store = open();
  pass(1000);
  sleep(8 * 3_600_000);
  expect(store.audit.checkClock()).toBeNull();
  sleep(3_600_000);
  set(20_000);
  expect(store.audit.checkClock()?.detail).toMatchObject({ byMs: 20_000, seen: 'uptime', suspendedMs: 3_600_000 });
  store.close();
});

test('where the system does not count sleep, a jump forward says that it may be sleep', () => {
  now = { ...now, uptimeMs: null };
  const store = open();
  sleep(3_600_000);
  expect(store.audit.checkClock()?.detail).toMatchObject({ byMs: 3_600_000, seen: 'monotonic', suspendedMs: null });
  expect(told(store)[0]?.message).toContain('does not tell a clock that was set from a machine that slept');
  store.close();
});

test('a clock set back between two runs is seen against the last entry', () => {
  const first = open();
  act(first);
  first.close();
  now = { wallMs: now.wallMs - 120_000, monotonicMs: 10, uptimeMs: 20 }; // another process, after a restart of the machine
  const second = open();
  expect(second.audit.checkClock()?.detail).toEqual({ from: '2026-11-20T09:00:00.000Z', to: '2026-11-20T08:58:00.000Z', byMs: -120_000, seen: 'last entry', suspendedMs: null });
  act(second);
  expect(trail(second)).toHaveLength(3);
  second.close();
});

test('two processes that both see it record it once; one that is rolled back is recorded later', () => {
  const [a, b] = [open(), open()];
  set(600_000);
  expect(() => a.atomically(() => { act(a); throw new Error('midway'); })).toThrow();
  act(b);
  expect([a.audit.checkClock(), b.audit.checkClock()]).toEqual([null, null]);
  expect(trail(a)).toEqual([expect.objectContaining({ byMs: 600_000 }), 'x']);
  a.close();
  b.close();
});

test('less than the tolerance is no jump, and an uptime that stands still is none to judge by', () => {
  expect(judgeClock({ wallMs: 0, monotonicMs: 0, uptimeMs: 0 }, { wallMs: 64_900, monotonicMs: 60_000, uptimeMs: 60_000 })).toBeNull();
  expect(judgeClock({ wallMs: 0, monotonicMs: 0, uptimeMs: 0 }, { wallMs: 60_000, monotonicMs: 60_000, uptimeMs: 0 })).toBeNull();
});

test('two jumps between two looks are two entries', () => {
  const store = open();
  for (const byMs of [100_000, 250_000]) { set(byMs); act(store); }
  expect(store.audit.checkClock()).toBeNull();
  expect(trail(store)).toEqual([expect.objectContaining({ byMs: 100_000 }), 'x', expect.objectContaining({ byMs: 250_000 }), 'x']);
  store.close();
});
