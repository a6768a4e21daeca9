// Runs a model over samples whose task is not one class or number, and gathers what its metrics are made of.
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import { plainDetector, type DetectorSpec } from '#core/datasets/detectorSpec';
import type { TaskSamples } from '#core/statistics/taskFigures';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openSession, sessionOf } from '../inference/openSession.ts';
import type { JobContext, Services } from '../Services.ts';
import { gatherTask, type Answers } from './gatherTask.ts';

interface Asked { readonly path: string; readonly runtime?: RuntimeOptions | undefined; readonly fetches: readonly string[] | null }

/** As `gatherTask`. One sample at a time, in order; a cancelled run starts this step again. */
export async function measureTask(services: Pick<Services, 'workers'>, model: Asked, reference: Asked | null, reader: DatasetReader, classes: readonly string[], context: Pick<JobContext, 'signal' | 'killSignal' | 'progress'>, detector: DetectorSpec = plainDetector, threshold: number | null = null): Promise<TaskSamples | null> {
  const answersOf = ({ path, fetches, runtime }: Asked): Answers => async (length, take) => {
    const session = await openSession(services, { path, ...sessionOf(runtime) }, context.killSignal);
    try {
      for (let index = 0; index < length; index++) {
        context.signal.throwIfAborted();
        const { feeds } = await reader.read(index);
        await take((await session.run(feeds, fetches === null ? {} : { fetches })).outputs, index, feeds);
        context.progress({ stage: 'Judge samples', done: index + 1, total: length });
      }
    } finally { await session.close(); }
  };
  return gatherTask(reader, classes, detector, answersOf(model), reference && answersOf(reference), threshold);
}
