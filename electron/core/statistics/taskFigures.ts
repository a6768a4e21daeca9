// The figures of tasks other than classification and regression, from what was gathered sample by sample; each with an interval where one is known.
import type { TaskMetric, TaskResult, Interval } from '#shared/contract/validation';
import { averagePrecision, perRegionOverlap, type AnomalyMap } from './anomaly.ts';
import { bootstrapBca } from './bootstrap.ts';
import { rocAuc } from './classification.ts';
import { detectionMetrics, type DetectionMetrics, type FoundBox, type TruthBox } from './detection.ts';
import { countEscapes, type DetectionEscapes } from './detectionEscapes.ts';
import { meanCosine, recallAtK } from './embedding.ts';
import { exactUpperBound, wilson } from './intervals.ts';
import { multilabelMetrics } from './multilabel.ts';
import { addPixels, noPixels, segmentationMetrics, type PixelCounts } from './segmentation.ts';

export type TaskSamples =
  | { readonly task: 'multilabel'; readonly labels: readonly string[]; readonly actual: readonly ReadonlySet<number>[]; readonly predicted: readonly ReadonlySet<number>[] }
  | { readonly task: 'segmentation'; readonly labels: readonly string[]; /** One entry a sample. */ readonly counts: readonly PixelCounts[] }
  | { readonly task: 'anomaly'; readonly scores: readonly number[]; readonly anomalous: readonly boolean[]; /** Empty where there are no masks. */ readonly maps: readonly AnomalyMap[] }
  | { readonly task: 'embedding'; readonly vectors: readonly ArrayLike<number>[]; readonly labels: readonly string[]; /** Of the reference model; null without one. */ readonly reference: readonly ArrayLike<number>[] | null }
  | { readonly task: 'detection'; readonly labels: readonly string[]; readonly images: number; readonly truths: readonly TruthBox[]; readonly found: readonly FoundBox[]; /** From this score on a box counts as found on the line. */ readonly score: number; readonly settings: readonly { readonly name: string; readonly value: string }[] };

export interface TaskFigure { readonly metric: TaskMetric; readonly value: number; readonly interval: Interval | null }

/** Counts of one sample. */
export function pixelCountsOf(classes: number, actual: ArrayLike<number>, predicted: ArrayLike<number>): PixelCounts {
  const counts = noPixels(classes);
  addPixels(counts, actual, predicted);
  return counts;
}

const bootstrap = (n: number, statistic: (indices: Int32Array) => number, confidence: number): Interval =>
  bootstrapBca(n, statistic, { resamples: Math.max(200, Math.min(1000, Math.floor(2_000_000 / Math.max(1, n)))), confidence });
const pick = <T>(list: readonly T[], indices: Int32Array): T[] => Array.from(indices, (index) => list[index] as T); // indices are places of the list
const known = (metric: TaskMetric, value: number | null, interval: Interval | null = null): TaskFigure[] => (value === null ? [] : [{ metric, value, interval }]);

/** Bootstraps take seconds, and each limit asks anew: what was computed is kept with the samples. */
const computed = new WeakMap<TaskSamples, Map<number, readonly TaskFigure[]>>();

type DetectionSamples = Extract<TaskSamples, { readonly task: 'detection' }>;
const matched = new WeakMap<DetectionSamples, { readonly metrics: DetectionMetrics; readonly escapes: DetectionEscapes }>();

/** Matched once for the figures at every confidence and for the table of classes. */
function detectionOf(data: DetectionSamples): { readonly metrics: DetectionMetrics; readonly escapes: DetectionEscapes } {
  const found = matched.get(data) ?? { metrics: detectionMetrics(data.truths, data.found), escapes: countEscapes(data.truths, data.found, data.images, data.score) };
  matched.set(data, found);
  return found;
}

/** What cannot be told from the data (one class alone, no mask) is left out. PRO and mAP have no interval: a bootstrap of them would take hours. */
export function taskFigures(data: TaskSamples, confidence = 0.95): readonly TaskFigure[] {
  const kept = computed.get(data) ?? new Map<number, readonly TaskFigure[]>();
  const figures = kept.get(confidence) ?? compute(data, confidence);
  computed.set(data, kept.set(confidence, figures));
  return figures;
}

