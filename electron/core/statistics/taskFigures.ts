// The figures of tasks other than classification and regression, from what was gathered sample by sample; each with an interval where one is known.
import type { TaskMetric, TaskResult, Interval } from '#shared/contract/validation';
import { averagePrecision, type AnomalyMap } from './anomaly.ts';
import { countOverlaps, overlapDraws, overlapThresholds, scoreDraws } from './anomalyDraws.ts';
import { drawFigures, finish, intervalNote, intervalOfDraws, type WeightedFigures } from './bootstrapFigures.ts';
import { rocAuc } from './classification.ts';
import { labelDraws, meanDraws, pixelDraws } from './countDraws.ts';
import { costOfRecords, metricsOfRecords, recordSteps, type DetectionMetrics, type DetectionRecords, type FoundBox, type TruthBox } from './detection.ts';
import { countEscapes, type DetectionEscapes } from './detectionEscapes.ts';
import { cosines, recallAmong, recallAtK } from './embedding.ts';
import { exactUpperBound, wilson } from './intervals.ts';
import { overlapSteps } from './regionOverlap.ts';
import type { CountedMaps } from './overlapCollector.ts';
import { multilabelMetrics } from './multilabel.ts';
import { addPixels, noPixels, segmentationMetrics, type PixelCounts } from './segmentation.ts';

export type TaskSamples =
  | { readonly task: 'multilabel'; readonly labels: readonly string[]; readonly actual: readonly ReadonlySet<number>[]; readonly predicted: readonly ReadonlySet<number>[] }
  | { readonly task: 'segmentation'; readonly labels: readonly string[]; /** One entry a sample. */ readonly counts: readonly PixelCounts[] }
  | { readonly task: 'anomaly'; readonly scores: readonly number[]; readonly anomalous: readonly boolean[]; /** From this score on a sample counts as anomalous on the line. */ readonly threshold?: number | null; /** Empty where there are no masks, or too many to be held. */ readonly maps: readonly AnomalyMap[]; /** What is left of maps that were not held. */ readonly counted?: CountedMaps }
  | { readonly task: 'embedding'; readonly vectors: readonly ArrayLike<number>[]; readonly labels: readonly string[]; /** Of the reference model; null without one. */ readonly reference: readonly ArrayLike<number>[] | null; /** Where these are some samples of a set: the whole set, in which each is looked for, and their places in it. */ readonly gallery?: { readonly places: readonly number[]; readonly vectors: readonly ArrayLike<number>[]; readonly labels: readonly string[] } }
  | { readonly task: 'detection'; readonly labels: readonly string[]; readonly images: number; readonly truths: readonly TruthBox[]; readonly found: readonly FoundBox[]; /** From this score on a box counts as found on the line. */ readonly score: number; /** Of the boxes as the model gives them. */ readonly unit?: 'pixels' | 'share'; readonly settings: readonly { readonly name: string; readonly value: string }[] };

export interface TaskFigure { readonly metric: TaskMetric; readonly value: number; readonly interval: Interval | null; /** Why there is no interval, or what it cannot say. */ readonly note?: string }
/** A figure whose interval can be asked for at any confidence. */
interface Measured { readonly metric: TaskMetric; readonly value: number; readonly samples: number; readonly interval: (confidence: number) => Interval | null }

/** Counts of one sample. */
export function pixelCountsOf(classes: number, actual: ArrayLike<number>, predicted: ArrayLike<number>): PixelCounts {
  const counts = noPixels(classes);
  addPixels(counts, actual, predicted);
  return counts;
}

/** Bootstraps take seconds, and each limit asks anew: what was drawn is kept with the samples. */
const measured = new WeakMap<TaskSamples, readonly Measured[]>();

type AnomalySamples = Extract<TaskSamples, { readonly task: 'anomaly' }>;
type DetectionSamples = Extract<TaskSamples, { readonly task: 'detection' }>;
interface Matched { readonly records: DetectionRecords; readonly metrics: DetectionMetrics; readonly escapes: DetectionEscapes }
const matched = new WeakMap<DetectionSamples, Matched>();

/** Matched once for the figures and for the table of classes. */
function* matchSteps(data: DetectionSamples): Generator<void, Matched> {
  const kept = matched.get(data);
  if (kept) return kept;
  const records = yield* recordSteps(data.truths, data.found);
  const found = { records, metrics: metricsOfRecords(records, null), escapes: yield* countEscapes(data.truths, data.found, data.images, data.score) };
  matched.set(data, found);
  return found;
}

