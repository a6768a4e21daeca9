// At which severity a model stops being good enough.
import type { Limit } from '#shared/contract/validation';

export interface BreakRule { readonly least: number; readonly text: string }

/** Accuracy that must be kept: the limit on accuracy where there is one, else five points below the undisturbed pictures. */
export function breakRule(limits: readonly Limit[], undisturbed: number): BreakRule {
  const limit = limits.find((each) => each.metric === 'accuracy' && each.min !== undefined);
  return limit?.min !== undefined ? { least: limit.min, text: `accuracy below ${limit.min}, the limit ${limit.id}` } : { least: undisturbed - 0.05, text: 'accuracy more than 5 points below the undisturbed samples' };
}

/** The least severity from which on the value stays below the rule; null where it never does. */
export function breakPoint(points: readonly { readonly severity: number; readonly value: number }[], { least }: BreakRule): number | null {
  let found: number | null = null;
  for (const { severity, value } of [...points].sort((a, b) => b.severity - a.severity)) {
    if (value >= least) break;
    found = severity;
  }
  return found;
}
