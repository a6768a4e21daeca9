import fc from 'fast-check';
import { expect, it } from 'vitest';
import { classSamplesOf } from './classSamples.ts';
import { bandWidths, classErrors, nearThreshold } from './decisionErrors.ts';
import { exactUpperBound } from './intervals.ts';

const two = classSamplesOf({ actual: ['good', 'good', 'bad', 'bad', 'bad'], predicted: ['good', 'bad', 'bad', 'good', 'bad'], classes: ['good', 'bad'], scores: [[0.9, 0.1], [0.485, 0.515], [0.2, 0.8], [0.545, 0.455], [0.4, 0.6]] });

it('escapes and false rejects of each class, with the bound that limits are judged on', () => {
  const [good, bad] = classErrors(two, 0.9);
  expect(bad).toEqual({ escapes: { count: 1, of: 3, rate: 1 / 3, interval: exactUpperBound(1, 3, 0.9) }, falseRejects: { count: 1, of: 2, rate: 0.5, interval: exactUpperBound(1, 2, 0.9) } });
  expect(good).toMatchObject({ escapes: { count: 1, of: 2 }, falseRejects: { count: 1, of: 3 } });
  expect(classErrors(classSamplesOf({ actual: ['a'], predicted: ['a'], classes: ['a', 'b'] }))).toMatchObject([{ escapes: { count: 0, of: 1 }, falseRejects: null }, { escapes: null, falseRejects: { count: 0, of: 1 } }]);
});

it('of two classes the band is around 0.5, and each sample in it ends as right, escape or false reject', () => {
  const near = nearThreshold(two, ['a', 'b', 'c', 'd', 'e'], 'bad')!;
  expect(near.bands.map(({ width, samples, wrong, escapes, falseRejects }) => [width, samples, wrong, escapes, falseRejects])).toEqual([[0.01, 0, 0, 0, 0], [0.02, 1, 1, 0, 1], [0.05, 2, 2, 1, 1], [0.1, 3, 2, 1, 1], [0.2, 3, 2, 1, 1]]);
  expect(near.nearest.map(({ sample }) => sample)).toEqual(['b', 'd', 'e', 'c', 'a']);
  expect(near.nearest[0]).toMatchObject({ label: 'good', predicted: 'bad', next: 'good' });
  expect(near.nearest[0]!.distance).toBeCloseTo(0.015, 12);
});

it('with a threshold of its own the band is around that', () => {
  const near = nearThreshold(two, ['a', 'b', 'c', 'd', 'e'], 'bad', { value: 0.75, positive: 'bad' })!;
  expect(near.threshold).toBe(0.75);
  expect(near.nearest.map(({ sample }) => sample)).toEqual(['c', 'e', 'b', 'd', 'a']);
  expect(near.nearest[0]!.distance).toBeCloseTo(0.05, 12);
});

it('of more classes what counts is the lead over the next one; without a positive class there are no escapes', () => {
  const three = classSamplesOf({ actual: ['a', 'b'], predicted: ['a', 'c'], classes: ['a', 'b', 'c'], scores: [[0.5, 0.46, 0.04], [0.1, 0.2, 0.7]] });
  const near = nearThreshold(three, ['x', 'y'], null)!;
  expect(near.positive).toBeNull();
  expect(near.bands.map(({ samples }) => samples)).toEqual([0, 1, 1, 1, 1]);
  expect(near.bands[0]).not.toHaveProperty('escapes');
  expect(near.nearest[1]).toMatchObject({ sample: 'y', predicted: 'c', next: 'b' });
  expect(near.nearest[1]!.distance).toBeCloseTo(0.25, 12);
  expect(nearThreshold({ ...three, scores: null }, [], null)).toBeNull();
});

it('a wider band holds all of a narrower one', () => fc.assert(fc.property(fc.array(fc.tuple(fc.nat(1), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 30 }), (rows) => {
  const near = nearThreshold(classSamplesOf({ actual: rows.map(([is]) => 'ab'[is]!), predicted: rows.map(([, score]) => (score > 0.5 ? 'a' : 'b')), classes: ['a', 'b'], scores: rows.map(([, score]) => [score, 1 - score]) }), [], 'a')!;
  expect(near.bands.map(({ width }) => width)).toEqual([...bandWidths]);
  near.bands.forEach(({ samples, wrong, escapes = 0, falseRejects = 0 }, at) => { expect(wrong).toBe(escapes + falseRejects); expect(samples).toBeGreaterThanOrEqual(near.bands[at - 1]?.samples ?? wrong); });
})));
