// Lanes: who may run beside whom.
import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { Lane } from '#shared/contract/operation';
import { startable, type LaneJob } from './lanes.ts';

const queued = (...lanes: Lane[]): LaneJob[] => lanes.map((lane, index) => ({ id: `${lane}${index}`, lane, running: false }));
const running = (...lanes: Lane[]): LaneJob[] => lanes.map((lane, index) => ({ id: `running-${index}`, lane, running: true }));

it('starts two light jobs beside one compute job, and the rest waits', () => {
  expect(startable(queued('light', 'compute', 'light', 'light', 'compute'))).toEqual(['light0', 'compute1', 'light2']);
});
it('starts an exclusive job only when nothing runs', () => {
  expect(startable(queued('exclusive'))).toEqual(['exclusive0']);
  expect(startable([...running('light'), ...queued('exclusive')])).toEqual([]);
});
it('starts nothing beside an exclusive job', () => {
  expect(startable([...running('exclusive'), ...queued('light', 'compute')])).toEqual([]);
});
it('lets nothing overtake a waiting exclusive job', () => {
  expect(startable([...running('compute'), ...queued('light', 'exclusive', 'light')])).toEqual(['light0']);
});
it('never breaks a lane, whatever is queued, and always goes on when nothing runs', () => {
  const job = fc.record({ lane: fc.constantFrom<Lane>('light', 'compute', 'exclusive'), running: fc.boolean() });
  fc.assert(fc.property(fc.array(job, { maxLength: 20 }), (list) => {
    const jobs = list.map((one, index) => ({ ...one, id: String(index) }));
    const started = startable(jobs);
    const after = jobs.filter((one) => one.running || started.includes(one.id));
    const count = (lane: Lane, all = after) => all.filter((one) => one.lane === lane).length;
    const fresh = jobs.filter((one) => started.includes(one.id));
    if (count('exclusive', fresh) > 0) expect(after).toHaveLength(1);
    if (fresh.length > 0 && count('exclusive') === 0) { if (count('compute', fresh) > 0) expect(count('compute')).toBe(1); if (count('light', fresh) > 0) expect(count('light')).toBeLessThanOrEqual(2); }
    if (jobs.length > 0 && !jobs.some((one) => one.running)) expect(started.length).toBeGreaterThan(0);
  }));
});
