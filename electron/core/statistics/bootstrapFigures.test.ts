// Intervals over images against scipy, and figures of given draws against pycocotools and numpy (test/golden/statistics/make_intervals.py).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countOverlaps, overlapDraws, scoreDraws } from './anomalyDraws.ts';
import { overlapSteps } from './regionOverlap.ts';
import { drawFigures, finish, intervalOfDraws, type WeightedFigures } from './bootstrapFigures.ts';
import { labelDraws, meanDraws, pixelDraws } from './countDraws.ts';
import { detectionMetrics, metricsOfRecords, recordDetections, recordSteps, type FoundBox, type TruthBox } from './detection.ts';
import { cosines } from './embedding.ts';
import { taskFigures, type TaskSamples } from './taskFigures.ts';

interface Bounds { low: number; high: number; standardError: number }
interface Boxes { truths: TruthBox[]; found: FoundBox[] }
interface Golden {
  anomaly: { images: { scores: number[]; anomalous: boolean[]; auroc: Bounds; averagePrecision: Bounds }[]; alone: { scores: number[]; anomalous: boolean[] } & Bounds };
  segmentation: { hits: number[][]; actual: number[][]; predicted: number[][]; meanIou: Bounds; meanDice: Bounds; pixelAccuracy: Bounds };
  multilabel: { actual: number[][]; predicted: number[][]; hammingLoss: Bounds; microF1: Bounds; macroF1: Bounds };
  embedding: { vectors: number[][]; others: number[][]; meanCosine: Bounds };
  detection: { source: string; case: number; images: number; draws: { drawn: number[]; figures: (number | null)[] }[] }[];
  overlap: { size: number; masks: number[][]; maps: number[][]; pro: number; draws: { drawn: number[]; pro: number }[] };
}
const golden = JSON.parse(readFileSync('test/golden/statistics/intervals.json', 'utf8')) as Golden;
const boxesOf = (source: string, at: number): Boxes => {
  const file = JSON.parse(readFileSync(`test/golden/statistics/${source}`, 'utf8')) as Boxes[] | { detection: Boxes[] }; // both made by scripts beside them
  return (Array.isArray(file) ? file : file.detection)[at]!;
};
const weightsOf = (drawn: readonly number[], n: number) => { const weights = new Int32Array(n); for (const image of drawn) weights[image]!++; return weights; };
const sets = (rows: readonly number[][]) => rows.map((row) => new Set(row.flatMap((is, label) => (is === 1 ? [label] : []))));
const intervalsOf = (n: number, figures: WeightedFigures, draws = 20_000) => { const drawn = finish(drawFigures(n, figures, { cost: 1, most: draws })); return drawn.points.map((_, at) => intervalOfDraws(drawn, at, 0.95)); };

