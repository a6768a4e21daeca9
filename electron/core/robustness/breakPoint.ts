// At which severity a model stops being good enough.
import type { Limit, Metric } from '#shared/contract/validation';
import { metricTable } from '../limits/metricTable.ts';
import { boundOf, isLowerBetter } from './primaryMetric.ts';

export interface BreakRule { readonly bound: number; readonly lowerIsBetter: boolean; readonly text: string }

/**
 * What must be kept: the limit on the figure where there is one; else five points from the undisturbed samples, and for an error in the unit of the
 * labels five percent of their standard deviation.
 */
export function breakRule(metric: Metric, limits: readonly Limit[], undisturbed: number, labelDeviation: number | null = null): BreakRule {
  const lowerIsBetter = isLowerBetter(metric);
  const { title } = metricTable[metric];
  for (const limit of limits) {
    const bound = boundOf(limit, metric);
    if (bound !== undefined) return { bound, lowerIsBetter, text: `${title} ${lowerIsBetter ? 'above' : 'below'} ${bound}, the limit ${limit.id}` };
  }
  if (labelDeviation === null) return { bound: undisturbed + (lowerIsBetter ? 0.05 : -0.05), lowerIsBetter, text: `${title} more than 5 points ${lowerIsBetter ? 'above' : 'below'} the undisturbed samples` };
  const bound = undisturbed + 0.05 * labelDeviation;
  return { bound, lowerIsBetter, text: `${title} above ${Number(bound.toPrecision(5))}: 5 % of the standard deviation of the labels more than undisturbed` };
}

/** The least severity from which on the value stays beyond the rule; null where it never does. A value that cannot be told is beyond it. */
export function breakPoint(points: readonly { readonly severity: number; readonly value: number | null }[], { bound, lowerIsBetter }: BreakRule): number | null {
  let found: number | null = null;
  for (const { severity, value } of [...points].sort((a, b) => b.severity - a.severity)) {
    if (value !== null && (lowerIsBetter ? value <= bound : value >= bound)) break;
    found = severity;
  }
  return found;
}
