// Who sits at the bench right now: a sitting begins with a password and ends by itself when it is not used.
import { randomBytes } from 'node:crypto';
import { AppError } from '#shared/errors';

export interface SittingRecord { readonly docketId: string; readonly role: 'judge' | 'adjudicator'; /** Users of the seat, sorted. */ readonly users: readonly string[] }
export interface Sittings { begin(record: SittingRecord): string; of(token: string): SittingRecord; end(token: string): void }

/** So long may a person look at a card; a screen that was left belongs to nobody after it. */
const idleMs = 30 * 60_000;

/** Kept in memory alone: a host that starts again asks for the password again. */
export function openSittings(clock: () => number): Sittings {
  const open = new Map<string, { readonly record: SittingRecord; usedAt: number }>();
  return {
    begin(record) {
      const token = randomBytes(24).toString('base64url');
      open.set(token, { record, usedAt: clock() });
      return token;
    },
    of(token) {
      const found = open.get(token);
      if (!found || clock() - found.usedAt > idleMs) {
        open.delete(token);
        throw new AppError('UNAUTHENTICATED', 'This sitting has ended.', { hint: 'Sit down again with user and password; every verdict given so far is kept.' });
      }
      found.usedAt = clock();
      return found.record;
    },
    end: (token) => { open.delete(token); },
  };
}
