// Draws the intervals of a task's figures in slices, so that the host answers others meanwhile and a cancel comes through.
import { setImmediate } from 'node:timers/promises';
import { prepareFigures, type TaskSamples } from '#core/statistics/taskFigures';
import type { JobContext } from '../Services.ts';

const sliceMs = 50;

/** What is drawn is kept with the samples, for the limits and for the report. Throws signal.reason on abort. */
export async function drawIntervals(samples: TaskSamples, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>, most?: number): Promise<void> {
  const steps = prepareFigures(samples, most);
  let begun = performance.now(), done = 0;
  for (; steps.next().done !== true; done++) {
    if (performance.now() - begun < sliceMs) continue;
    progress({ stage: 'Draw intervals', done, total: 0 });
    await setImmediate();
    signal.throwIfAborted();
    begun = performance.now();
  }
}
