import { expect, it } from 'vitest';
import { commissionSteps } from '#shared/contract/stations';
import { fakeStation } from '#test/fakes/stationRecord';
import { commissioned, job } from '../../gallery/fixtures/stations.ts';
import { report } from '../../gallery/fixtures/evidence.ts';
import { serving, servingBreaker, servingCanary, servingFailed, servingHeld, servingStopped } from '../../gallery/fixtures/serving.ts';
import { needsOf } from './needs.ts';
import { isRunOf, stepOfStage, stepWords, viewSteps } from './words.ts';

it('knows the step from what the host says while it runs', () => {
  const said = ['Check the machine', 'Import the model', 'Seal the test data', 'Quantize: static INT8 (mse), calibrating', 'Compare decisions', 'Validate: 612 of 2000 samples', 'Benchmark: batch 1', 'Sign the evidence: done'];
  expect(said.map(stepOfStage)).toEqual([...commissionSteps]);
  expect(stepOfStage('Waiting for its turn')).toBeNull();
});
it('shows steps before the present one as done and those after it as waiting', () => {
  expect(viewSteps(null, { stage: 'Seal the test data', done: 1, total: 8 }, true).map(({ state }) => state)).toEqual(['done', 'done', 'now', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']);
  expect(viewSteps(null, null, true).every(({ state }) => state === 'waiting')).toBe(true);
});
it('tells of a finished run what each step found, and of a step that did not run that it was skipped', () => {
  const steps = viewSteps({ ...commissioned, steps: commissioned.steps.slice(0, 3) }, null, false);
  expect(steps[0]).toEqual({ step: 'machine', state: 'warn', text: 'Intel Core i7-12700E; 12 of 14 checks pass', durationMs: 668 });
  expect(steps[7]).toEqual({ step: 'evidence', state: 'skipped', text: stepWords.evidence.what, durationMs: null });
});
it('finds the run of a station wherever it was started', () => {
  const station = { id: 's-1', name: 'Lid seal check' };
  expect(isRunOf(job({ input: { stationId: 's-1' } }), station)).toBe(true);
  expect(isRunOf(job({ input: { sample: true }, output: { stationId: 's-1' } }), station)).toBe(true);
  expect(isRunOf(job({ input: { station: 'Lid seal check' } }), station)).toBe(true);
  expect(isRunOf(job({ input: { stationId: 's-2' }, output: { stationId: 's-2' } }), station)).toBe(false);
  expect(isRunOf(job({ op: 'validation.run', input: { stationId: 's-1' } }), station)).toBe(false);
});

it('puts what needs a person in order: failures, lacks, signatures; what is approved needs nobody', () => {
  const done = { status: 'commissioned', verdict: 'PASS', evidenceId: report.id } as const;
  const stations = [fakeStation({ id: 'sign', ...done }), fakeStation({ id: 'new', modelId: 'm' }), fakeStation({ id: 'failed', status: 'failed', verdict: 'FAIL' }), fakeStation({ id: 'lost', ...done, evidenceId: 'gone' })];
  expect(needsOf(stations, [report], []).map(({ station, tone, text }) => [station.id, tone, text])).toEqual([
    ['failed', 'bad', 'failed its limits; look at what failed'], ['new', 'warn', 'lacks a test set'], ['lost', 'warn', 'has no evidence in this data folder'], ['sign', 'info', 'waits for a signature: to be reviewed'],
  ]);
  expect(needsOf([fakeStation(done)], [{ ...report, state: 'approved' }], [])).toEqual([]);
});
it('tells of a station that answers nothing, fails, or has a version on trial; one that serves or was stopped needs nobody', () => {
  const station = fakeStation({ id: 's-1', status: 'commissioned', verdict: 'PASS', evidenceId: report.id });
  const told = (view: typeof serving) => needsOf([station], [{ ...report, state: 'approved' }], [{ ...view, stationId: 's-1' }]).map(({ tone, text }) => `${tone}: ${text}`);
  expect([servingHeld, servingFailed, servingBreaker, servingCanary, serving, servingStopped].map(told)).toEqual([
    ['bad: answers nothing since the acceptance stop: Golden sample 7 was accepted at shift start'], ['bad: does not serve: The model\'s container does not run: it needed more memory than its limit.'],
    ['bad: has a version that fails again and again'], ['info: has v3 on trial: promote it or end the trial'], [], [],
  ]);
});
