// Which figure of a task is followed while its samples are disturbed.
import type { Task } from '#shared/contract/datasets';
import type { Limit, Metric } from '#shared/contract/validation';
import { metricTable } from '../limits/metricTable.ts';

/** The first is followed where no limit asks for another. Figures that depend on how many samples of each kind there are, are not among them. */
const followed: Readonly<Record<Task, readonly [Metric, ...Metric[]]>> = {
  classification: ['accuracy'], regression: ['mae', 'rmse'], multilabel: ['micro_f1', 'macro_f1', 'subset_accuracy', 'hamming_loss'],
  segmentation: ['mean_iou', 'mean_dice', 'pixel_accuracy'], detection: ['map_50', 'map_50_95'], anomaly: ['auroc'], embedding: ['recall_at_1', 'recall_at_5', 'recall_at_10'],
};

export const isLowerBetter = (metric: Metric): boolean => metricTable[metric].only === 'max';

/** The bound that a limit sets to the figure of undisturbed samples, in the direction that counts. */
export const boundOf = (limit: Limit, metric: Metric): number | undefined => (limit.metric !== metric || limit.disturbance !== undefined ? undefined : isLowerBetter(metric) ? limit.max : limit.min);

/** Whether some task can follow it. */
export const isFollowed = (metric: Metric): boolean => Object.values(followed).some((list) => list.includes(metric));

/** A limit on disturbed samples asks for its own figure first, since it is judged on nothing else. */
export function primaryMetric(task: Task, limits: readonly Limit[]): Metric {
  const candidates = followed[task];
  return candidates.find((metric) => limits.some((limit) => limit.metric === metric && limit.disturbance !== undefined))
    ?? candidates.find((metric) => limits.some((limit) => boundOf(limit, metric) !== undefined)) ?? candidates[0];
}
