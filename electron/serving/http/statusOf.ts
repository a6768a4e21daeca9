// The HTTP status of an error: 400 for what the caller can correct, 404, 413, 503 with the advice to come again, 500 for the rest.
import { toErrorReport, type ErrorCode } from '#shared/errors';
import { jsonReply, type Reply } from './HttpExchange.ts';

const statuses: Partial<Record<ErrorCode, number>> = {
  BAD_INPUT: 400, BAD_DATA: 400, BAD_USAGE: 400, BAD_MODEL: 400, MODEL_UNSUPPORTED: 400, NOT_FOUND: 404, TOO_LARGE: 413, BUSY: 503, TIMEOUT: 503, CANCELLED: 499, FORBIDDEN: 401,
};

export function errorReply(error: unknown): Reply {
  const { code, message } = toErrorReport(error);
  const status = statuses[code] ?? 500;
  const reply = jsonReply({ error: message }, status);
  return status === 503 ? { ...reply, headers: { 'retry-after': '1' } } : status === 401 ? { ...reply, headers: { 'www-authenticate': 'Bearer' } } : reply;
}
