// Metrics by task and agreement against scikit-learn, statsmodels, pycocotools and scipy (test/golden/statistics/make_tasks.py).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cohenAgreement, fleissAgreement } from './agreement.ts';
import { averagePrecision, type AnomalyMap } from './anomaly.ts';
import { finish } from './bootstrapFigures.ts';
import { overlapSteps } from './regionOverlap.ts';
import { rocAuc } from './classification.ts';
import { calibrationFigure } from './classDraws.ts';
import { classSamplesOf } from './classSamples.ts';
import { boxIou, detectionMetrics, type FoundBox, type TruthBox } from './detection.ts';
import { cosines, recallAtK } from './embedding.ts';
import { multilabelMetrics } from './multilabel.ts';
import { addPixels, noPixels, segmentationMetrics } from './segmentation.ts';

const perRegionOverlap = (maps: readonly AnomalyMap[]) => finish(overlapSteps(maps));
interface Golden {
  cohen: { first: number[]; second: number[]; kappa: number; low: number; high: number }[];
  fleiss: { ratings: number[][]; kappa: number }[];
  multilabel: { actual: number[][]; predicted: number[][]; subsetAccuracy: number; hammingLoss: number; microF1: number; macroF1: number; precision: number[]; recall: number[]; f1: number[]; support: number[] }[];
  segmentation: { classes: number; actual: number[][]; predicted: number[][]; iou: number[]; meanIou: number; dice: number[]; meanDice: number; pixelAccuracy: number }[];
  anomaly: { images: { scores: number[]; anomalous: boolean[]; auroc: number; averagePrecision: number }[]; pixels: { width: number; height: number; masks: number[][]; maps: number[][]; pro: number; pixelAuroc: number } };
  embedding: { labels: number[]; vectors: number[][]; others: number[][]; recall: Record<string, number>; meanCosine: number };
  detection: { truths: TruthBox[]; found: FoundBox[]; map: number; map50: number }[];
  calibration: { confidence: number[]; correct: boolean[]; ece: number };
}
/** Made by make_boxes.py beside it: crowds, given areas, sizes. */
const crowded = JSON.parse(readFileSync('test/golden/statistics/boxes.json', 'utf8')) as { truths: TruthBox[]; found: FoundBox[]; map: number; map50: number; small: number | null; medium: number | null; large: number | null; classes: ({ ap: number; ap50: number } | null)[] }[];
const golden = JSON.parse(readFileSync('test/golden/statistics/tasks.json', 'utf8')) as Golden;
const close = (value: number | null | undefined, expected: number) => expect(Math.abs((value ?? Number.NaN) - expected), `${value} against ${expected}`).toBeLessThanOrEqual(1e-9);
const sets = (rows: readonly number[][]) => rows.map((row) => new Set(row.flatMap((is, label) => (is === 1 ? [label] : []))));

