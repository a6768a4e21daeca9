// Draws the intervals of the figures of a task or a classification; what is drawn is kept with the samples, for the limits and for the report.
import type { FactsGroup } from '#core/limits/judgeLimits';
import { prepareClassFigures } from '#core/statistics/classFigures';
import type { ClassSamples } from '#core/statistics/classSamples';
import { prepareFigures, type TaskSamples } from '#core/statistics/taskFigures';
import type { JobContext } from '../Services.ts';
import { inSlices } from './inSlices.ts';

const stage = 'Draw intervals';
type Context = Pick<JobContext, 'signal' | 'progress'>;

/** Throws signal.reason on abort. */
export async function drawIntervals(samples: TaskSamples, context: Context, most?: number): Promise<void> { await inSlices(prepareFigures(samples, most), stage, context); }

/** As drawIntervals. */
export async function drawClassIntervals(samples: ClassSamples, context: Context, most?: number): Promise<void> { await inSlices(prepareClassFigures(samples, most), stage, context); }

/** Fewer draws for a group than for the whole set, since there are many groups. */
const drawsOfGroup = 500;

/** As drawIntervals, for each group. */
export async function drawGroupIntervals(groups: readonly FactsGroup[], context: Context): Promise<void> {
  for (const { facts: { classSamples, taskSamples } } of groups) {
    if (classSamples && classSamples.actual.length > 0) await drawClassIntervals(classSamples, context, drawsOfGroup);
    if (taskSamples) await drawIntervals(taskSamples, context, drawsOfGroup);
  }
}
