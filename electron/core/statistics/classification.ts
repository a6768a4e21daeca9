// Metrics of a classifier: confusion, precision, recall, F1, kappa, McNemar and ROC.
import { binomialCdf } from './special.ts';

/** counts[actual][predicted] over labels in the given order. */
export interface Confusion { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] }

/** Labels that occur but are not in `classes` are put at the end, sorted. */
export function confusionOf(actual: readonly string[], predicted: readonly string[], classes: readonly string[]): Confusion {
  const known = new Set(classes);
  const extra = [...new Set([...actual, ...predicted])].filter((label) => !known.has(label)).sort();
  const labels = [...known, ...extra];
  const place = new Map(labels.map((label, index) => [label, index]));
  const counts = labels.map(() => new Array<number>(labels.length).fill(0));
  actual.forEach((label, sample) => {
    const row = counts[place.get(label) ?? -1];
    const column = place.get(predicted[sample] ?? '') ?? -1;
    if (row && column >= 0) row[column] = (row[column] ?? 0) + 1;
  });
  return { labels, counts };
}

export interface ClassMetric { readonly label: string; readonly support: number; readonly precision: number | null; readonly recall: number | null; readonly f1: number | null }

/** Per class; null where the denominator is 0, so that "never predicted" is not shown as 0 %. */
export function classMetrics({ labels, counts }: Confusion): ClassMetric[] {
  return labels.map((label, index) => {
    const hits = counts[index]?.[index] ?? 0;
    const support = (counts[index] ?? []).reduce((sum, count) => sum + count, 0);
    const predicted = counts.reduce((sum, row) => sum + (row[index] ?? 0), 0);
    return { label, support, precision: predicted ? hits / predicted : null, recall: support ? hits / support : null, f1: support + predicted ? (2 * hits) / (support + predicted) : null };
  });
}

export const correctOf = ({ counts }: Confusion): number => counts.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
export const totalOf = ({ counts }: Confusion): number => counts.reduce((sum, row) => sum + row.reduce((part, count) => part + count, 0), 0);

/** Cohen's kappa of two raters (Cohen 1960); null where chance agreement is complete. */
export function cohenKappa({ counts }: Confusion): number | null {
  const n = totalOf({ labels: [], counts });
  if (n === 0) return null;
  const agreement = correctOf({ labels: [], counts }) / n;
  let chance = 0;
  for (let index = 0; index < counts.length; index++) {
    const row = (counts[index] ?? []).reduce((sum, count) => sum + count, 0);
    const column = counts.reduce((sum, each) => sum + (each[index] ?? 0), 0);
    chance += (row * column) / (n * n);
  }
  return chance === 1 ? null : (agreement - chance) / (1 - chance);
}

/** Fleiss' kappa (Fleiss 1971): ratings[subject][category] = number of raters; every subject has as many raters. */
export function fleissKappa(ratings: readonly (readonly number[])[]): number | null {
  const subjects = ratings.length;
  const raters = (ratings[0] ?? []).reduce((sum, count) => sum + count, 0);
  if (subjects === 0 || raters < 2) return null;
  let agreement = 0;
  const shares = new Array<number>(ratings[0]?.length ?? 0).fill(0);
  for (const row of ratings) {
    agreement += (row.reduce((sum, count) => sum + count * count, 0) - raters) / (raters * (raters - 1));
    row.forEach((count, category) => { shares[category] = (shares[category] ?? 0) + count / (subjects * raters); });
  }
  const chance = shares.reduce((sum, share) => sum + share * share, 0);
  return chance === 1 ? null : (agreement / subjects - chance) / (1 - chance);
}

/** Exact two-sided McNemar test of paired answers: onlyA right in a alone, onlyB right in b alone. p = 1 without disagreement. */
export function mcnemarExact(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  return n === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(onlyA, onlyB), n, 0.5));
}

export interface RocPoint { readonly threshold: number; readonly falsePositiveRate: number; readonly truePositiveRate: number }

/** ROC points from the strictest threshold (nothing positive) down; ties share a point. */
export function rocCurve(scores: ArrayLike<number>, positive: ArrayLike<boolean>): RocPoint[] {
  const order = Array.from({ length: scores.length }, (_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const positives = Array.from(positive).filter(Boolean).length;
  const negatives = scores.length - positives;
  const points: RocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, falsePositiveRate: 0, truePositiveRate: 0 }];
  let hits = 0, alarms = 0;
  order.forEach((sample, rank) => {
    if (positive[sample]) hits++;
    else alarms++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[sample]) return;
    points.push({ threshold: scores[sample] ?? 0, falsePositiveRate: negatives ? alarms / negatives : 0, truePositiveRate: positives ? hits / positives : 0 });
  });
  return points;
}

/** Area under the ROC curve by trapezoids, which counts ties as one half (equals Mann-Whitney U / nm). Null with only one class. */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<boolean>): number | null {
  const positives = Array.from(positive).filter(Boolean).length;
  if (positives === 0 || positives === scores.length) return null;
  let area = 0;
  let before: RocPoint | null = null;
  for (const point of rocCurve(scores, positive)) {
    if (before) area += ((point.falsePositiveRate - before.falsePositiveRate) * (point.truePositiveRate + before.truePositiveRate)) / 2;
    before = point;
  }
  return area;
}