function compute(data: TaskSamples, confidence: number): TaskFigure[] {
  switch (data.task) {
    case 'multilabel': {
      const { samples, subsetAccuracy, hammingLoss, microF1, macroF1 } = multilabelMetrics(data.actual, data.predicted, data.labels);
      const over = (which: 'hammingLoss' | 'microF1' | 'macroF1') => bootstrap(samples, (indices) => multilabelMetrics(pick(data.actual, indices), pick(data.predicted, indices), data.labels)[which], confidence);
      return [...known('subset_accuracy', subsetAccuracy, wilson(Math.round(subsetAccuracy * samples), samples, confidence)), ...known('hamming_loss', hammingLoss, over('hammingLoss')), ...known('micro_f1', microF1, over('microF1')), ...known('macro_f1', macroF1, over('macroF1'))];
    }
    case 'segmentation': {
      const total = (indices: Int32Array | null) => segmentationMetrics(sumOf(indices === null ? data.counts : pick(data.counts, indices), data.labels.length), data.labels);
      const { meanIou, meanDice, pixelAccuracy } = total(null);
      const over = (which: 'meanIou' | 'meanDice' | 'pixelAccuracy') => bootstrap(data.counts.length, (indices) => total(indices)[which], confidence);
      return [...known('mean_iou', meanIou, over('meanIou')), ...known('mean_dice', meanDice, over('meanDice')), ...known('pixel_accuracy', pixelAccuracy, over('pixelAccuracy'))];
    }
    case 'anomaly': {
      const over = (of: (scores: number[], anomalous: boolean[]) => number | null, otherwise: number) => bootstrap(data.scores.length, (indices) => of(pick(data.scores, indices), pick(data.anomalous, indices)) ?? otherwise, confidence);
      const auroc = rocAuc(data.scores, data.anomalous), precision = averagePrecision(data.scores, data.anomalous);
      // A draw with one class alone has no figure of its own and counts as the value of all.
      return [...(auroc === null ? [] : known('auroc', auroc, over(rocAuc, auroc))), ...(precision === null ? [] : known('average_precision', precision, over(averagePrecision, precision))), ...known('pro', perRegionOverlap(data.maps))];
    }
    case 'embedding': {
      const n = data.vectors.length;
      const [one = 0, five = 0, ten = 0] = recallAtK(data.vectors, data.labels, [1, 5, 10]);
      const recall = (metric: TaskMetric, value: number) => known(metric, value, wilson(Math.round(value * n), n, confidence));
      return [...recall('recall_at_1', one), ...recall('recall_at_5', five), ...recall('recall_at_10', ten), ...(data.reference === null ? [] : known('mean_cosine', meanCosine(data.vectors, data.reference)))];
    }
    case 'detection': {
      const { metrics: { map50, map5095, mapSmall, mapMedium, mapLarge }, escapes: { truths, escapes, alarms, defective, escaped, clean, rejected } } = detectionOf(data);
      const rate = (metric: TaskMetric, events: number, n: number) => (n === 0 ? [] : known(metric, events / n, exactUpperBound(events, n, confidence)));
      const perImage = (indices: Int32Array | null) => (indices === null ? alarms : pick(alarms, indices)).reduce((sum, count) => sum + count, 0) / Math.max(1, data.images);
      return [
        ...known('map_50', map50), ...known('map_50_95', map5095), ...known('map_small', mapSmall), ...known('map_medium', mapMedium), ...known('map_large', mapLarge),
        ...rate('box_escape_rate', escapes, truths), ...rate('image_escape_rate', escaped, defective), ...rate('image_false_reject_rate', rejected, clean),
        ...known('false_alarms_per_image', perImage(null), bootstrap(data.images, perImage, confidence)),
      ];
    }
  }
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
      const { metrics: { classes: precisions }, escapes: { classes } } = detectionOf(data);
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
