// The cost dial against trying every threshold, and what it says where it cannot choose.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { costDial } from './costDial.ts';

const costs = { positive: 'defect', escape: 100, false_reject: 2, currency: 'EUR' };
it('is never beaten by another threshold, whatever the scores and costs', () => fc.assert(fc.property(
  fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { minLength: 2, maxLength: 40 }), fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 50 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  (rows, escape, falseReject, share) => {
    const scores = rows.map(([score]) => score / 20), defective = rows.map(([, is]) => is);
    const dial = costDial(scores, defective, { ...costs, escape, false_reject: falseReject, defect_share: share }, { resamples: 5 });
    const bad = defective.filter(Boolean).length, good = rows.length - bad;
    if (bad === 0 || good === 0) { expect(dial).toBeNull(); return; }
    const price = (threshold: number) => (share * scores.filter((score, at) => defective[at] && score < threshold).length * escape) / bad + ((1 - share) * scores.filter((score, at) => !defective[at] && score >= threshold).length * falseReject) / good;
    const least = Math.min(...Array.from({ length: 23 }, (_, at) => price(at / 20 - 0.01)));
    expect(dial!.costPerPart).toBeCloseTo(least, 9);
    expect(price(dial!.threshold ?? Number.POSITIVE_INFINITY)).toBeCloseTo(least, 9);
    expect(dial!.costPerPartAtHalf).toBeCloseTo(price(0.5), 9);
  },
)));
it('dear escapes lower the threshold, dear false rejects raise it, and the interval holds the choice', () => {
  const scores = Array.from({ length: 400 }, (_, at) => (at % 97) / 97), defective = scores.map((score, at) => score + ((at * 31) % 41) / 100 > 0.7);
  const dear = costDial(scores, defective, { ...costs, escape: 1000, false_reject: 1 })!, cheap = costDial(scores, defective, { ...costs, escape: 1, false_reject: 50 })!;
  expect(dear.threshold!).toBeLessThan(cheap.threshold!);
  expect(dear.escapeRate).toBeLessThan(cheap.escapeRate);
  for (const dial of [dear, cheap]) { expect(dial.thresholdLow!).toBeLessThanOrEqual(dial.threshold!); expect(dial.thresholdHigh!).toBeGreaterThanOrEqual(dial.threshold!); }
});
it('where rejecting never pays there is no threshold', () => {
  expect(costDial([0.9, 0.8, 0.1], [false, false, true], { ...costs, escape: 1, false_reject: 1000, defect_share: 0.001 }, { resamples: 5 })).toMatchObject({ threshold: null, escapeRate: 1, falseRejectRate: 0 });
});
