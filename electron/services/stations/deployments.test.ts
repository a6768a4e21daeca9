// The lease on a station: one at a time, whatever the clock does, and none that outlives who had it.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { changeDeployment, findDeployment, getDeployment, isBeingChanged, putDeployment, withFirstLease, withLease } from './deployments.ts';

let bed: EvidenceBed;
beforeEach(() => { bed = openEvidenceBed(); });
afterEach(() => { bed.close(); });
const id = fakeDeployment().id;
const until = (afterMs: number) => new Date(bed.now + afterMs).toISOString();
const others = (afterMs: number) => ({ name: 'update', owner: 'another process', until: until(afterMs) });

it('keeps others out until the work has ended, and those of a crashed process no longer than its lease', async () => {
  putDeployment(bed.services, fakeDeployment());
  await withLease(bed.services, id, 'update', async () => {
    expect(isBeingChanged(bed.services, getDeployment(bed.services, id))).toBe(true);
    await expect(withLease(bed.services, id, 'stop', async () => 1)).rejects.toMatchObject({ code: 'BUSY' });
  });
  expect(getDeployment(bed.services, id).operation).toBeNull();
  putDeployment(bed.services, { ...fakeDeployment(), operation: others(60_000) });
  await expect(withLease(bed.services, id, 'stop', async () => 1)).rejects.toMatchObject({ code: 'BUSY' });
  bed.now += 61_000;
  expect(await withLease(bed.services, id, 'stop', async () => 1)).toBe(1);
});

it('a lease of a crashed process does not outlive a clock that was set back, nor open at a clock that was set right by a second', async () => {
  putDeployment(bed.services, { ...fakeDeployment(), operation: others(60_000) });
  bed.now -= 1000;
  await expect(withLease(bed.services, id, 'start', async () => 1)).rejects.toMatchObject({ code: 'BUSY' });
  bed.now -= 6 * 365 * 24 * 3_600_000;
  expect(isBeingChanged(bed.services, getDeployment(bed.services, id))).toBe(false);
  expect(await withLease(bed.services, id, 'start', async () => 1)).toBe(1);
});

it('what is at work in this process is not taken over after the machine slept', async () => {
  putDeployment(bed.services, fakeDeployment());
  await withLease(bed.services, id, 'update', async () => {
    bed.now += 3_600_000;
    await expect(withLease(bed.services, id, 'reconcile', async () => 1)).rejects.toMatchObject({ code: 'BUSY' });
  });
});

it('who has lost its lease to another process does not take it back, nor end that of the other', async () => {
  putDeployment(bed.services, fakeDeployment());
  vi.useFakeTimers();
  try {
    await withLease(bed.services, id, 'update', async () => {
      putDeployment(bed.services, { ...getDeployment(bed.services, id), operation: others(60_000) });
      vi.advanceTimersByTime(20_000);
      expect(getDeployment(bed.services, id).operation?.owner).toBe('another process');
    });
  } finally { vi.useRealTimers(); }
  expect(getDeployment(bed.services, id).operation?.owner).toBe('another process');
});

it('what a station is to have first is there with its lease, and never in place of what another has deployed meanwhile', async () => {
  const first = fakeDeployment();
  await withFirstLease(bed.services, first, 'deploy', async () => {
    expect(getDeployment(bed.services, id).operation).toMatchObject({ name: 'deploy' });
    await expect(withFirstLease(bed.services, { ...first, port: 8200 }, 'deploy', async () => 1)).rejects.toMatchObject({ code: 'BUSY' });
    changeDeployment(bed.services, id, { desired: 'running' });
  });
  await expect(withFirstLease(bed.services, { ...first, port: 8200 }, 'deploy', async () => 1)).rejects.toMatchObject({ code: 'BUSY', message: expect.stringContaining('while this one') as string });
  expect(findDeployment(bed.services, id)).toMatchObject({ port: first.port, operation: null });
});
