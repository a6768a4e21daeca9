// Areas under ROC curves and intervals of a classification against scikit-learn, scipy and plain definitions (test/golden/statistics/make_classes.py).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClassFigureMetric } from '#shared/contract/validation';
import { finish } from './bootstrapFigures.ts';
import { rocCurve } from './classification.ts';
import { areaFigure, classFigure, f1Figure, prepareClassFigures, scoresOf } from './classFigures.ts';
import { classSamplesOf, probabilitiesOf, type ClassSamples } from './classSamples.ts';
import { areaInterval, rocArea } from './delong.ts';
import { wilson } from './intervals.ts';
import { prepareAreas } from './rocAreas.ts';

interface Bounds { value: number; low: number; high: number; standardError: number }
interface Golden {
  areas: { actual: number[]; scores: number[][]; classes: number[]; macro: number; weighted: number; oneVsOne: number; lastCurve: { falsePositiveRate: number[]; truePositiveRate: number[] } }[];
  single: { delong: { scores: number[]; positive: boolean[]; area: number; variance: number; confidence: number; low: number; high: number }[]; newcombe: { area: number; positives: number; negatives: number; confidence: number; bounds: [number, number] }[] };
  figures: { actual: number[]; scores: number[][]; predicted: number[] } & Record<'precision' | 'recall' | 'f1' | 'f1OfFirst' | 'kappa' | 'calibrationError' | 'auroc' | 'aurocWeighted' | 'aurocOneVsOne', Bounds>;
}
const golden = JSON.parse(readFileSync('test/golden/statistics/classes.json', 'utf8')) as Golden;
const close = (value: number | undefined, expected: number) => expect(Math.abs((value ?? Number.NaN) - expected), `${value} against ${expected}`).toBeLessThanOrEqual(1e-9);
const samplesOf = (actual: readonly number[], predicted: readonly number[], scores: number[][] | null): ClassSamples => classSamplesOf({ actual: actual.map(String), predicted: predicted.map(String), classes: (scores?.[0] ?? []).map((_, at) => String(at)), scores });
const best = (row: readonly number[]) => row.indexOf(Math.max(...row));

describe('areas equal scikit-learn to 1e-9', () => {
  it.each(golden.areas)('$macro', ({ actual, scores, classes, macro, weighted, oneVsOne, lastCurve }) => {
    const samples = samplesOf(actual, scores.map(best), scores);
    const areas = prepareAreas(samples)!(null);
    classes.forEach((area, at) => { close(areas.classes[at], area); close(areaFigure(samples, at)!.value, area); });
    close(areas.macro, macro); close(areas.weighted, weighted); close(areas.oneVsOne, oneVsOne);
    const curve = rocCurve(scoresOf(samples, classes.length - 1), actual.map((label) => label === classes.length - 1));
    expect(curve).toHaveLength(lastCurve.truePositiveRate.length);
    curve.forEach((point, at) => { close(point.truePositiveRate, lastCurve.truePositiveRate[at]!); close(point.falsePositiveRate, lastCurve.falsePositiveRate[at]!); });
  });
  it('a draw has the areas of a set that holds each sample so often', () => {
    const { actual, scores } = golden.areas[1]!;
    const weights = Int32Array.from(actual, (_, at) => [0, 1, 3, 1, 0, 2][at % 6]!);
    const again = actual.flatMap((_, at) => Array.from({ length: weights[at]! }, () => at));
    const drawn = prepareAreas(samplesOf(actual, actual, scores))!(weights), whole = prepareAreas(samplesOf(again.map((at) => actual[at]!), again.map((at) => actual[at]!), again.map((at) => scores[at]!)))!(null);
    for (const which of ['macro', 'weighted', 'oneVsOne'] as const) close(drawn[which], whole[which]);
  });
});

describe('intervals of one area', () => {
  it('DeLong equals the kernel of every pair to 1e-9', () => {
    for (const { scores, positive, area, variance, confidence, low, high } of golden.single.delong) {
      const found = rocArea(scores, positive)!, interval = areaInterval(found, confidence);
      close(found.area, area); close(found.variance, variance); close(interval.low, low); close(interval.high, high);
    }
  });
  it('where DeLong has no width the score interval tells how little a perfect separation of few samples proves', () => {
    for (const { area, positives, negatives, confidence, bounds: [low, high] } of golden.single.newcombe) {
      const interval = areaInterval({ area, variance: 0, positives, negatives }, confidence);
      close(interval.low, low); close(interval.high, high);
    }
    expect(areaInterval(rocArea([1, 2, 3, 4], [false, false, true, true])!).low).toBeLessThan(0.7);
    expect(rocArea([1, 2], [true, true])).toBeNull();
  });
});

describe('bounds lie within a sixth of a standard error of scipy', () => {
  const { actual, scores, predicted, ...figures } = golden.figures;
  const samples = samplesOf(actual, predicted, scores);
  it.each<[ClassFigureMetric | 'f1 of the first class', Bounds]>([
    ['precision', figures.precision], ['recall', figures.recall], ['f1', figures.f1], ['f1 of the first class', figures.f1OfFirst], ['kappa', figures.kappa], ['calibration_error', figures.calibrationError],
    ['auroc', figures.auroc], ['auroc_weighted', figures.aurocWeighted], ['auroc_one_vs_one', figures.aurocOneVsOne],
  ])('%s', (metric, { value, low, high, standardError }) => {
    const found = metric === 'f1 of the first class' ? f1Figure(samples, 0)! : classFigure(samples, metric)!;
    close(found.value, value);
    // Both are draws: 2,000 here, some thousands there.
    expect(Math.abs(found.interval!.low - low), `low ${found.interval!.low} against ${low}`).toBeLessThan(standardError / 6);
    expect(Math.abs(found.interval!.high - high), `high ${found.interval!.high} against ${high}`).toBeLessThan(standardError / 6);
    expect(found.interval!.method).toMatch(/^BCa bootstrap, 2000 resamples/);
  });
});

