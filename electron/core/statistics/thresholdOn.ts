// Where a decision between two classes lies on the probability of one of them.
import type { Decision } from '#shared/contract/decision';

/** One half where the largest score decides; from the other class's side it is the rest to 1. */
export function thresholdOn(decision: Pick<Decision, 'threshold' | 'positive'> | null, positive: string): number {
  const { threshold = null, positive: on = null } = decision ?? {};
  return threshold === null ? 0.5 : on === positive ? threshold : 1 - threshold;
}