/** Does the slow part of `taskFigures` in steps; what comes of it is kept with the data. */
export function* prepareFigures(data: TaskSamples, most?: number): Generator<void, readonly Measured[]> {
  const figures = yield* measure(data, most);
  measured.set(data, figures);
  return figures;
}

/**
 * What cannot be told from the data (one class alone, no mask) is left out.
 * @param most draws of a bootstrap, where fewer than usual will do
 */
export function taskFigures(data: TaskSamples, confidence = 0.95, most?: number): readonly TaskFigure[] {
  return (measured.get(data) ?? finish(prepareFigures(data, most))).map(({ metric, value, samples, interval: at }) => {
    const interval = at(confidence);
    return { metric, value, interval, ...intervalNote(interval, samples) };
  });
}

const known = (metric: TaskMetric, value: number, samples: number, interval: Measured['interval']): Measured => ({ metric, value, samples, interval });

/** Figures with intervals by bootstrap over the samples; those that are null are left out. `cost` in steps of one evaluation. */
function* drawn(n: number, figures: readonly (readonly [TaskMetric, number | null])[], weighted: WeightedFigures, cost: number, most: number | undefined, remark = ''): Generator<void, Measured[]> {
  const draws = yield* drawFigures(n, weighted, { cost, ...(most === undefined ? {} : { most }) });
  return figures.flatMap(([metric, value], at) => (value === null ? [] : known(metric, value, n, (confidence) => { const interval = intervalOfDraws(draws, at, confidence); return interval && { ...interval, method: `${interval.method}${remark}` }; })));
}

function* measure(data: TaskSamples, most: number | undefined): Generator<void, Measured[]> {
  switch (data.task) {
    case 'multilabel': {
      const { samples, subsetAccuracy, hammingLoss, microF1, macroF1 } = multilabelMetrics(data.actual, data.predicted, data.labels);
      return [
        known('subset_accuracy', subsetAccuracy, samples, (confidence) => wilson(Math.round(subsetAccuracy * samples), samples, confidence)),
        ...yield* drawn(samples, [['hamming_loss', hammingLoss], ['micro_f1', microF1], ['macro_f1', macroF1]], labelDraws(data.actual, data.predicted, data.labels.length), samples * 3 + data.labels.length, most),
      ];
    }
    case 'segmentation': {
      const { meanIou, meanDice, pixelAccuracy } = segmentationMetrics(sumOf(data.counts, data.labels.length), data.labels);
      return yield* drawn(data.counts.length, [['mean_iou', meanIou], ['mean_dice', meanDice], ['pixel_accuracy', pixelAccuracy]], pixelDraws(data.counts, data.labels), data.counts.length * data.labels.length, most);
    }
    case 'anomaly': {
      const { scores, anomalous, threshold = null } = data, n = scores.length;
      const missed = threshold === null ? [] : scores.filter((score, at) => anomalous[at] === true && score < threshold), alarms = threshold === null ? [] : scores.filter((score, at) => anomalous[at] === false && score >= threshold);
      const bad = anomalous.filter(Boolean).length;
      const rate = (metric: TaskMetric, events: number, of: number) => (threshold === null || of === 0 ? [] : [known(metric, events / of, of, (confidence) => exactUpperBound(events, of, confidence))]);
      return [
        ...yield* drawn(n, [['auroc', rocAuc(scores, anomalous)], ['average_precision', averagePrecision(scores, anomalous)]], scoreDraws(scores, anomalous), n * 3, most),
        ...rate('image_escape_rate', missed.length, bad), ...rate('image_false_reject_rate', alarms.length, n - bad),
        ...yield* measureOverlap(data, most),
      ];
    }
    case 'embedding': {
      const n = data.vectors.length;
      const { gallery } = data, ks = [1, 5, 10];
      const recalls = gallery ? recallAmong(data.vectors, gallery.places, gallery.vectors, gallery.labels, ks) : recallAtK(data.vectors, data.labels, ks);
      const against = data.reference === null || n === 0 ? null : cosines(data.vectors, data.reference);
      return [
        // Each sample is asked once, against all others: to draw samples would put a sample's own copy next to it.
        ...(['recall_at_1', 'recall_at_5', 'recall_at_10'] as const).map((metric, at) => { const value = recalls[at] ?? 0; return known(metric, value, n, (confidence) => wilson(Math.round(value * n), n, confidence)); }),
        ...(against === null ? [] : yield* drawn(n, [['mean_cosine', against.reduce((sum, value) => sum + value, 0) / n]], meanDraws(against), n, most)),
      ];
    }
    case 'detection': {
      const { records, metrics: { map50, map5095, mapSmall, mapMedium, mapLarge }, escapes: { truths, escapes, alarms, defective, escaped, clean, rejected } } = yield* matchSteps(data);
      const rate = (metric: TaskMetric, events: number, n: number) => (n === 0 ? [] : known(metric, events / n, n, (confidence) => exactUpperBound(events, n, confidence)));
      const weighted: WeightedFigures = (weights) => { const each = metricsOfRecords(records, weights); return [each.map50, each.map5095, each.mapSmall, each.mapMedium, each.mapLarge].map((value) => value ?? Number.NaN); };
      return [
        ...yield* drawn(data.images, [['map_50', map50], ['map_50_95', map5095], ['map_small', mapSmall], ['map_medium', mapMedium], ['map_large', mapLarge]], weighted, costOfRecords(records), most),
        ...[rate('box_escape_rate', escapes, truths), rate('image_escape_rate', escaped, defective), rate('image_false_reject_rate', rejected, clean)].flat(),
        ...yield* drawn(data.images, [['false_alarms_per_image', alarms.reduce((sum, count) => sum + count, 0) / Math.max(1, data.images)]], meanDraws(alarms), data.images, most),
      ];
    }
  }
}

