// The threshold as it is typed: a score, and the class that it is on.
import type { Threshold } from '#shared/contract/decision';
import { AppError } from '#shared/errors';

/** @throws BAD_USAGE */
export function thresholdOf(text: string, positive: string | undefined): Threshold {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new AppError('BAD_USAGE', `The threshold is "${text}", but it must be a number.`);
  return { value, positive: positive ?? null };
}
