// Facts of each subgroup, and the main figures of the task on it.
import type { Metric, SubgroupFigure } from '#shared/contract/validation';
import type { Subgrouping } from '../datasets/subgroups.ts';
import { pickClassSamples } from '../statistics/classSamples.ts';
import { pickSamples } from '../statistics/pickSamples.ts';
import type { TaskSamples } from '../statistics/taskFigures.ts';
import { leastInGroup, measure, type FactsGroup, type MeasuredFacts } from './judgeLimits.ts';

/**
 * One entry a group, by grouping and the largest first.
 * @param labelled place in the set of each sample of `facts.actual`
 */
export function subgroupFacts(facts: MeasuredFacts, groupings: readonly Subgrouping[], labelled: readonly number[]): FactsGroup[] {
  const { taskSamples, classSamples, referencePredicted } = facts;
  return groupings.flatMap(({ column, values }) => {
    const places = new Map<string, number[]>();
    values.forEach((value, index) => { const list = places.get(value); if (list) list.push(index); else places.set(value, [index]); });
    return [...places].map(([value, own]): FactsGroup => {
      const isOwn = new Set(own), at = labelled.flatMap((index, place) => (isOwn.has(index) ? [place] : []));
      const pick = (list: readonly string[]) => at.map((place) => list[place] ?? '');
      const samples = taskSamples ? pickSamples(taskSamples, own) : null;
      return {
        column, value, samples: taskSamples ? own.length : at.length,
        facts: { ...facts, groups: [], actual: pick(facts.actual), predicted: pick(facts.predicted), referencePredicted: referencePredicted && pick(referencePredicted), classSamples: classSamples ? pickClassSamples(classSamples, at) : null, taskSamples: samples },
      };
    }).sort((a, b) => b.samples - a.samples || (a.value < b.value ? -1 : 1));
  });
}

const ofTask: Readonly<Record<TaskSamples['task'], readonly Metric[]>> = {
  multilabel: ['micro_f1', 'subset_accuracy'], segmentation: ['mean_iou', 'pixel_accuracy'], detection: ['map_50', 'box_escape_rate', 'image_false_reject_rate'], anomaly: ['auroc', 'average_precision'], embedding: ['recall_at_1'],
};

/** @param positive the class that a limit names as the one to reject; its escapes and false rejects are told too */
export function subgroupFigures(groups: readonly FactsGroup[], positive: string | null): SubgroupFigure[] {
  return groups.map(({ column, value, samples, facts }) => {
    const metrics: readonly Metric[] = facts.taskSamples ? ofTask[facts.taskSamples.task] : facts.task === 'regression' ? ['mae', 'rmse'] : ['accuracy', 'f1', 'auroc', ...(positive === null ? [] : ['escape_rate', 'false_reject_rate'] as const)];
    const figures = metrics.flatMap((metric) => {
      const needs = metric === 'escape_rate' || metric === 'false_reject_rate';
      const found = measure({ id: '', metric, ...(needs && positive !== null ? { positive } : {}) }, facts);
      return found.value === null || !Number.isFinite(found.value) ? [] : [{ metric, value: found.value, interval: found.interval }];
    });
    return { column, value, samples, few: samples < leastInGroup, figures };
  });
}