describe('bounds lie within a tenth of a standard error of scipy with 40,000 resamples', () => {
  const { segmentation, multilabel, embedding, anomaly } = golden;
  const counts = segmentation.hits.map((hits, at) => ({ hits: Float64Array.from(hits), actual: Float64Array.from(segmentation.actual[at]!), predicted: Float64Array.from(segmentation.predicted[at]!) }));
  it.each<[string, number, () => WeightedFigures, readonly Bounds[]]>([
    ['AUROC and average precision', 90, () => scoreDraws(anomaly.images[0]!.scores, anomaly.images[0]!.anomalous), [anomaly.images[0]!.auroc, anomaly.images[0]!.averagePrecision]],
    ['the same with ties', 150, () => scoreDraws(anomaly.images[1]!.scores, anomaly.images[1]!.anomalous), [anomaly.images[1]!.auroc, anomaly.images[1]!.averagePrecision]],
    ['mean IoU, mean Dice, pixel accuracy', 60, () => pixelDraws(counts, ['a', 'b', 'c', 'd']), [segmentation.meanIou, segmentation.meanDice, segmentation.pixelAccuracy]],
    ['Hamming loss, F1', 80, () => labelDraws(sets(multilabel.actual), sets(multilabel.predicted), 5), [multilabel.hammingLoss, multilabel.microF1, multilabel.macroF1]],
    ['mean cosine', 70, () => meanDraws(cosines(embedding.vectors, embedding.others)), [embedding.meanCosine]],
  ])('%s', (_, n, figures, expected) => {
    intervalsOf(n, figures()).forEach((interval, at) => {
      const { low, high, standardError } = expected[at]!;
      expect(interval).toMatchObject({ method: 'BCa bootstrap, 20000 resamples', n });
      expect(Math.abs(interval!.low - low), `low ${interval!.low} against ${low}`).toBeLessThan(standardError / 10);
      expect(Math.abs(interval!.high - high), `high ${interval!.high} against ${high}`).toBeLessThan(standardError / 10);
    });
  });
  it('one anomaly alone: percentile, from the draws that hold it', () => {
    const { scores, anomalous, low, high, standardError } = anomaly.alone;
    const [auroc] = intervalsOf(scores.length, scoreDraws(scores, anomalous));
    expect(auroc?.method).toMatch(/^percentile bootstrap, 1[23]\d\d\d resamples$/);
    expect(Math.abs(auroc!.low - low)).toBeLessThan(standardError / 10);
    expect(Math.abs(auroc!.high - high)).toBeLessThan(standardError / 10);
  });
});

describe('a draw of images has the figures of a set that holds them so often', () => {
  it.each(golden.detection)('boxes of $source, case $case: pycocotools to 1e-9', ({ source, case: at, images, draws }) => {
    const { truths, found } = boxesOf(source, at);
    const records = recordDetections(truths, found);
    for (const { drawn, figures } of draws) {
      const each = metricsOfRecords(records, weightsOf(drawn, images));
      [each.map50, each.map5095, each.mapSmall, each.mapMedium, each.mapLarge].forEach((mine, place) => {
        const theirs = figures[place];
        if (theirs === null || theirs === undefined) expect(mine).toBeNull(); else expect(Math.abs((mine ?? Number.NaN) - theirs), `${mine} against ${theirs}`).toBeLessThanOrEqual(1e-9);
      });
    }
  });
  it('per-region overlap: within 0.005 of all thresholds, and equal where each image counts once', () => {
    const { size, masks, maps, pro, draws } = golden.overlap;
    const all = masks.map((mask, at) => ({ width: size, height: size, mask, scores: maps[at]! }));
    const figures = overlapDraws(finish(countOverlaps(all)), finish(overlapSteps(all))!);
    expect(figures(null)[0]).toBeCloseTo(pro, 9);
    for (const { drawn, pro: theirs } of draws) expect(Math.abs(figures(weightsOf(drawn, masks.length))[0]! - theirs), `${theirs}`).toBeLessThan(0.005);
  });
  it('matching a large set lets others work between some images each, and comes out the same', () => {
    const truths = Array.from({ length: 1000 }, (_, image): TruthBox => ({ image, category: image % 2, box: [0, 0, 10, 10] })), found = truths.map(({ image, category }): FoundBox => ({ image, category, box: [image % 7, 0, 10, 10], score: (image % 13) / 13 }));
    const steps = recordSteps(truths, found);
    let slices = 0;
    for (let step = steps.next(); ; step = steps.next()) { if (step.done === true) { expect(metricsOfRecords(step.value, null)).toEqual(detectionMetrics(truths, found)); break; } slices++; }
    expect(slices).toBeGreaterThanOrEqual(2 * 5 * Math.floor(500 / 64));
  });
  it('boxes of equal scores, whatever they count as', () => fc.assert(fc.property(fc.array(fc.record({ image: fc.nat(3), category: fc.nat(1), x: fc.nat(2), score: fc.constantFrom(0.5, 0.6, 0.7), found: fc.boolean() }), { minLength: 1, maxLength: 24 }), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), (boxes, drawn) => {
    const box = (x: number) => [x * 6, 0, 10, 10] as const;
    const truths = boxes.filter(({ found }) => !found).map(({ image, category, x }): TruthBox => ({ image, category, box: box(x) }));
    const found = boxes.filter((each) => each.found).map(({ image, category, x, score }): FoundBox => ({ image, category, score, box: box(x) }));
    const copies = [...drawn].sort((a, b) => a - b);
    const again = <T extends { readonly image: number }>(list: readonly T[]) => copies.flatMap((image, place) => list.filter((each) => each.image === image).map((each) => ({ ...each, image: place })));
    const mine = metricsOfRecords(recordDetections(truths, found), weightsOf(drawn, 4)), whole = detectionMetrics(again(truths), again(found));
    expect([mine.map50, mine.map5095].map((value) => value?.toFixed(9))).toEqual([whole.map50, whole.map5095].map((value) => value?.toFixed(9)));
  })));
});

