// The gRPC status of an error.
import { status } from '@grpc/grpc-js';
import { toErrorReport, type ErrorCode } from '#shared/errors';

/** A function, so that the library is loaded when it is first needed and not with the program. */
const statuses = (): Partial<Record<ErrorCode, status>> => ({
  BAD_INPUT: status.INVALID_ARGUMENT, BAD_DATA: status.INVALID_ARGUMENT, BAD_USAGE: status.INVALID_ARGUMENT, BAD_MODEL: status.INVALID_ARGUMENT, MODEL_UNSUPPORTED: status.INVALID_ARGUMENT,
  NOT_FOUND: status.NOT_FOUND, BUSY: status.UNAVAILABLE, TIMEOUT: status.DEADLINE_EXCEEDED, TOO_LARGE: status.RESOURCE_EXHAUSTED, CANCELLED: status.CANCELLED, FORBIDDEN: status.UNAUTHENTICATED,
});

export function statusOfError(error: unknown): { readonly code: status; readonly details: string } {
  const { code, message } = toErrorReport(error);
  return { code: statuses()[code] ?? status.INTERNAL, details: message };
}
