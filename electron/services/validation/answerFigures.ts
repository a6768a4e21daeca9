// Accuracy, or the error of a predicted number, on disturbed samples: one long set of all points, run in batches.
import type { Metric } from '#shared/contract/validation';
import { bootstrapBca } from '#core/statistics/bootstrap';
import { wilson } from '#core/statistics/intervals';
import { regressionMetrics } from '#core/statistics/regression';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import type { Services } from '../Services.ts';
import type { FigureAt, Point, RobustnessContext, RobustnessRun } from './RobustnessRun.ts';
import { predictSamples, type PredictedModel } from './predictSamples.ts';

interface Said { readonly predicted: string }
const resamples = 1000;

export function answerFigures(services: Services, model: PredictedModel, reader: DatasetReader, { answers: known, state, save }: RobustnessRun, metric: Metric) {
  const count = reader.length;
  return {
    undisturbed: (places: readonly number[]): number | null => figureOf(metric, places.map((place) => known?.[place]), reader.labels ?? [])?.value ?? null,
    disturbed: async (points: readonly Point[], context: RobustnessContext): Promise<FigureAt[]> => {
      if (points.length === 0) return [];
      // One worker runs all points, and a stop may come at any sample.
      const all: DatasetReader = { ...reader, length: points.length * count, read: (index) => { const { disturbed, severity } = pointAt(points, index, count); return disturbed.read(index % count, severity); } };
      const { answers } = await predictSamples(services, [model], all, Array.from({ length: all.length }, (_, index) => index), state.predictions, (predictions) => { save({ ...state, predictions }); }, context);
      return points.map((_, at) => figureOf(metric, answers[0]?.slice(at * count, (at + 1) * count) ?? [], reader.labels ?? []));
    },
  };
}

function figureOf(metric: Metric, answers: readonly (Said | undefined)[], labels: readonly (string | null)[]): FigureAt {
  const n = answers.length;
  if (metric === 'accuracy') {
    const right = answers.filter((answer, at) => answer?.predicted === labels[at]).length;
    return { value: right / n, interval: wilson(right, n) };
  }
  const actual = Float64Array.from(labels, Number), predicted = Float64Array.from(answers, (answer) => Number(answer?.predicted ?? Number.NaN));
  const error = (places: Int32Array | null) => { const { mae, rmse } = places === null ? regressionMetrics(actual, predicted) : regressionMetrics(Float64Array.from(places, (at) => actual[at] ?? 0), Float64Array.from(places, (at) => predicted[at] ?? 0)); return metric === 'rmse' ? rmse : mae; };
  const value = error(null);
  return Number.isFinite(value) ? { value, interval: n < 2 ? null : bootstrapBca(n, error, { resamples }) } : null;
}

function pointAt(points: readonly Point[], index: number, count: number): Point {
  const point = points[Math.floor(index / count)];
  if (!point) throw new RangeError(`there is no disturbed sample ${index}`);
  return point;
}
