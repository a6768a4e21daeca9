// Who sits at the bench right now.
import { openSittings, type Sittings } from '../people/sittings.ts';

export interface SittingRecord { readonly docketId: string; readonly role: 'judge' | 'adjudicator'; /** Users of the seat, sorted. */ readonly users: readonly string[] }
export type CourtSittings = Sittings<SittingRecord>;

export const openCourtSittings = (clock: () => number): CourtSittings => openSittings(clock, { message: 'This sitting has ended.', hint: 'Sit down again with user and password; every verdict given so far is kept.' });
