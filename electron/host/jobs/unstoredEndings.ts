// How jobs ended whose end the store did not take, its disk being full: told so at once, and stored when there is room again.
import type { JobRecord } from '#shared/contract/jobs';
import { toErrorReport } from '#shared/errors';
import type { Ending } from './runningJob.ts';

export interface UnstoredEndings {
  /** A job whose output could not be stored has failed: nobody could look at it later. */
  keep(id: string, ending: Ending, because: unknown): void;
  /** The record as it would be. */
  over<R extends JobRecord | null>(record: R): R;
  /** Tries again, and answers which were stored. @throws what `store` throws; the rest stays. */
  store(store: (id: string, ending: Ending) => void): string[];
}

export function createUnstoredEndings(): UnstoredEndings {
  const endings = new Map<string, Ending>();
  return {
    keep(id, ending, because) { endings.set(id, ending.state === 'done' ? { state: 'failed', error: toErrorReport(because) } : ending); },
    over(record) {
      const ending = record === null ? undefined : endings.get(record.id);
      return ending === undefined ? record : { ...record, state: ending.state, resumable: true, ...(ending.state === 'failed' ? { error: ending.error } : {}) };
    },
    store(store) {
      const stored: string[] = [];
      for (const [id, ending] of endings) {
        store(id, ending);
        endings.delete(id);
        stored.push(id);
      }
      return stored;
    },
  };
}
