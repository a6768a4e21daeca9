// What a threshold costs against counting by hand, against the dial that chooses one, and the lines that carry it into a limits file.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { costsLines } from '../limits/costsLines.ts';
import { parseProtocol } from '../limits/parseLimits.ts';
import { costAtThreshold } from './costAtThreshold.ts';
import { costDial } from './costDial.ts';
import { positiveScores } from './positiveScores.ts';

const costs = { positive: 'defect', escape: 100, false_reject: 2, currency: 'EUR' };
const judged = { scores: [0.9, 0.6, 0.4, 0.5, 0.1, 0.7], truth: [true, true, true, false, false, false] };

it('counts escapes and false rejects at the threshold, with the sizes they are shares of', () => {
  expect(costAtThreshold(judged, costs, 0.5)).toMatchObject({ escapes: { count: 1, of: 3 }, falseRejects: { count: 2, of: 3 }, costPerPart: 0.5 * (1 / 3) * 100 + 0.5 * (2 / 3) * 2, costPerDay: null });
  expect(costAtThreshold(judged, { ...costs, parts_per_day: 1000, defect_share: 0.01 }, null)).toMatchObject({ escapes: { count: 3 }, falseRejects: { count: 0 }, costPerPart: 1, costPerDay: 1000 });
});
it('agrees with the dial about the threshold it chose, and its interval holds the cost', () => fc.assert(fc.property(
  fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { minLength: 2, maxLength: 40 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  (rows, share) => {
    const set = { scores: rows.map(([score]) => score / 20), truth: rows.map(([, is]) => is) }, stated = { ...costs, defect_share: share };
    const dial = costDial(set.scores, set.truth, stated, { resamples: 5 });
    if (dial === null) return;
    const point = costAtThreshold(set, stated, dial.threshold);
    expect(point.costPerPart).toBeCloseTo(dial.costPerPart, 9);
    expect(costAtThreshold(set, stated, 0.5).costPerPart).toBeCloseTo(dial.costPerPartAtHalf, 9);
    expect(point.costPerPartLow).toBeLessThanOrEqual(point.costPerPart + 1e-12);
    expect(point.costPerPartHigh).toBeGreaterThanOrEqual(point.costPerPart - 1e-12);
  },
)));
it('turns the score of the decided class into that of the positive one, and refuses what is no probability', () => {
  expect(positiveScores([{ label: 'a', predicted: 'a', score: 0.75 }, { label: 'b', predicted: 'a', score: 0.75 }, { label: null, predicted: 'a', score: 1 }], 'b')).toEqual({ scores: [0.25, 0.25], truth: [false, true] });
  expect(positiveScores([{ label: 'a', predicted: 'a', score: 3.2 }], 'b')).toBeNull();
});
it('writes lines that a limits file takes as they are, whatever the class is called', () => fc.assert(fc.property(
  fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.option(fc.double({ min: 1e-6, max: 0.999999, noNaN: true }), { nil: undefined }), fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined }),
  (positive, escape, share, parts) => {
    const stated = { positive, escape, false_reject: 1.5, currency: 'EUR', ...(share === undefined ? {} : { defect_share: share }), ...(parts === undefined ? {} : { parts_per_day: parts }) };
    expect(parseProtocol(`limits:\n  - { id: A, metric: accuracy, min: 0.9 }\n${costsLines(stated, 0.41)}`).protocol.costs).toEqual(stated);
  },
)));
