// Closes a docket: every dispute is decided, and from now on the verdicts are known and final.
import type { Docket } from '#shared/contract/court';
import type { Credential } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { courtResult, type JudgedFlip } from '#core/statistics/courtResult';
import { authenticate } from '../people/authenticate.ts';
import type { Services } from '../Services.ts';
import { decided, docketRecords, getDocket, shownDocket, stateOf } from './docketRecords.ts';
import { verdictsHash } from './judge.ts';

/** UNAUTHENTICATED, LOCKED_OUT; FORBIDDEN for an Operator who did not judge; BUSY while something is undecided. */
export async function closeDocket(services: Services, { id, by }: { readonly id: string; readonly by: Credential }): Promise<Docket> {
  getDocket(services, id);
  const person = await authenticate(services, by, 'court.close');
  return services.store.atomically(() => {
    const docket = getDocket(services, id);
    const sat = [...docket.judges, ...(docket.bench ? [docket.bench] : [])].some(({ users }) => users.includes(person.user));
    if (person.role === 'Operator' && !sat) throw new AppError('FORBIDDEN', `${person.printedName} did not judge here and is an Operator.`, { hint: 'Let one of the judges, or a person of another role, close the docket.' });
    const state = stateOf(docket);
    if (state === 'closed') return shownDocket(docket);
    if (state !== 'decided') throw new AppError('BUSY', state === 'disputed' ? 'The judges differ, and not every dispute is decided.' : 'Two judges must have judged every flip.', { hint: state === 'disputed' ? 'Let a third person, or both judges together, adjudicate.' : 'Let both finish.' });
    const [first, second] = docket.judges;
    const judged = docket.flips.map(({ sample }, place): JudgedFlip => {
      const a = decided(first, place), b = decided(second, place);
      if (a === null || b === null) throw new AppError('INTERNAL', 'A verdict is missing.');
      return { sample, first: a, second: b, adjudicated: a === b ? null : decided(docket.bench, place) };
    });
    const result = courtResult(judged, { judges: docket.judges.flatMap(({ printedNames }) => printedNames), adjudicators: docket.bench?.printedNames ?? [], closedAt: new Date(services.clock()).toISOString(), closedBy: person.printedName });
    const closed = { ...docket, result };
    docketRecords(services).put(closed);
    const { decisions, ...counts } = result;
    services.store.audit.append({ actor: person.printedName, action: 'court.closed', subject: docket.title, detail: { id, seed: docket.seed, ...counts, verdictsSha256: docket.judges.map(verdictsHash), decisions } });
    return shownDocket(closed);
  });
}