describe('what the figures promise', () => {
  it('two classes have one area, with the interval of DeLong', () => {
    const actual = [0, 0, 0, 1, 1, 1, 0, 1], scores = actual.map((is, at) => { const share = is === 1 ? 0.35 + at / 20 : 0.2 + at / 20; return [1 - share, share]; });
    const samples = samplesOf(actual, scores.map(best), scores);
    for (const metric of ['auroc', 'auroc_weighted', 'auroc_one_vs_one'] as const) expect(classFigure(samples, metric)).toEqual(areaFigure(samples, 1));
    expect(areaFigure(samples, 1)?.interval?.method).toBe('DeLong');
  });
  it('answers without an error prove no more than their number does', () => {
    const actual = Array.from({ length: 40 }, (_, at) => at % 4), samples = samplesOf(actual, actual, actual.map((is) => [0, 1, 2, 3].map((at) => (at === is ? 0.7 : 0.1))));
    expect(classFigure(samples, 'f1')?.interval).toMatchObject({ low: wilson(40, 40).low, high: 1, method: 'Wilson, two-sided, without an error' });
    expect(f1Figure(samples, 2)).toEqual({ value: 1, interval: { ...wilson(10, 10), method: 'Wilson, two-sided, without an error' } });
    for (const metric of ['precision', 'recall', 'kappa', 'auroc', 'auroc_one_vs_one'] as const) { const { low } = classFigure(samples, metric)!.interval!; expect(low, metric).toBeLessThan(0.92); expect(low, metric).toBeGreaterThan(0.5); }
  });
  it('scores beyond 0 to 1 are logits: softmax, which an overflow does not break', () => {
    const { values, how } = probabilitiesOf([[0, Math.log(3)], [1000, 1000 - Math.log(4)], [Number.POSITIVE_INFINITY, 0]]);
    expect(how).toBe('softmax');
    [0.25, 0.75, 0.8, 0.2, 1, 0].forEach((share, at) => { close(values[at], share); });
    expect(probabilitiesOf([[0.2, 0.9]])).toEqual({ values: Float64Array.of(0.2, 0.9), how: 'given' });
  });
  it('labels that the model does not know are told from all its classes', () => {
    const samples = classSamplesOf({ actual: ['a', 'b', 'c', 'x'], predicted: ['a', 'b', 'c', 'a'], classes: ['a', 'b', 'c'], scores: [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.9, 0.05, 0.05]] });
    expect(samples).toMatchObject({ labels: ['a', 'b', 'c', 'x'], scored: 3 });
    close(areaFigure(samples, 0)!.value, 2 / 3);
    expect(areaFigure(samples, 3)).toBeNull();
  });
  it('scores that do not fit the classes are not used, and what needs them is not told', () => {
    const samples = classSamplesOf({ actual: ['a'], predicted: ['b'], classes: ['a', 'b', 'c'], scores: [[0.5, 0.5]], stated: [2] });
    expect(samples).toMatchObject({ scores: null, stated: null });
    expect(classFigure(samples, 'auroc')).toBeNull();
    expect(classFigure(samples, 'calibration_error')).toBeNull();
    expect(classFigure(samples, 'f1')).toEqual({ value: 0, interval: null, note: 'One sample has no interval.' });
  });
  it('pairs that are told apart without an error: the interval holds the value, also where one class is not told from all the rest', () => {
    const rows = [[0, 0, 1, 0, 0], [1, 0, 0, 1, 0], [3, 0, 0, 1, 0]] as const;
    const found = classFigure(samplesOf(rows.map(([is]) => is), rows.map(([, said]) => said), rows.map(([, , a, b, c]) => [a / 4, b / 4, c / 4])), 'auroc_one_vs_one');
    expect(found).toMatchObject({ value: 1, interval: { high: 1 } });
    expect(found?.interval?.low).toBeLessThan(0.5);
  });
  it('any answers: values lie in their range and within their intervals', () => fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(2), fc.nat(4), fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 20 }), (rows) => {
    const samples = samplesOf(rows.map(([is]) => is), rows.map(([, said]) => said), rows.map(([, , a, b, c]) => [a / 4, b / 4, c / 4]));
    finish(prepareClassFigures(samples, 200));
    for (const metric of ['precision', 'recall', 'f1', 'kappa', 'calibration_error', 'auroc', 'auroc_weighted', 'auroc_one_vs_one'] as const) {
      const found = classFigure(samples, metric);
      if (!found) continue;
      expect(found.value).toBeGreaterThanOrEqual(metric === 'kappa' ? -1 : 0);
      expect(found.value).toBeLessThanOrEqual(1 + 1e-12);
      if (found.interval) { expect(found.interval.low).toBeLessThanOrEqual(found.value); expect(found.interval.high).toBeGreaterThanOrEqual(found.value); }
    }
  }), { numRuns: 30, examples: [[[[0, 0, 1, 0, 0], [1, 0, 0, 1, 0], [3, 0, 0, 1, 0]]]] }));
});
