// ROC curves of a classification, one a class against the rest, short enough to be kept with a report.
import type { RocCurve } from '#shared/contract/validation';
import { rocCurve } from './classification.ts';
import { areaFigure, scoresOf } from './classFigures.ts';
import type { ClassSamples } from './classSamples.ts';

/** Points kept of a curve, and curves kept: the worst ones. */
const mostPoints = 200, mostCurves = 100;

/** Of the class at `label`; null without scores, and where it or the rest is missing. A threshold of null is above every score. */
export function rocOfClass(samples: ClassSamples, label: number): RocCurve | null {
  const found = areaFigure(samples, label);
  if (found === null) return null;
  const curve = rocCurve(scoresOf(samples, label), Array.from(samples.actual, (is) => is === label));
  const step = Math.max(1, Math.ceil(curve.length / mostPoints));
  return {
    label: samples.labels[label] ?? '', positives: samples.actual.reduce((sum, is) => sum + (is === label ? 1 : 0), 0), auc: found.value, interval: found.interval,
    points: curve.filter((_, at) => at % step === 0 || at === curve.length - 1).map(({ threshold, ...point }) => ({ ...point, threshold: Number.isFinite(threshold) ? threshold : null })),
  };
}

/** Of all classes that have one, the smallest area first. */
export function rocCurves(samples: ClassSamples): RocCurve[] {
  const worst = Array.from({ length: samples.scored }, (_, label) => ({ label, area: areaFigure(samples, label)?.value ?? null }))
    .filter(({ area }) => area !== null).sort((a, b) => (a.area ?? 0) - (b.area ?? 0)).slice(0, mostCurves);
  return worst.flatMap(({ label }) => rocOfClass(samples, label) ?? []);
}
