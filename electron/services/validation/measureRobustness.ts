// Runs the model on disturbed samples and tells at which severity it breaks; can stop after any batch and go on from there.
import type { Limit, RobustnessCurve } from '#shared/contract/validation';
import type { Feeds } from '#shared/tensor';
import { breakPoint, breakRule } from '#core/robustness/breakPoint';
import { feedDisturbances, spreadOf } from '#core/robustness/disturbFeeds';
import { imageDisturbances } from '#core/robustness/disturbImage';
import { seededRandom } from '#core/statistics/bootstrap';
import { wilson } from '#core/statistics/intervals';
import type { DatasetReader, Sample } from '../datasets/DatasetReader.ts';
import { subsetReader } from '../datasets/subsetReader.ts';
import type { JobContext, Services } from '../Services.ts';
import { predictSamples, type PredictedModel, type Predictions } from './predictSamples.ts';

interface Disturbed { readonly kind: string; readonly unit: string; readonly severities: readonly number[]; read(index: number, severity: number): Promise<Sample> }
interface Point { readonly disturbed: Disturbed; readonly severity: number }

/** Samples at each point: enough to see a drop of a few points, few enough that all curves take seconds. */
const samplesPerPoint = 200;
const seed = 20250101;

export interface RobustnessRun { readonly limits: readonly Limit[]; /** On the undisturbed samples. */ readonly accuracy: number; readonly state: Predictions; readonly save: (state: Predictions) => void }

/** Curves of accuracy against severity. Empty for data that cannot be disturbed or has no labels. */
export async function measureRobustness(services: Services, model: PredictedModel, whole: DatasetReader, { limits, accuracy, state, save }: RobustnessRun, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress'>): Promise<RobustnessCurve[]> {
  const labelled = whole.labels?.flatMap((label, index) => (label === null || label === '' ? [] : [index])) ?? [];
  const count = Math.min(labelled.length, samplesPerPoint);
  const reader = subsetReader(whole, Array.from({ length: count }, (_, at) => labelled[Math.floor((at * labelled.length) / count)] ?? 0));
  const kinds = count === 0 ? [] : await disturbances(reader);
  const points = kinds.flatMap((disturbed) => disturbed.severities.map((severity): Point => ({ disturbed, severity })));
  if (points.length === 0) return [];
  // All points one after the other as one long set: one worker runs them all, and a stop may come at any sample.
  const all: DatasetReader = { ...reader, length: points.length * count, read: (index) => { const { disturbed, severity } = pointAt(points, index, count); return disturbed.read(index % count, severity); } };
  const told = { ...context, progress: ({ done }: { done: number }) => context.progress({ stage: `Disturbed samples: ${pointAt(points, Math.min(done, all.length - 1), count).disturbed.kind}`, done, total: all.length }) };
  const { answers } = await predictSamples(services, [model], all, Array.from({ length: all.length }, (_, index) => index), state, save, told);
  const rule = breakRule(limits, accuracy);
  return kinds.map((disturbed) => {
    const curve = points.flatMap((point, at) => {
      if (point.disturbed !== disturbed) return [];
      const right = answers[0]?.slice(at * count, (at + 1) * count).filter(({ predicted }, index) => predicted === reader.labels?.[index]).length ?? 0;
      return [{ severity: point.severity, value: right / count, samples: count, interval: wilson(right, count) }];
    });
    return { kind: disturbed.kind, unit: disturbed.unit, metric: 'accuracy', points: curve, breakPoint: breakPoint(curve, rule), breakRule: rule.text };
  });
}

function pointAt(points: readonly Point[], index: number, count: number): Point {
  const point = points[Math.floor(index / count)];
  if (!point) throw new RangeError(`there is no disturbed sample ${index}`);
  return point;
}

/** Random numbers that depend on the sample and the severity only, so that a resumed run gives the same curve. */
const randomFor = (index: number, severity: number) => seededRandom(seed + index * 7919 + Math.round(severity * 104_729));

async function disturbances(reader: DatasetReader): Promise<Disturbed[]> {
  const { readChanged } = reader;
  if (readChanged) return imageDisturbances.map(({ apply, ...rest }) => ({ ...rest, read: (index, severity) => readChanged(index, (image) => apply(image, severity, randomFor(index, severity))) }));
  if (reader.layout === 'arrays') return [];
  const feeds: Feeds[] = [];
  for (let index = 0; index < reader.length; index++) feeds.push((await reader.read(index)).feeds);
  const spread = spreadOf(feeds);
  if (spread.size === 0) return [];
  return feedDisturbances.map(({ apply, ...rest }) => ({
    ...rest,
    read: async (index, severity) => { const sample = await reader.read(index); return { ...sample, feeds: apply(sample.feeds, spread, severity, randomFor(index, severity)) }; },
  }));
}
