// The figure of a task with labels of its own on disturbed samples: point by point in one worker; each finished point is kept.
import type { Metric } from '#shared/contract/validation';
import { plainDetector } from '#core/datasets/detectorSpec';
import { recallAmong } from '#core/statistics/embedding';
import { wilson } from '#core/statistics/intervals';
import { pickSamples } from '#core/statistics/pickSamples';
import { taskFigures, type TaskSamples } from '#core/statistics/taskFigures';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openSession, sessionOf } from '../inference/openSession.ts';
import type { Services } from '../Services.ts';
import { disturbedReader } from './disturbances.ts';
import { drawIntervals } from './drawIntervals.ts';
import { gatherTask, type Answers } from './gatherTask.ts';
import type { FigureAt, Point, RobustnessContext, RobustnessRun } from './RobustnessRun.ts';
import type { PredictedModel } from './predictSamples.ts';

/** Draws of each bootstrap: fewer than for the figures of the whole set, since there are as many bootstraps as points. */
const draws = 500;
const ranks = { recall_at_1: 1, recall_at_5: 5, recall_at_10: 10 } as const;
const rankOf = (metric: Metric): number => (metric in ranks ? ranks[metric as keyof typeof ranks] : 1); // it is one of them

/** @param whole what was found on all undisturbed samples; `reader` has those at `places` */
export function taskPoints(services: Services, model: PredictedModel, reader: DatasetReader, { state, save, detector = plainDetector }: RobustnessRun, whole: TaskSamples, places: readonly number[], metric: Metric) {
  // As on the undisturbed samples, whatever a few disturbed ones look like.
  const spec = whole.task === 'detection' && whole.unit !== undefined ? { ...detector, unit: whole.unit } : detector;
  const classes = whole.task === 'segmentation' ? whole.labels : model.answers.classes;
  const figureOf = async (samples: TaskSamples, signal: AbortSignal): Promise<FigureAt> => {
    // Samples are disturbed on the line; those that they are compared with were taken in before.
    if (samples.task === 'embedding' && whole.task === 'embedding') { const [value = 0] = recallAmong(samples.vectors, places, whole.vectors, whole.labels, [rankOf(metric)]); return { value, interval: wilson(Math.round(value * samples.vectors.length), samples.vectors.length) }; }
    await drawIntervals(samples, { signal, progress: () => undefined }, draws);
    const figure = taskFigures(samples).find((each) => each.metric === metric);
    return figure && Number.isFinite(figure.value) ? { value: figure.value, interval: figure.interval } : null;
  };
  return {
    undisturbed: (): number | null => {
      const samples = pickSamples(whole, places);
      if (samples.task === 'embedding' && whole.task === 'embedding') return recallAmong(samples.vectors, places, whole.vectors, whole.labels, [rankOf(metric)])[0] ?? null;
      return taskFigures(samples, undefined, draws).find((each) => each.metric === metric)?.value ?? null;
    },
    disturbed: async (points: readonly Point[], { signal, killSignal, progress }: RobustnessContext): Promise<FigureAt[]> => {
      const figures = [...state.points];
      if (figures.length >= points.length) return figures;
      const session = await openSession(services, { path: model.path, ...sessionOf(model.runtime) }, killSignal);
      try {
        for (const [at, { disturbed, severity }] of points.entries()) {
          if (at < figures.length) continue;
          const { target, ...scored } = disturbedReader(reader, disturbed, severity);
          // An anomaly is followed by its score: masks would only cost time.
          const changed: DatasetReader = target && reader.task !== 'anomaly' ? { ...scored, target } : scored;
          const answers: Answers = async (length, take) => {
            for (let index = 0; index < length; index++) {
              signal.throwIfAborted();
              const { feeds } = await changed.read(index);
              await take((await session.run(feeds, model.fetches === null ? {} : { fetches: model.fetches })).outputs, index, feeds);
              progress({ stage: '', done: at * length + index + 1, total: 0 });
            }
          };
          const samples = await gatherTask(changed, classes, spec, answers, null);
          figures.push(samples === null ? null : await figureOf(samples, signal));
          save({ ...state, points: figures });
        }
        return figures;
      } finally { await session.close(); }
    },
  };
}
