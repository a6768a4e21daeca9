import { expect, it } from 'vitest';
import { describeDecision } from '#shared/contract/decision';
import { plainDetector } from '../datasets/detectorSpec.ts';
import { answersOf } from './answers.ts';
import { decide } from './decision.ts';
import { decisionOf } from './decisionOf.ts';
import { taskFigures } from './taskFigures.ts';
import { thresholdOn } from './thresholdOn.ts';

const classes = ['good', 'defect'];

it('takes the threshold of the run over that of the station over that of the data', () => {
  const facts = { task: 'classification' as const, classes };
  expect(decisionOf(facts)).toEqual({ task: 'classification', threshold: null, positive: null, origin: 'model' });
  expect(decisionOf({ ...facts, station: { value: 0.3, positive: null }, positive: 'good' })).toEqual({ task: 'classification', threshold: 0.3, positive: 'good', origin: 'station' });
  expect(decisionOf({ ...facts, given: { value: 0.2, positive: 'defect' }, station: { value: 0.3, positive: null } })).toEqual({ task: 'classification', threshold: 0.2, positive: 'defect', origin: 'given' });
  expect(decisionOf({ task: 'detection', classes, detector: { ...plainDetector, score: 0.4 } })).toEqual({ task: 'detection', threshold: 0.4, positive: null, origin: 'data' });
  expect(decisionOf({ task: 'detection', classes, detector: { ...plainDetector, score: 0.4 }, station: { value: 0.7, positive: null } })).toMatchObject({ threshold: 0.7, origin: 'station' });
  expect(decisionOf({ task: 'anomaly', classes, given: { value: 3.5, positive: null } })).toMatchObject({ threshold: 3.5, origin: 'given' });
  expect(decisionOf({ task: 'regression', classes: [], station: { value: 0.3, positive: null } })).toBeNull();
});

it('refuses a threshold that fits neither task nor classes', () => {
  const given = { value: 0.5, positive: null };
  for (const facts of [{ task: 'regression' as const, classes: [], given }, { task: 'classification' as const, classes: ['a', 'b', 'c'], given }, { task: 'classification' as const, classes, given: { value: 1.2, positive: null } }, { task: 'classification' as const, classes, given: { value: 0.5, positive: 'dent' } }]) {
    expect(() => decisionOf(facts)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  }
});

it('is described by one line that differs where the decision does', () => {
  const lines = [{ threshold: null, positive: null }, { threshold: 0.3, positive: 'defect' }, { threshold: 0.3, positive: 'good' }, { threshold: 0.31, positive: 'defect' }].map((each) => describeDecision({ task: 'classification', ...each }));
  expect(new Set(lines).size).toBe(4);
});

it('decides between two classes at the threshold, from both outputs and from one', () => {
  const rule = { index: 1, threshold: 0.3 };
  expect(decide([0.69, 0.31], 0, 2, rule)).toEqual({ index: 1, margin: expect.closeTo(0.01) as number });
  expect(decide([0.71, 0.29], 0, 2, rule)).toMatchObject({ index: 0 });
  expect(decide([0.31], 0, 1, rule)).toMatchObject({ index: 1 });
  expect(decide([0.2], 0, 1, { index: 0, threshold: 0.75 })).toMatchObject({ index: 0 }); // 1 - 0.2 is at least 0.75
  expect(() => decide([-1, 4], 0, 2, rule)).toThrow(expect.objectContaining({ code: 'BAD_DATA' }));
  const scores = { type: 'float32' as const, dims: [2, 2], data: Float32Array.of(0.6, 0.4, 0.9, 0.1) };
  expect(answersOf({ scores }, 2, { task: 'classification', classes, fromModel: true, rule }).map(({ predicted }) => predicted)).toEqual(['defect', 'good']);
  // scikit-learn's label column knows nothing of the threshold: the probabilities decide.
  const label = { type: 'string' as const, dims: [2], data: ['good', 'good'] };
  expect(answersOf({ label, scores }, 2, { task: 'classification', classes, fromModel: true, rule }).map(({ predicted }) => predicted)).toEqual(['defect', 'good']);
  expect(() => answersOf({ label }, 2, { task: 'classification', classes, fromModel: true, rule })).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }));
});

it('lies on the probability of either class', () => {
  expect([thresholdOn(null, 'defect'), thresholdOn({ threshold: 0.3, positive: 'defect' }, 'defect'), thresholdOn({ threshold: 0.3, positive: 'defect' }, 'good')]).toEqual([0.5, 0.3, 0.7]);
});

it('counts escapes and false rejects of anomalies where a threshold is set, and only then', () => {
  const samples = { task: 'anomaly' as const, scores: [0.1, 0.6, 0.2, 0.9, 0.8], anomalous: [false, false, true, true, true], maps: [] };
  const rates = (threshold: number | null) => taskFigures({ ...samples, threshold }).filter(({ metric }) => metric.startsWith('image_')).map(({ metric, value }) => [metric, value]);
  expect(rates(null)).toEqual([]);
  expect(rates(0.5)).toEqual([['image_escape_rate', 1 / 3], ['image_false_reject_rate', 1 / 2]]);
});
