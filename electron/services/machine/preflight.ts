// Preflight: what the facts of the machine mean for a station; pure, one row for each check.
import type { Preflight } from '#shared/contract/machine';
import { checkBasics } from './preflightBasics.ts';
import type { PreflightFacts } from './preflightRows.ts';
import { checkTiming } from './preflightTiming.ts';

/** Ordered by what stops work first, then by what changes results, then by comfort. */
export function preflight(facts: PreflightFacts): Preflight[] {
  return [...checkBasics, ...checkTiming].map((check) => check(facts));
}
