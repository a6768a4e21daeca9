// The order in which one seat sees cards and answers: drawn from the docket's seed and the people of the seat, the same at each resume.
import { createHmac } from 'node:crypto';
import type { CourtOutcome, CourtVerdict } from '#shared/contract/court';
import { assertNever } from '#shared/errors';

const drawn = (seed: string, ...of: readonly (string | number)[]): Buffer => createHmac('sha256', seed).update(JSON.stringify(of)).digest();

/** The places in the order of this seat. */
export function shuffledPlaces(seed: string, users: readonly string[], places: readonly number[]): number[] {
  const key = new Map(places.map((place) => [place, drawn(seed, 'card', users.join(' '), place).toString('hex')]));
  return [...places].sort((a, b) => ((key.get(a) ?? '') < (key.get(b) ?? '') ? -1 : 1));
}

/** True where A is the answer of the original. */
export const originalIsA = (seed: string, users: readonly string[], place: number): boolean => ((drawn(seed, 'answers', users.join(' '), place)[0] ?? 0) & 1) === 0;

export function outcomeOf(verdict: CourtVerdict, aIsOriginal: boolean): CourtOutcome {
  switch (verdict) {
    case 'a': return aIsOriginal ? 'original' : 'optimised';
    case 'b': return aIsOriginal ? 'optimised' : 'original';
    case 'both': case 'neither': case 'unsure': return verdict;
    default: return assertNever(verdict, 'verdict');
  }
}

export function verdictOf(outcome: CourtOutcome, aIsOriginal: boolean): CourtVerdict {
  switch (outcome) {
    case 'original': return aIsOriginal ? 'a' : 'b';
    case 'optimised': return aIsOriginal ? 'b' : 'a';
    case 'both': case 'neither': case 'unsure': return outcome;
    default: return assertNever(outcome, 'outcome');
  }
}
