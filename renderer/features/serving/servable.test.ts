import { expect, it } from 'vitest';
import { approvedReport, report } from '../../gallery/fixtures/evidence.ts';
import { models, optimised } from '../../gallery/fixtures/models.ts';
import { station } from '../../gallery/fixtures/stations.ts';
import { failed, passed } from '../../gallery/fixtures/validation.ts';
import { servableOf } from './servable.ts';

const all = { stations: [station], models, evidence: [report, approvedReport], runs: [passed, failed] };
it('offers the model that was validated, with the figures of that run', () => {
  const [found] = servableOf({ ...all, stations: [{ ...station, candidateModelId: 'something-else' }] });
  expect(found).toMatchObject({ model: { id: optimised.id }, run: { id: passed.id }, point: { latencyMs: { p99: 18.4 } } });
});
it('offers nothing that failed, was exploratory, was superseded, or whose model or evidence is gone', () => {
  expect(servableOf({ ...all, runs: [{ ...passed, verdict: 'FAIL' }] })).toEqual([]);
  expect(servableOf({ ...all, runs: [{ ...passed, exploratory: true }] })).toEqual([]);
  expect(servableOf({ ...all, evidence: [{ ...report, state: 'superseded' }] })).toEqual([]);
  expect(servableOf({ ...all, stations: [{ ...station, status: 'failed' }] })).toEqual([]);
  expect(servableOf({ ...all, models: [] })).toEqual([]);
  expect(servableOf({ ...all, evidence: [] })).toEqual([]);
});
it('puts approved stations first', () => expect(servableOf({ ...all, stations: [station, { ...station, id: 's-9', evidenceId: approvedReport.id }] }).map((each) => each.station.id)).toEqual(['s-9', 's-1']));
