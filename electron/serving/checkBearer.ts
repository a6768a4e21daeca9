// Holds the key that a caller shows against the one that the server wants, in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '#shared/errors';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** @throws FORBIDDEN */
export function checkBearer(header: string | undefined, key: string): void {
  const given = /^Bearer +(.+)$/i.exec(header ?? '')?.[1];
  if (given === undefined || !timingSafeEqual(digest(given), digest(key))) throw new AppError('FORBIDDEN', 'This server wants a bearer key, and the one given does not fit.', { hint: 'Send the header Authorization: Bearer KEY.' });
}