/** Exact where the maps are held; else from bins, whose error widens the interval. */
function* measureOverlap({ maps, counted }: AnomalySamples, most: number | undefined): Generator<void, Measured[]> {
  const exact = counted ? null : yield* overlapSteps(maps);
  const { value, error } = counted?.overlap ?? { value: exact ?? Number.NaN, error: 0 };
  if (Number.isNaN(value)) return [];
  const counts = counted?.counts ?? (yield* countOverlaps(maps)), n = counts.normals.length;
  const bins = counted ? `, scores in bins, which may move it by ${error.toExponential(1)}` : '';
  const found = yield* drawn(n, [['pro', value]], overlapDraws(counts, value), n * overlapThresholds * 2, most, ` at ${overlapThresholds} thresholds${bins}`);
  return found.map((each) => ({ ...each, interval: (confidence) => { const interval = each.interval(confidence); return interval && { ...interval, low: Math.max(0, interval.low - error), high: Math.min(1, interval.high + error) }; } }));
}

/** Figures and the table of classes, as the report shows them. */
export function taskResult(data: TaskSamples): TaskResult {
  const figures = taskFigures(data);
  switch (data.task) {
    case 'multilabel': return { task: data.task, samples: data.actual.length, figures: [...figures], columns: ['Label', 'Samples', 'Precision', 'Recall', 'F1'], rows: multilabelMetrics(data.actual, data.predicted, data.labels).labels.map(({ label, support, precision, recall, f1 }) => [label, support, precision, recall, f1]) };
    case 'segmentation': return { task: data.task, samples: data.counts.length, figures: [...figures], columns: ['Class', 'Pixels', 'IoU', 'Dice'], rows: segmentationMetrics(sumOf(data.counts, data.labels.length), data.labels).classes.map(({ label, pixels, iou, dice }) => [label, pixels, iou, dice]) };
    case 'anomaly': return { task: data.task, samples: data.scores.length, figures: [...figures], columns: ['Kind', 'Samples'], rows: [['anomalous', data.anomalous.filter(Boolean).length], ['normal', data.anomalous.filter((is) => !is).length]] };
    case 'embedding': return { task: data.task, samples: data.vectors.length, figures: [...figures], columns: ['Label', 'Samples'], rows: [...new Set(data.labels)].sort().map((label) => [label, data.labels.filter((each) => each === label).length]) };
    case 'detection': {
      const { metrics: { classes: precisions }, escapes: { classes } } = finish(matchSteps(data));
      return {
        task: data.task, samples: data.images, figures: [...figures], settings: [...data.settings], columns: ['Class', 'Boxes', 'AP 50', 'AP 50:95', 'Escapes', 'False alarms'],
        rows: classes.map(({ category, truths, escapes, alarms }) => { const own = precisions.find((each) => each.category === category); return [data.labels[category] ?? String(category), truths, own?.ap50 ?? null, own?.ap5095 ?? null, escapes, alarms]; }),
      };
    }
  }
}

function sumOf(list: readonly PixelCounts[], classes: number): PixelCounts {
  const sum = noPixels(classes);
  for (const counts of list) for (const which of ['hits', 'actual', 'predicted'] as const) counts[which].forEach((count, at) => { sum[which][at]! += count; });
  return sum;
}
