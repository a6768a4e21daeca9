// Counts what the flip court decided: agreement of the two judges, and the outcome of each flip.
import type { CourtOutcome, CourtResult } from '#shared/contract/court';
import { AppError } from '#shared/errors';
import { cohenAgreement } from './agreement.ts';

export interface JudgedFlip { readonly sample: string; readonly first: CourtOutcome; readonly second: CourtOutcome; /** Null where the judges agreed. */ readonly adjudicated: CourtOutcome | null }

/** Throws INTERNAL where a dispute is left open: a docket is closed only without one. */
export function courtResult(flips: readonly JudgedFlip[], people: Pick<CourtResult, 'judges' | 'adjudicators' | 'closedAt' | 'closedBy'>): CourtResult {
  const decisions = flips.map(({ sample, first, second, adjudicated }) => {
    const outcome = first === second ? first : adjudicated;
    if (outcome === null) throw new AppError('INTERNAL', `The dispute about ${sample} is still open.`);
    return { sample, verdicts: [first, second], outcome, adjudicated: first !== second };
  });
  const count = (outcome: CourtOutcome) => decisions.filter((decision) => decision.outcome === outcome).length;
  const adjudicated = decisions.filter((decision) => decision.adjudicated).length;
  const agreement = cohenAgreement(flips.map(({ first }) => first), flips.map(({ second }) => second));
  return {
    flips: flips.length, repairs: count('optimised'), regressions: count('original'), harmless: count('both'), bothWrong: count('neither'), undecided: count('unsure'),
    agreed: flips.length - adjudicated, adjudicated, kappa: agreement?.kappa ?? null, interval: agreement?.interval ?? null, ...people, decisions,
  };
}
