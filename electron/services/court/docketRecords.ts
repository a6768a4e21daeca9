// The dockets of the flip court as they are stored, and what of them may be seen before they are closed.
import { z } from 'zod';
import { courtOutcomeSchema, courtResultSchema, docketSchema, type CourtOutcome, type Docket } from '#shared/contract/court';
import { flipSchema } from '#shared/contract/optimize';
import { dataRefSchema } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import type { Collection } from '../store/Store.ts';

/** One side of the bench: a judge, or the adjudicators. */
const seatSchema = z.object({
  users: z.array(z.string()), printedNames: z.array(z.string()),
  /** By the place of the flip in the docket. */
  verdicts: z.array(courtOutcomeSchema.nullable()),
  /** Places of the flips in the order in which they were judged, for taking the last one back. */
  given: z.array(z.number().int()),
});
export type Seat = z.infer<typeof seatSchema>;

export const storedDocketSchema = docketSchema.pick({ id: true, title: true, source: true, createdAt: true, reportSha256: true }).extend({
  data: dataRefSchema, manifestSha256: z.string().nullable(), flips: z.array(flipSchema.extend({ index: z.number().int() })),
  /** What the order of cards and answers is drawn from. */
  seed: z.string(),
  judges: z.array(seatSchema).max(2), bench: seatSchema.nullable(), result: courtResultSchema.nullable(),
});
export type StoredDocket = z.infer<typeof storedDocketSchema>;

export const docketRecords = (services: Pick<Services, 'store'>): Collection<StoredDocket> => services.store.collection('court', storedDocketSchema);

export function getDocket(services: Pick<Services, 'store'>, id: string): StoredDocket {
  const found = docketRecords(services).get(id);
  if (found === null) throw new AppError('NOT_FOUND', `There is no docket with the id ${id}.`, { hint: '`millwright court list` shows all.' });
  return found;
}

export const judgedBy = (seat: Seat | null): number => seat?.verdicts.filter((verdict) => verdict !== null).length ?? 0;

const bothDone = ({ judges, flips }: StoredDocket): boolean => judges.length === 2 && judges.every((seat) => judgedBy(seat) === flips.length);

/** Places of the flips on which the judges differ; null until both are done. */
export function disputesOf(docket: StoredDocket): number[] | null {
  if (!bothDone(docket)) return null;
  return docket.flips.flatMap((_, place) => (docket.judges[0]?.verdicts[place] === docket.judges[1]?.verdicts[place] ? [] : [place]));
}

export function stateOf(docket: StoredDocket): Docket['state'] {
  if (docket.result !== null) return 'closed';
  const disputes = disputesOf(docket);
  if (disputes === null) return 'judging';
  return disputes.some((place) => (docket.bench?.verdicts[place] ?? null) === null) ? 'disputed' : 'decided';
}

/** Counts only: who judged what stays hidden until the docket is closed. */
export function shownDocket(docket: StoredDocket): Docket {
  const { id, title, source, createdAt, flips, judges, bench, result, reportSha256 } = docket;
  return {
    id, title, source, createdAt, state: stateOf(docket), flips: flips.length, result, reportSha256,
    judges: judges.map((seat) => ({ user: seat.users[0] ?? '', printedName: seat.printedNames[0] ?? '', judged: judgedBy(seat) })),
    disputed: disputesOf(docket)?.length ?? null, adjudicated: judgedBy(bench), adjudicators: bench?.printedNames ?? [],
  };
}

export const decided = (seat: Seat | null | undefined, place: number): CourtOutcome | null => seat?.verdicts[place] ?? null;
