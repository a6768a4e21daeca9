// Draws the intervals of the figures of a task or a classification; what is drawn is kept with the samples, for the limits and for the report.
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
export async function drawClassIntervals(samples: ClassSamples, context: Context): Promise<void> { await inSlices(prepareClassFigures(samples), stage, context); }