describe('metrics by task equal the references to 1e-9', () => {
  it.each(golden.cohen)('Cohen, with the interval', ({ first, second, kappa, low, high }) => {
    const result = cohenAgreement(first.map(String), second.map(String));
    close(result?.kappa, kappa);
    close(result?.interval?.low, Math.max(-1, low));
    close(result?.interval?.high, Math.min(1, high));
  });
  it.each(golden.fleiss)('Fleiss', ({ ratings, kappa }) => {
    const result = fleissAgreement(ratings.map((row) => row.map(String)));
    close(result?.kappa, kappa);
    expect(result?.interval?.low).toBeLessThan(kappa);
    expect(result?.interval?.high).toBeGreaterThan(kappa);
  });
  it.each(golden.multilabel)('multilabel', (each) => {
    const result = multilabelMetrics(sets(each.actual), sets(each.predicted), each.f1.map((_, at) => `l${at}`));
    for (const name of ['subsetAccuracy', 'hammingLoss', 'microF1', 'macroF1'] as const) close(result[name], each[name]);
    result.labels.forEach((label, at) => { for (const name of ['precision', 'recall', 'f1', 'support'] as const) close(label[name], each[name][at]!); });
  });
  it.each(golden.segmentation)('segmentation', (each) => {
    const counts = noPixels(each.classes);
    each.actual.forEach((mask, at) => addPixels(counts, mask, each.predicted[at]!));
    const result = segmentationMetrics(counts, each.iou.map((_, at) => String(at)));
    result.classes.forEach(({ iou, dice }, at) => { close(iou, each.iou[at]!); close(dice, each.dice[at]!); });
    for (const name of ['meanIou', 'meanDice', 'pixelAccuracy'] as const) close(result[name], each[name]);
  });
  it.each(golden.anomaly.images)('anomaly scores', ({ scores, anomalous, auroc, averagePrecision: expected }) => {
    close(rocAuc(scores, anomalous), auroc);
    close(averagePrecision(scores, anomalous), expected);
  });
  it('anomaly maps', () => {
    const { width, height, masks, maps, pro, pixelAuroc } = golden.anomaly.pixels;
    close(perRegionOverlap(masks.map((mask, at) => ({ width, height, mask, scores: maps[at]! }))), pro);
    close(rocAuc(maps.flat(), masks.flat().map((value) => value === 1)), pixelAuroc);
  });
  it('embeddings', () => {
    const { labels, vectors, others, recall, meanCosine: expected } = golden.embedding;
    recallAtK(vectors, labels.map(String), [1, 5, 10]).forEach((value, at) => close(value, recall[String([1, 5, 10][at])]!));
    close(cosines(vectors, others).reduce((sum, value) => sum + value, 0) / vectors.length, expected);
  });
  it.each(golden.detection)('boxes', ({ truths, found, map, map50 }) => {
    const result = detectionMetrics(truths, found);
    close(result.map5095, map);
    close(result.map50, map50);
  });
  it.each(crowded)('boxes with crowds and areas, by size and by class', ({ truths, found, classes, ...expected }) => {
    const result = detectionMetrics(truths, found);
    for (const [mine, theirs] of [[result.map5095, expected.map], [result.map50, expected.map50], [result.mapSmall, expected.small], [result.mapMedium, expected.medium], [result.mapLarge, expected.large]] as const) {
      if (theirs === null) expect(mine).toBeNull(); else close(mine, theirs);
    }
    classes.forEach((theirs, category) => {
      const mine = result.classes.find((each) => each.category === category);
      if (theirs === null) expect(mine).toBeUndefined(); else { close(mine?.ap5095, theirs.ap); close(mine?.ap50, theirs.ap50); }
    });
  });
  it('calibration', () => close(calibrationFigure(classSamplesOf({ actual: golden.calibration.correct.map((right) => (right ? 'a' : 'b')), predicted: golden.calibration.correct.map(() => 'a'), classes: ['a', 'b', 'c'], stated: golden.calibration.confidence }))!(null)[0]!, golden.calibration.ece));
});

describe('what must hold for any data', () => {
  const box = fc.tuple(fc.double({ min: 0, max: 90, noNaN: true }), fc.double({ min: 0, max: 90, noNaN: true }), fc.double({ min: 1, max: 40, noNaN: true }), fc.double({ min: 1, max: 40, noNaN: true }));
  it('a box overlaps itself wholly, and two overlap each other alike', () => fc.assert(fc.property(box, box, (a, b) => {
    expect(boxIou(a, a)).toBeCloseTo(1, 12);
    expect(boxIou(a, b)).toBeCloseTo(boxIou(b, a), 12);
    expect(boxIou(a, b)).toBeLessThanOrEqual(1 + 1e-12);
  })));
  it('true boxes given back as found are perfect, whatever their number', () => fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(2), box), { minLength: 1, maxLength: 20 }), (boxes) => {
    const truths = boxes.map(([image, category, at], index): TruthBox => ({ image: image * 100 + index, category, box: at }));
    expect(detectionMetrics(truths, truths.map((truth, index) => ({ ...truth, score: 1 - index / 100 })))).toMatchObject({ map50: 1, map5095: 1 });
  })));
  it('void pixels, empty sets and one class alone give no made-up number', () => {
    const counts = noPixels(2);
    addPixels(counts, [255, 0, 0], [1, 0, 0]);
    expect(segmentationMetrics(counts, ['a', 'b'])).toMatchObject({ pixels: 2, meanIou: 1, classes: [{ iou: 1 }, { iou: null }] });
    expect(averagePrecision([1, 2], [false, false])).toBeNull();
    expect(detectionMetrics([], [{ image: 0, category: 0, box: [0, 0, 1, 1], score: 1 }])).toMatchObject({ map50: null, map5095: null, mapSmall: null, classes: [] });
    expect(cohenAgreement(['a', 'a'], ['a', 'a'])).toBeNull();
    expect(perRegionOverlap([{ width: 1, height: 1, mask: [0], scores: [1] }])).toBeNull();
    expect(perRegionOverlap([{ width: 4, height: 1, mask: [0, 0, 0, 1], scores: [0.1, Number.NaN, 0.2, 0.9] }])).toBe(1);
  });
});
