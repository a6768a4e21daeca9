// A sitting at work: the next card, a verdict, and the last one taken back.
import { createHash } from 'node:crypto';
import type { CourtCard, CourtVerdict } from '#shared/contract/court';
import { AppError } from '#shared/errors';
import { viewSample } from '../datasets/viewSample.ts';
import type { Services } from '../Services.ts';
import { canonicalJson } from '../store/canonicalJson.ts';
import { originalIsA, outcomeOf, shuffledPlaces, verdictOf } from './cardOrder.ts';
import { decided, disputesOf, docketRecords, getDocket, judgedBy, type Seat, type StoredDocket } from './docketRecords.ts';
import type { SittingRecord } from './sittings.ts';

export interface Tally { readonly judged: number; readonly total: number; readonly next: number | null }

/** The places of the flips that this sitting judges, in its own order. */
export function placesOf(docket: StoredDocket, { role, users }: SittingRecord): number[] {
  const places = role === 'judge' ? docket.flips.map((_, place) => place) : disputesOf(docket) ?? [];
  return shuffledPlaces(docket.seed, users, places);
}

/** Position of the first card without a verdict. */
export function nextPlace(seat: Seat, places: readonly number[]): number | null {
  const position = places.findIndex((place) => decided(seat, place) === null);
  return position === -1 ? null : position;
}

function seatOf(docket: StoredDocket, { role, users }: SittingRecord): Seat {
  const found = role === 'judge' ? docket.judges.find((seat) => seat.users.join(' ') === users.join(' ')) : docket.bench?.users.join(' ') === users.join(' ') ? docket.bench : undefined;
  if (!found) throw new AppError('FORBIDDEN', 'Others sit at this bench now.', { hint: 'Sit down again.' });
  return found;
}

function placeAt(docket: StoredDocket, sitting: SittingRecord, position: number): { places: number[]; place: number } {
  const places = placesOf(docket, sitting);
  const place = places[position];
  if (place === undefined) throw new AppError('BAD_INPUT', `There is no card ${position + 1}; there are ${places.length}.`);
  return { places, place };
}

/** NOT_FOUND and BAD_DATA where the data set is gone or changed. */
export async function showCard(services: Services, sitting: SittingRecord, position: number): Promise<CourtCard> {
  const docket = getDocket(services, sitting.docketId);
  const seat = seatOf(docket, sitting);
  const { places, place } = placeAt(docket, sitting, position);
  const flip = docket.flips[place];
  if (!flip) throw new AppError('INTERNAL', 'The docket lacks a flip.');
  const aIsOriginal = originalIsA(docket.seed, sitting.users, place);
  const verdict = decided(seat, place);
  return {
    position, judged: judgedBy(seat), total: places.length, input: await viewSample(services, docket.data, flip, 'was compared'),
    answers: aIsOriginal ? { a: flip.before, b: flip.after } : { a: flip.after, b: flip.before }, verdict: verdict === null ? null : verdictOf(verdict, aIsOriginal),
  };
}

/** Replaces an earlier verdict on the same card. FORBIDDEN once the docket is closed or what follows has begun. */
export function giveVerdict(services: Services, sitting: SittingRecord, position: number, verdict: CourtVerdict): Tally {
  return change(services, sitting, (docket, seat) => {
    const { place } = placeAt(docket, sitting, position);
    const outcome = outcomeOf(verdict, originalIsA(docket.seed, sitting.users, place));
    return { ...seat, verdicts: seat.verdicts.map((old, at) => (at === place ? outcome : old)), given: [...seat.given.filter((at) => at !== place), place] };
  }, 'court.judged');
}

/** BAD_INPUT where nothing was judged yet. */
export function takeBack(services: Services, sitting: SittingRecord): Tally {
  let position: number | null = null;
  const tally = change(services, sitting, (docket, seat) => {
    const last = seat.given.at(-1);
    if (last === undefined) throw new AppError('BAD_INPUT', 'There is no verdict to take back.');
    position = placesOf(docket, sitting).indexOf(last);
    return { ...seat, verdicts: seat.verdicts.map((old, at) => (at === last ? null : old)), given: seat.given.slice(0, -1) };
  }, 'court.undone');
  return { ...tally, next: position };
}

function change(services: Services, sitting: SittingRecord, step: (docket: StoredDocket, seat: Seat) => Seat, action: 'court.judged' | 'court.undone'): Tally {
  return services.store.atomically(() => {
    const docket = getDocket(services, sitting.docketId);
    if (docket.result !== null) throw new AppError('FORBIDDEN', 'This docket is closed; its verdicts stay.');
    if (sitting.role === 'judge' && judgedBy(docket.bench) > 0) throw new AppError('FORBIDDEN', 'The adjudication has begun: the judges\' verdicts stay as they are.', { hint: 'Let the adjudicators take theirs back first.' });
    const before = seatOf(docket, sitting);
    const places = placesOf(docket, sitting);
    const seat = step(docket, before);
    const swap = (other: Seat) => (other === before ? seat : other);
    docketRecords(services).put(sitting.role === 'judge' ? { ...docket, judges: docket.judges.map(swap) } : { ...docket, bench: seat });
    const judged = judgedBy(seat);
    const isWhole = action === 'court.judged' && judged === places.length;
    // Whoever reads the trail before the end must not learn a verdict: only a hash that binds them, once a seat is through.
    if (isWhole || action === 'court.undone') services.store.audit.append({ actor: seat.printedNames.join(' and '), action, subject: docket.title, detail: { id: docket.id, role: sitting.role, judged, of: places.length, ...(isWhole ? { verdictsSha256: verdictsHash(seat) } : {}) } });
    return { judged, total: places.length, next: nextPlace(seat, places) };
  });
}

/** Binds the verdicts of a seat without telling them; the users are part of it. */
export const verdictsHash = ({ users, verdicts }: Pick<Seat, 'users' | 'verdicts'>): string => createHash('sha256').update(canonicalJson({ users, verdicts })).digest('hex');
