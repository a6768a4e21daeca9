// Which run's result the screen shows: the last one's, or while that has none the one before it.
import type { JobRecord } from '#shared/contract/jobs';

/**
 * A run that was cancelled, interrupted or failed does not hide an earlier good result; one that runs does, until it has ended.
 * @param jobs newest first
 * @param mine which of them belong to the model
 */
export function resultToShow(jobs: readonly JobRecord[], last: JobRecord | null, busy: boolean, mine: (record: JobRecord) => boolean): JobRecord | null {
  if (busy) return null;
  if (last?.state === 'done') return last;
  return jobs.find((record) => record.op === 'models.quantize' && record.state === 'done' && mine(record)) ?? null;
}
