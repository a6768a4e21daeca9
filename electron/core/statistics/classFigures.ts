// The figures of a classification beside its accuracy, each with an interval by a named method: what limits are judged on and the report prints.
import type { ClassFigureMetric, Interval } from '#shared/contract/validation';
import { drawFigures, finish, intervalNote, intervalOfDraws, type FigureDraws } from './bootstrapFigures.ts';
import { calibrationFigure, countFigures, countPlaces } from './classDraws.ts';
import type { ClassSamples } from './classSamples.ts';
import { areaInterval, rocArea, type RocArea } from './delong.ts';
import { wilson } from './intervals.ts';
import { areaDraws, prepareAreas } from './rocAreas.ts';

export interface ClassFigure { readonly value: number; readonly interval: Interval | null; /** What the interval cannot say, or why there is none. */ readonly note?: string }

const areaMetrics: readonly ClassFigureMetric[] = ['auroc', 'auroc_weighted', 'auroc_one_vs_one'];

interface Kept {
  readonly counts: FigureDraws;
  readonly calibration: FigureDraws | null;
  readonly areas: FigureDraws | null;
  /** One a scored label; null where one kind of sample is missing. */
  readonly each: readonly (RocArea | null)[];
}
/** Drawing takes seconds, and each limit asks anew: what was drawn is kept with the samples. */
const kept = new WeakMap<ClassSamples, Kept>();

/** Does the slow part of `classFigure` in steps; what comes of it is kept with the samples. */
export function* prepareClassFigures(samples: ClassSamples, most?: number): Generator<void, void> {
  const n = samples.actual.length, limit = most === undefined ? {} : { most };
  const counts = yield* drawFigures(n, countFigures(samples), { cost: n + 5 * samples.labels.length, ...limit });
  const calibrated = calibrationFigure(samples);
  const calibration = calibrated && (yield* drawFigures(n, calibrated, { cost: n, ...limit }));
  const prepared = samples.scored > 2 ? prepareAreas(samples) : null;
  const areas = prepared && (yield* drawFigures(n, areaDraws(prepared), { cost: 3 * n * samples.scored, ...limit }));
  const each: (RocArea | null)[] = [];
  for (let column = 0; column < samples.scored; column++) { each.push(rocArea(scoresOf(samples, column), Array.from(samples.actual, (label) => label === column))); yield; }
  kept.set(samples, { counts, calibration, areas, each });
}

function keptOf(samples: ClassSamples): Kept {
  if (!kept.has(samples)) finish(prepareClassFigures(samples));
  return kept.get(samples)!; // just made
}

/** Probability of one class for every sample. */
export const scoresOf = ({ scores, scored, actual }: ClassSamples, column: number): Float64Array => Float64Array.from({ length: actual.length }, (_, sample) => scores?.[sample * scored + column] ?? 0);

/** F1 of one label: bootstrap over samples; without an error the bound of so many samples of it. Null where it neither occurs nor is named. */
export function f1Figure(samples: ClassSamples, label: number, confidence = 0.95): ClassFigure | null {
  const found = figureOf(keptOf(samples).counts, countPlaces.perClass + label, confidence);
  if (!hasNoWidth(found)) return found;
  const n = samples.actual.reduce((sum, is) => sum + (is === label ? 1 : 0), 0);
  return { value: 1, interval: { ...wilson(n, n, confidence), method: withoutErrorMethod } };
}

/** Area under the ROC curve of one label against the rest, with DeLong's interval. Null without scores or with one kind of sample alone. */
export function areaFigure(samples: ClassSamples, label: number, confidence = 0.95): ClassFigure | null {
  const found = keptOf(samples).each[label] ?? null;
  return found && { value: found.area, interval: areaInterval(found, confidence) };
}

/** A figure over all classes; of two classes each area is that of the second against the first. Null where the samples do not tell it. */
export function classFigure(samples: ClassSamples, metric: ClassFigureMetric, confidence = 0.95): ClassFigure | null {
  const { counts, calibration, areas } = keptOf(samples);
  switch (metric) {
    case 'precision': case 'recall': case 'f1': case 'kappa': return withoutError(samples, metric, figureOf(counts, countPlaces[metric], confidence), confidence);
    case 'calibration_error': return calibration && figureOf(calibration, 0, confidence);
    case 'auroc': case 'auroc_weighted': case 'auroc_one_vs_one': return samples.scored === 2 ? areaFigure(samples, 1, confidence) : areas && withoutError(samples, metric, figureOf(areas, areaMetrics.indexOf(metric), confidence), confidence);
  }
}

function figureOf(draws: FigureDraws, at: number, confidence: number): ClassFigure | null {
  const value = draws.points[at] ?? Number.NaN;
  if (Number.isNaN(value)) return null;
  const interval = intervalOfDraws(draws, at, confidence);
  return { value, interval, ...intervalNote(interval, draws.n) };
}

const withoutErrorMethod = 'Wilson, two-sided, without an error';

/** From 1 to 1. */
const hasNoWidth = (found: ClassFigure | null): found is ClassFigure & { readonly interval: Interval } => found !== null && found.interval !== null && Math.min(found.value, found.interval.low) >= 1 - 1e-9;

/** Draws of samples without an error have none either: they would prove any limit. Then the bound is that of no error in so many samples. */
function withoutError(samples: ClassSamples, metric: ClassFigureMetric, found: ClassFigure | null, confidence: number): ClassFigure | null {
  if (!hasNoWidth(found)) return found;
  if (areaMetrics.includes(metric)) {
    const lows = keptOf(samples).each.flatMap((area) => (area === null ? [] : areaInterval(area, confidence)));
    const interval = lows.reduce((lowest, each) => (each.low < lowest.low ? each : lowest), lows[0] ?? found.interval);
    // Pairs of classes may be told apart without an error where a class is not from all the rest: its own interval then ends below 1.
    return { value: 1, interval: { ...interval, high: 1, method: 'Newcombe, method 5, of the class with the lowest bound' } };
  }
  // A mean over classes of n1, n2 ... samples varies as one share of k * k / (1 / n1 + 1 / n2 + ...) samples.
  const sizes = new Map<number, number>();
  for (const label of samples.actual) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const n = samples.actual.length, inverse = [...sizes.values()].reduce((sum, size) => sum + 1 / size, 0), chance = [...sizes.values()].reduce((sum, size) => sum + (size / n) ** 2, 0);
  const alike = metric === 'kappa' ? n : Math.max(1, Math.floor(sizes.size ** 2 / inverse + 1e-9));
  const { low } = wilson(alike, alike, confidence);
  return { value: 1, interval: { low: metric === 'kappa' ? (low - chance) / (1 - chance) : low, high: 1, confidence, method: withoutErrorMethod, n } };
}
