// Statistics against scipy and scikit-learn (test/golden/statistics/make.py).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapBca, seededRandom } from './bootstrap.ts';
import { classMetrics, cohenKappa, confusionOf, fleissKappa, mcnemarExact, rocAuc } from './classification.ts';
import { countFigures, countPlaces } from './classDraws.ts';
import { classSamplesOf } from './classSamples.ts';
import { clopperPearson, exactUpperBound, pairedDifference, wilson } from './intervals.ts';
import { regressionMetrics } from './regression.ts';
import { provenRate, samplesNeeded } from './sampleSize.ts';
import { betaCdf, betaQuantile, binomialCdf, gammaCdf, gammaQuantile, logGamma, normalCdf, normalQuantile } from './special.ts';

type Rows = number[][];
interface Golden {
  special: Record<'beta' | 'betaQuantile' | 'gamma' | 'gammaQuantile' | 'normal' | 'normalQuantile' | 'logGamma' | 'binomial', Rows>;
  intervals: { k: number; n: number; confidence: number; wilson: [number, number]; exact: [number, number]; upper: number }[];
  mcnemar: Rows; planner: Rows;
  classification: { labels: string[]; actual: number[]; predicted: number[]; confusion: Rows; precision: number[]; recall: number[]; f1: number[]; support: number[]; macroF1: number; kappa: number }[];
  roc: { scores: number[]; positive: boolean[]; auc: number }[];
  regression: { actual: number[]; predicted: number[]; mae: number; rmse: number; r2: number };
  bootstrap: { x: number[]; low: number; high: number; standardError: number };
}
const golden = JSON.parse(readFileSync('test/golden/statistics/statistics.json', 'utf8')) as Golden;

const close = (value: number | null, expected: number) => expect(Math.abs((value ?? Number.NaN) - expected), `${value} against ${expected}`).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(expected)));
const functions: Record<keyof Golden['special'], (...values: number[]) => number> = {
  beta: (x, a, b) => betaCdf(x!, a!, b!), betaQuantile: (p, a, b) => betaQuantile(p!, a!, b!), gamma: (x, a) => gammaCdf(x!, a!), gammaQuantile: (p, a) => gammaQuantile(p!, a!),
  normal: (x) => normalCdf(x!), normalQuantile: (p) => normalQuantile(p!), logGamma: (x) => logGamma(x!), binomial: (k, n, p) => binomialCdf(k!, n!, p!),
};

describe('statistics equal scipy and scikit-learn to 1e-9', () => {
  for (const [name, rows] of Object.entries(golden.special)) {
    it(`special function ${name}`, () => { for (const row of rows) close(functions[name as keyof Golden['special']](...row.slice(0, -1)), row.at(-1)!); });
  }
  it('intervals of a proportion: Wilson, Clopper-Pearson, one-sided bound', () => {
    for (const { k, n, confidence, wilson: w, exact, upper } of golden.intervals) {
      const ours = { w: wilson(k, n, confidence), e: clopperPearson(k, n, confidence) };
      close(ours.w.low, w[0]); close(ours.w.high, w[1]); close(ours.e.low, exact[0]); close(ours.e.high, exact[1]);
      close(exactUpperBound(k, n, confidence).high, upper);
    }
  });
  it('McNemar, exact', () => { for (const [b, c, p] of golden.mcnemar) close(mcnemarExact(b!, c!), p!); });
  it('confusion, precision, recall, F1 and kappa', () => {
    for (const { labels, actual, predicted, confusion, precision, recall, f1, support, macroF1, kappa } of golden.classification) {
      const ours = confusionOf(actual.map((index) => labels[index]!), predicted.map((index) => labels[index]!), labels);
      expect(ours.counts).toEqual(confusion);
      const metrics = classMetrics(ours);
      metrics.forEach((metric, index) => { close(metric.precision ?? 0, precision[index]!); close(metric.recall ?? 0, recall[index]!); close(metric.f1 ?? 0, f1[index]!); expect(metric.support).toBe(support[index]); });
      close(countFigures(classSamplesOf({ actual: actual.map(String), predicted: predicted.map(String), classes: [] }))(null)[countPlaces.f1]!, macroF1);
      close(cohenKappa(ours), kappa);
    }
  });
  it('area under the ROC curve, with and without ties', () => { for (const { scores, positive, auc } of golden.roc) close(rocAuc(scores, positive), auc); });
  it('regression metrics', () => {
    const { actual, predicted, mae, rmse, r2 } = golden.regression;
    const ours = regressionMetrics(actual, predicted);
    close(ours.mae, mae); close(ours.rmse, rmse); close(ours.r2, r2);
  });
  it('the sample-size planner', () => { for (const [rate, confidence, failures, n] of golden.planner) expect(samplesNeeded(rate!, confidence!, failures!)).toBe(n); });
});

