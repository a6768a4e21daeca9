// The accuracy part of a validation: correct of all with its interval, confusion, and the figures of all classes and of each.
import { classFigureMetrics, type AccuracyResult } from '#shared/contract/validation';
import { classMetrics, confusionOf, correctOf, type Confusion } from './classification.ts';
import { areaFigure, classFigure, f1Figure } from './classFigures.ts';
import type { ClassSamples } from './classSamples.ts';
import { classErrors } from './decisionErrors.ts';
import { wilson } from './intervals.ts';

/**
 * Labels and answers in one order; null where there is no labelled sample.
 * @param judged the same samples; with them come intervals of the classes, and the figures over all of them
 */
export function accuracyResult(actual: readonly string[], predicted: readonly string[], classes: readonly string[], judged: ClassSamples | null = null, confidence = 0.95): AccuracyResult | null {
  const samples = actual.length;
  if (samples === 0) return null;
  const confusion = confusionOf(actual, predicted, classes);
  const correct = correctOf(confusion);
  const base = { samples, correct, accuracy: correct / samples, interval: wilson(correct, samples, confidence), confusion: { labels: [...confusion.labels], counts: confusion.counts.map((row) => [...row]) } };
  if (judged === null) return { ...base, classes: classMetrics(confusion) };
  return {
    ...base, classes: classesWithIntervals(confusion, judged, confidence),
    figures: classFigureMetrics.flatMap((metric) => { const found = classFigure(judged, metric, confidence); return found ? [{ metric, ...found }] : []; }),
  };
}

/** Precision and recall are shares of counted samples, so they have Wilson's interval; F1 is drawn, the area has DeLong's. */
function classesWithIntervals(confusion: Confusion, judged: ClassSamples, confidence: number): AccuracyResult['classes'] {
  const errors = classErrors(judged, confidence);
  return classMetrics(confusion).map((metric, at) => {
    const place = judged.labels.indexOf(metric.label), hits = confusion.counts[at]?.[at] ?? 0, named = confusion.counts.reduce((sum, row) => sum + (row[at] ?? 0), 0);
    const area = place < judged.scored ? areaFigure(judged, place, confidence) : null;
    return {
      ...metric, precisionInterval: named === 0 ? null : wilson(hits, named, confidence), recallInterval: metric.support === 0 ? null : wilson(hits, metric.support, confidence), f1Interval: f1Figure(judged, place, confidence)?.interval ?? null,
      escapes: errors[place]?.escapes ?? null, falseRejects: errors[place]?.falseRejects ?? null,
      ...(judged.scored > 0 ? { auroc: area?.value ?? null, aurocInterval: area?.interval ?? null } : {}),
    };
  });
}
