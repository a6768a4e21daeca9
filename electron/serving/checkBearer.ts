// Holds the key that a caller shows against the one that the server wants, in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '#shared/errors';

/** The key in the header `Authorization: Bearer KEY` (RFC 6750); null where there is none. */
export const bearerOf = (header: string | undefined): string | null => /^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? null;

/** By it keys are held against each other, and known where only their hash is kept. */
export const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** @throws FORBIDDEN */
export function checkBearer(header: string | undefined, key: string): void {
  const given = bearerOf(header);
  if (given === null || !timingSafeEqual(digestOf(given), digestOf(key))) throw new AppError('FORBIDDEN', 'This server wants a bearer key, and the one given does not fit.', { hint: 'Send the header Authorization: Bearer KEY.' });
}
