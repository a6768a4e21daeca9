// The accuracy part of a validation: correct of all with its interval, confusion and per-class metrics.
import type { AccuracyResult } from '#shared/contract/validation';
import { classMetrics, confusionOf, correctOf } from './classification.ts';
import { wilson } from './intervals.ts';

/** Labels and answers in one order; null where there is no labelled sample. */
export function accuracyResult(actual: readonly string[], predicted: readonly string[], classes: readonly string[], confidence = 0.95): AccuracyResult | null {
  const samples = actual.length;
  if (samples === 0) return null;
  const confusion = confusionOf(actual, predicted, classes);
  const correct = correctOf(confusion);
  return { samples, correct, accuracy: correct / samples, interval: wilson(correct, samples, confidence), confusion: { labels: [...confusion.labels], counts: confusion.counts.map((row) => [...row]) }, classes: classMetrics(confusion) };
}
