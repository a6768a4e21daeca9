import { expect, it } from 'vitest';
import { exitOfJob } from './exitOfJob.ts';

it('is 1 for a validation where a limit failed or was not measured, and 0 where none was given', () => {
  const exit = (verdict: string, ...limits: string[]) => exitOfJob('validation.run' as string, { verdict, limits: limits.map((one) => ({ verdict: one })) });
  expect(exit('PASS', 'PASS')).toBe(0);
  expect(exit('PASS WITH DEVIATIONS', 'PASS')).toBe(0);
  expect(exit('INCOMPLETE')).toBe(0);
  expect(exit('INCOMPLETE', 'PASS', 'NOT MEASURED')).toBe(1);
  expect(exit('FAIL', 'FAIL')).toBe(1);
});

it.each([
  ['benchmarks.run', { taktVerdict: { verdict: 'PASS' } }, { taktVerdict: { verdict: 'FAIL' } }],
  ['stations.commission', { verdict: 'PASS WITH DEVIATIONS' }, { verdict: 'INCOMPLETE' }],
  ['serving.replay', { different: 0, failed: 0 }, { different: 0, failed: 1 }],
  ['serving.reconcile', [{ state: 'ended', desired: 'stopped' }], [{ state: 'serving', desired: 'running' }, { state: 'failed', desired: 'running' }]],
])('is that of the operation for %s', (op, good, bad) => {
  expect([exitOfJob(op, good), exitOfJob(op, bad)]).toEqual([0, 1]);
});

it('is 0 for a job that can fail at nothing but an error', () => {
  expect(exitOfJob('models.quantize', {})).toBe(0);
});
