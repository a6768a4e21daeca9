// Figures by subgroup: each is that of the group's own samples, and a limit is judged on the worst group.
import { describe, expect, it } from 'vitest';
import type { Limit } from '#shared/contract/validation';
import { classSamplesOf } from '../statistics/classSamples.ts';
import { exactUpperBound, wilson } from '../statistics/intervals.ts';
import type { TaskSamples } from '../statistics/taskFigures.ts';
import { judgeLimits, type MeasuredFacts } from './judgeLimits.ts';
import { parseLimits } from './parseLimits.ts';
import { subgroupFacts, subgroupFigures } from './subgroupFacts.ts';

const bare = { referencePredicted: null, classes: ['good', 'bad'], compare: null, bench: null, modelBytes: 1, missing: {} };
/** 60 samples early (2 wrong), 40 late (8 wrong), 5 at night (all wrong); every third is bad. One of the set has no label. */
const shifts = ['', ...Array.from({ length: 105 }, (_, at) => (at < 60 ? 'early' : at < 100 ? 'late' : 'night'))];
const actual = Array.from({ length: 105 }, (_, at) => (at % 3 === 0 ? 'bad' : 'good'));
const isWrong = (at: number) => at < 2 || (at >= 60 && at < 68) || at >= 100;
const predicted = actual.map((label, at) => (isWrong(at) ? (label === 'bad' ? 'good' : 'bad') : label));
const whole: MeasuredFacts = { ...bare, task: 'classification', actual, predicted, classSamples: classSamplesOf({ actual, predicted, classes: ['good', 'bad'] }) };
const labelled = actual.map((_, at) => at + 1);
const groups = subgroupFacts(whole, [{ column: 'shift', values: shifts }], labelled);
const judge = (limit: Omit<Limit, 'id'>) => judgeLimits([{ id: 'L', ...limit }], { ...whole, groups })[0]!;

describe('a classification', () => {
  it('each group has the figures of its own samples, the largest first, and says where it is small', () => {
    const figures = subgroupFigures(groups, 'bad');
    expect(figures.map(({ value, samples, few }) => [value, samples, few])).toEqual([['early', 60, false], ['late', 40, false], ['night', 5, true], ['', 0, true]]);
    expect(figures[1]?.figures.find(({ metric }) => metric === 'accuracy')).toEqual({ metric: 'accuracy', value: 32 / 40, interval: wilson(32, 40) });
    const bad = actual.filter((label, at) => label === 'bad' && at >= 60 && at < 100).length;
    expect(figures[1]?.figures.find(({ metric }) => metric === 'escape_rate')).toMatchObject({ interval: exactUpperBound(3, bad) });
    expect(figures[1]?.figures.find(({ metric }) => metric === 'f1')?.interval?.n).toBe(40);
    expect(figures[3]?.figures).toEqual([]);
  });
  it('a limit is judged on the worst group that has enough samples, on its bound', () => {
    expect(judge({ metric: 'accuracy', min: 0.6, subgroup: 'shift' })).toMatchObject({ verdict: 'PASS', value: 0.8, interval: { n: 40 }, subgroup: 'shift = late', limit: '≥ 0.6 (worst subgroup of shift)' });
    const fails = judge({ metric: 'accuracy', min: 0.75, subgroup: 'shift' });
    expect(fails).toMatchObject({ verdict: 'FAIL', subgroup: 'shift = late' });
    expect(fails.reason).toMatch(/^Accuracy, subgroup shift = late is 0\.8 over 40 samples; .*The value itself is within/);
    expect(judge({ metric: 'escape_rate', positive: 'bad', max: 0.9, subgroup: 'shift' })).toMatchObject({ verdict: 'PASS', subgroup: 'shift = late' });
    expect(judge({ metric: 'accuracy', min: 0.1, subgroup: 'camera' })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'The data names no subgroups by "camera".' });
    const small = subgroupFacts(whole, [{ column: 'day', values: shifts.map((_, at) => String(at % 30)) }], labelled);
    expect(judgeLimits([{ id: 'L', metric: 'accuracy', min: 0.1, subgroup: 'day' }], { ...whole, groups: small })[0]).toMatchObject({ verdict: 'NOT MEASURED', reason: 'No subgroup by "day" has 20 samples.' });
  });
  it('a limits file may name a subgroup where the figure is one of samples', () => {
    expect(parseLimits('limits:\n  - { id: A, metric: recall, positive: bad, min: 0.9, subgroup: "shift × camera" }\n')[0]).toMatchObject({ subgroup: 'shift × camera' });
    expect(() => parseLimits('limits:\n  - { id: A, metric: size_mb, max: 3, subgroup: shift }\n')).toThrow('line 2: the limit A has a subgroup, but size_mb is not measured by subgroup');
    expect(() => parseLimits('limits:\n  - { id: A, metric: accuracy, min: 0.5, disturbance: blur, severity: 2, subgroup: shift }\n')).toThrow('a subgroup and a disturbance');
  });
});

it('a regression and other tasks have theirs', () => {
  const numbers = Array.from({ length: 80 }, (_, at) => String(at)), said = numbers.map((value, at) => String(Number(value) + (at < 40 ? 1 : 3)));
  const halves = numbers.map((_, at) => (at < 40 ? 'left' : 'right'));
  const line: MeasuredFacts = { ...bare, classes: [], task: 'regression', actual: numbers, predicted: said };
  expect(subgroupFigures(subgroupFacts(line, [{ column: 'side', values: halves }], numbers.map((_, at) => at)), null).map(({ figures }) => figures.map(({ metric, value }) => [metric, value]))).toEqual([[['mae', 1], ['rmse', 1]], [['mae', 3], ['rmse', 3]]]);
  const taskSamples: TaskSamples = { task: 'embedding', labels: ['a', 'b', 'a', 'b'], vectors: [[1, 0], [0, 1], [1, 0.1], [0.1, 1]], reference: null };
  // The partner of each lies in the other group: it is looked for among all.
  const apart = subgroupFacts({ ...bare, task: 'none', actual: [], predicted: [], taskSamples }, [{ column: 'camera', values: ['1', '1', '2', '2'] }], []);
  expect(subgroupFigures(apart, null)).toMatchObject([{ samples: 2, figures: [{ metric: 'recall_at_1', value: 1 }] }, { samples: 2, figures: [{ metric: 'recall_at_1', value: 1 }] }]);
});
