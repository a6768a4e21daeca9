// The error for a request that is not formed as the protocol wants it.
import { AppError } from '#shared/errors';

export const badInput = (message: string): AppError => new AppError('BAD_INPUT', message);
