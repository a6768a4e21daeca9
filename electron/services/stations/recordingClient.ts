// Asks a station's gateway for what its flight recorder holds.
import { z } from 'zod';
import { AppError } from '#shared/errors';
import { recordSchema, recordSummarySchema, replayedSchema, type GatewayRecord, type Replayed, type RecordSummary } from '#shared/gateway';
import { jsonOrNull } from '#shared/jsonOrNull';
import type { Gateway } from './gatewayChannel.ts';
import { askGateway } from './gatewayClient.ts';

const bodyDeadlineMs = 10_000;
/** As long as the gateway waits for a version, and a little more. */
const replayDeadlineMs = 65_000;

const lost = ({ station, port }: Gateway) => new AppError('CONNECTION_LOST', `The gateway of "${station}" does not answer at port ${port}.`, { hint: 'Look at its state and its log on the Serving screen.' });

async function read<T>(deployment: Gateway, path: string, schema: z.ZodType<T>, options: { readonly method?: string; readonly body?: string; readonly deadlineMs: number; readonly signal: AbortSignal | undefined }): Promise<T | null> {
  const answer = await askGateway(deployment, path, { ...options, key: deployment.gatewayKey });
  options.signal?.throwIfAborted();
  if (answer === null) throw lost(deployment);
  if (answer.status === 404) return null;
  const parsed = answer.status === 200 ? schema.safeParse(jsonOrNull(answer.body)) : null;
  if (!parsed?.success) throw new AppError('DOCKER_REFUSED', `The gateway of "${deployment.station}" does not tell what it recorded (HTTP ${answer.status}).`, { hint: `Restart the station: millwright station restart "${deployment.station}"` });
  return parsed.data;
}

/** Newest first. @throws CONNECTION_LOST, DOCKER_REFUSED */
export const recordList = async (deployment: Gateway, signal?: AbortSignal): Promise<RecordSummary[]> => await read(deployment, '/gateway/records', z.array(recordSummarySchema), { deadlineMs: bodyDeadlineMs, signal }) ?? [];

/** Null where newer ones have pushed it out. @throws CONNECTION_LOST, DOCKER_REFUSED */
export const recordBySeq = (deployment: Gateway, seq: number, signal?: AbortSignal): Promise<GatewayRecord | null> => read(deployment, `/gateway/records/${seq}`, recordSchema, { deadlineMs: bodyDeadlineMs, signal });

/** Null where newer ones have pushed it out. @throws CONNECTION_LOST, DOCKER_REFUSED */
export const replayRecord = (deployment: Gateway, target: string, seq: number, tolerance: number, signal?: AbortSignal): Promise<Replayed | null> => read(deployment, '/gateway/replay', replayedSchema, { method: 'POST', body: JSON.stringify({ target, seq, tolerance }), deadlineMs: replayDeadlineMs, signal });