describe('what an interval promises', () => {
  const anomalySamples = (n: number): TaskSamples => ({ task: 'anomaly', scores: Array.from({ length: n }, (_, at) => (at * 37) % 101), anomalous: Array.from({ length: n }, (_, at) => at % 3 === 0), maps: [] });
  it('the same samples give the same interval, another seed another', () => {
    expect(taskFigures(anomalySamples(60))).toEqual(taskFigures(anomalySamples(60)));
    const { scores, anomalous } = golden.anomaly.images[0]!;
    const seeded = (seed: number) => intervalOfDraws(finish(drawFigures(90, scoreDraws(scores, anomalous), { cost: 1, most: 300, seed })), 0, 0.95);
    expect(seeded(1)).toEqual(seeded(1));
    expect(seeded(1)).not.toEqual(seeded(2));
  });
  it('it holds the measured value, lies in the range of the values, and widens with confidence', () => fc.assert(fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 40 }), (values) => {
    const draws = finish(drawFigures(values.length, meanDraws(values), { cost: 1, most: 200 }));
    const narrow = intervalOfDraws(draws, 0, 0.8)!, wide = intervalOfDraws(draws, 0, 0.99)!;
    const mean = draws.points[0]!;
    expect(narrow.low).toBeLessThanOrEqual(mean);
    expect(narrow.high).toBeGreaterThanOrEqual(mean);
    expect(wide.low).toBeLessThanOrEqual(narrow.low);
    expect(wide.high).toBeGreaterThanOrEqual(narrow.high);
    expect(wide.low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
    expect(wide.high).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
  }), { numRuns: 60 }));
  it('one image has none and says so', () => {
    const one: TaskSamples = { task: 'detection', labels: ['a'], images: 1, score: 0.5, settings: [], truths: [{ image: 0, category: 0, box: [0, 0, 9, 9] }], found: [{ image: 0, category: 0, box: [0, 0, 9, 9], score: 0.9 }] };
    expect(taskFigures(one).find(({ metric }) => metric === 'map_50')).toEqual({ metric: 'map_50', value: 1, interval: null, note: 'One sample has no interval.' });
  });
  it('where every draw is alike it is a point, and a note says what that means', () => {
    const counts = Array.from({ length: 5 }, () => ({ hits: Float64Array.of(9, 9), actual: Float64Array.of(9, 9), predicted: Float64Array.of(9, 9) }));
    expect(taskFigures({ task: 'segmentation', labels: ['a', 'b'], counts })[0]).toMatchObject({ value: 1, interval: { low: 1, high: 1, n: 5 }, note: 'Every draw of the samples gave this value; the interval does not tell how rare another one is.' });
  });
  it('a large set is drawn less often, and the method tells how often', () => {
    let evaluations = 0;
    const draws = finish(drawFigures(10_000, () => { evaluations++; return [1]; }, { cost: 1e9 }));
    expect(evaluations).toBe(1 + 200 + 100);
    expect(intervalOfDraws(draws, 0, 0.95)?.method).toBe('BCa bootstrap, 200 resamples, jackknife of 100 groups');
  });
});
