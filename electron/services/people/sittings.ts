// Who sits at a screen right now: a sitting begins once the person is known, and ends by itself when it is not used.
import { randomBytes } from 'node:crypto';
import { AppError } from '#shared/errors';

export interface Sittings<T> { begin(record: T): string; of(token: string): T; end(token: string): void }

/** So long may a person look at a sample; a screen that was left belongs to nobody after it. */
const idleMs = 30 * 60_000;

/** Kept in memory alone: a host that starts again asks anew. @param ended the refusal of a token that is not known or was idle too long */
export function openSittings<T>(clock: () => number, ended: { readonly message: string; readonly hint: string }): Sittings<T> {
  const open = new Map<string, { readonly record: T; usedAt: number }>();
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
        throw new AppError('UNAUTHENTICATED', ended.message, { hint: ended.hint });
      }
      found.usedAt = clock();
      return found.record;
    },
    end: (token) => { open.delete(token); },
  };
}
