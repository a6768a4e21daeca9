// Runs the model on disturbed samples, follows the figure of its task, and tells at which severity it breaks; can stop at any sample and go on from there.
import type { Metric, RobustnessCurve } from '#shared/contract/validation';
import { normalClass } from '#core/datasets/normalClass';
import { breakPoint, breakRule } from '#core/robustness/breakPoint';
import { primaryMetric } from '#core/robustness/primaryMetric';
import { metricTable } from '#core/limits/metricTable';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { subsetReader } from '../datasets/subsetReader.ts';
import type { Services } from '../Services.ts';
import { disturbances, type Disturbed } from './disturbances.ts';
import { answerFigures } from './answerFigures.ts';
import { mostVectors } from './gatherTask.ts';
import type { PredictedModel } from './predictSamples.ts';
import type { FigureAt, Point, RobustnessContext, RobustnessRun } from './RobustnessRun.ts';
import { taskPoints } from './taskPoints.ts';

/** Samples at each point: enough to see a drop of a few points, few enough that all curves take seconds. A picture with boxes or a mask tells more than one class. */
const samplesPerPoint = 200, picturesPerPoint = 100;

/** Curves of the task's figure against severity, or why there are none. */
export async function measureRobustness(services: Services, model: PredictedModel, whole: DatasetReader, run: RobustnessRun, context: RobustnessContext): Promise<{ readonly curves: RobustnessCurve[]; readonly reason: string | null }> {
  const { task } = whole;
  const none = (reason: string) => ({ curves: [], reason });
  const places = choosePlaces(whole);
  if (places.length === 0 || (run.answers === null && run.samples === null)) return none(`The data has no labels that a ${task} is judged by.`);
  const reader = subsetReader(whole, places);
  const kinds = await disturbances(reader);
  if ('reason' in kinds) return none(kinds.reason);
  const points = kinds.flatMap((disturbed) => (disturbed.notPerformed === null ? disturbed.severities.map((severity): Point => ({ disturbed, severity })) : []));
  const metric = primaryMetric(task, run.limits);
  const measure = run.samples === null ? answerFigures(services, model, reader, run, metric) : taskPoints(services, model, reader, run, run.samples, places, metric);
  const undisturbed = measure.undisturbed(places);
  if (undisturbed === null) return none(`${metricTable[metric].title} cannot be told on the undisturbed samples.`);
  const figures = await measure.disturbed(points, stagesOf(points, places.length, context));
  const rule = breakRule(metric, run.limits, undisturbed, metric === 'mae' || metric === 'rmse' ? deviationOf(reader.labels ?? []) : null);
  return { curves: kinds.map((disturbed) => curveOf(disturbed, metric, undisturbed, points.flatMap((point, at) => (point.disturbed === disturbed ? [{ severity: point.severity, figure: figures[at] ?? null }] : [])), places.length, rule)), reason: null };
}

function curveOf({ kind, unit, notPerformed }: Disturbed, metric: Metric, undisturbed: number, found: readonly { readonly severity: number; readonly figure: FigureAt }[], samples: number, rule: ReturnType<typeof breakRule>): RobustnessCurve {
  return {
    kind, unit, metric, undisturbed, ...(notPerformed === null ? {} : { notPerformed }),
    points: found.flatMap(({ severity, figure }) => (figure === null ? [] : [{ severity, samples, ...figure }])),
    breakPoint: breakPoint(found.map(({ severity, figure }) => ({ severity, value: figure?.value ?? null })), rule), breakRule: rule.text,
  };
}

/** Spread evenly over what can be judged. Recall knows the first samples only; of an anomaly as many as there may be, so that a few among many do not get lost. */
function choosePlaces({ task, labels, length, classes }: DatasetReader): number[] {
  const needsLabel = task !== 'multilabel' && task !== 'segmentation' && task !== 'detection';
  const judged = Array.from({ length: task === 'embedding' ? Math.min(length, mostVectors) : length }, (_, at) => at).filter((at) => !needsLabel || (labels?.[at] ?? '') !== '');
  const most = task === 'segmentation' || task === 'detection' ? picturesPerPoint : samplesPerPoint;
  if (task !== 'anomaly') return spread(judged, most);
  const normal = normalClass(classes), isNormal = (at: number) => labels?.[at] === normal;
  const good = judged.filter(isNormal), bad = judged.filter((at) => !isNormal(at));
  const few = Math.min(good.length, bad.length, most / 2);
  return [...spread(good, good.length <= bad.length ? few : most - few), ...spread(bad, good.length <= bad.length ? most - few : few)].sort((a, b) => a - b);
}

function spread(list: readonly number[], most: number): number[] {
  const count = Math.min(most, list.length);
  return Array.from({ length: count }, (_, at) => list[Math.floor((at * list.length) / count)] ?? 0);
}

function deviationOf(labels: readonly (string | null)[]): number {
  const mean = labels.reduce((sum, label) => sum + Number(label), 0) / labels.length;
  return Math.sqrt(labels.reduce((sum, label) => sum + (Number(label) - mean) ** 2, 0) / Math.max(1, labels.length - 1));
}

/** Progress over all points, named after what is being disturbed. */
function stagesOf(points: readonly Point[], count: number, context: RobustnessContext): RobustnessContext {
  const total = points.length * count;
  return { ...context, progress: ({ done }) => context.progress({ stage: `Disturbed samples: ${points[Math.floor(Math.min(done, total - 1) / count)]?.disturbed.kind ?? ''}`, done, total }) };
}