describe('what the statistics promise', () => {
  it('BCa bootstrap lies within a tenth of a standard error of scipy with 200,000 resamples, and repeats', () => {
    const { x, low, high, standardError } = golden.bootstrap;
    const mean = (indices: Int32Array) => indices.reduce((sum, index) => sum + x[index]!, 0) / indices.length;
    const ours = bootstrapBca(x.length, mean, { resamples: 20_000, seed: 3 });
    expect(Math.abs(ours.low - low)).toBeLessThan(standardError / 10);
    expect(Math.abs(ours.high - high)).toBeLessThan(standardError / 10);
    expect(bootstrapBca(x.length, mean, { resamples: 500, seed: 3 })).toEqual(bootstrapBca(x.length, mean, { resamples: 500, seed: 3 }));
  });
  it('0 misses in 598 samples proves less than 0.5 %, and 597 does not', () => {
    expect(samplesNeeded(0.005, 0.95, 0)).toBe(598);
    expect(provenRate(0, 598, 0.95)).toBeLessThan(0.005);
    expect(provenRate(0, 597, 0.95)).toBeGreaterThan(0.005);
  });
  it('quantiles and distribution functions are inverse to each other', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (p, a, b) => {
      expect(betaCdf(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 9);
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
      expect(gammaCdf(gammaQuantile(p, a / 10), a / 10)).toBeCloseTo(p, 9);
    }), { numRuns: 60 });
  });
  it('an interval holds its value, widens with confidence and narrows with samples', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const k = Math.round(share * n);
      for (const interval of [wilson, clopperPearson]) {
        const { low, high } = interval(k, n, 0.95);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
        expect(interval(k, n, 0.99).high - interval(k, n, 0.99).low).toBeGreaterThanOrEqual(high - low);
        expect(interval(10 * k, 10 * n, 0.95).high - interval(10 * k, 10 * n, 0.95).low).toBeLessThanOrEqual(high - low);
      }
    }), { numRuns: 100 });
  });
  it('a paired difference without disagreement is small and around 0', () => {
    const { low, high } = pairedDifference(0, 0, 1500);
    expect(low).toBeCloseTo(-high, 12);
    expect(high).toBeLessThan(0.002);
    expect(pairedDifference(30, 2, 1500).low).toBeGreaterThan(0);
  });
  it('Fleiss kappa of the published example (Fleiss 1971, 14 raters, 10 subjects) is 0.210', () => {
    const ratings = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]];
    expect(fleissKappa(ratings)).toBeCloseTo(0.21, 3);
  });
  it('seeded random numbers repeat and are spread evenly', () => {
    const random = seededRandom(7), again = seededRandom(7);
    const bins = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) { const value = random(); expect(value).toBe(again()); bins[Math.floor(value * 10)]!++; }
    expect(Math.min(...bins)).toBeGreaterThan(880);
    expect(Math.max(...bins)).toBeLessThan(1120);
  });
});
