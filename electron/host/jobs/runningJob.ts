// One attempt of one job: its signals, its throttled progress, its log, and how its end is told.
import { setMaxListeners } from 'node:events';
import { AppError, isAppError, toErrorReport, type ErrorReport } from '#shared/errors';
import type { Progress } from '#shared/progress';
import type { JobContext, Logger } from '#services/Services';
import type { JobTable } from './jobTable.ts';

/** Progress and log lines are stored and told at most this often. */
export const progressEveryMs = 200;
/** After the second cancel a job has this long to end by itself. */
export const killGraceMs = 3000;

export type Ending = { readonly state: 'done'; readonly output: unknown } | { readonly state: 'cancelled' | 'interrupted' } | { readonly state: 'failed'; readonly error: ErrorReport };

export interface RunningJob {
  readonly ended: Promise<void>;
  /** 1: finish the unit and checkpoint; 2: end now. */
  cancel(level: number, because: 'cancelled' | 'interrupted'): void;
}

export interface Attempt {
  readonly id: string;
  readonly workDir: string;
  readonly table: JobTable;
  readonly log: Logger;
  readonly clock: () => number;
  readonly told: () => void;
  readonly run: (context: JobContext) => Promise<unknown>;
  readonly end: (ending: Ending) => Promise<void>;
}

export function runJobAttempt({ id, workDir, table, log, clock, told, run, end }: Attempt): RunningJob {
  const gentle = new AbortController();
  const hard = new AbortController();
  setMaxListeners(0, gentle.signal, hard.signal); // every step and worker of a job listens
  let because: 'cancelled' | 'interrupted' = 'cancelled';
  let progress: Progress | null = null;
  let lines: Array<{ at: number; line: string }> = [];
  let timer: NodeJS.Timeout | null = null;
  let over = false;

  const flush = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (progress === null && lines.length === 0) return;
    try {
      if (progress) table.setProgress(id, progress);
      if (lines.length > 0) table.addLog(id, lines);
      told();
    } catch (error) {
      log.warn('The progress of a job could not be stored.', { jobId: id, error: String(error) });
    }
    progress = null;
    lines = [];
  };
  const later = () => { timer ??= setTimeout(flush, progressEveryMs); };

  const context: JobContext = {
    jobId: id, workDir, signal: gentle.signal, killSignal: hard.signal, resumeState: table.checkpointOf(id),
    progress(next) { if (!over) { progress = next; later(); } },
    log(line) { if (!over) { lines.push({ at: clock(), line }); later(); } },
    checkpoint(state) { if (!over) { table.setCheckpoint(id, state); } },
  };

  const endingOf = (error: unknown): Ending => {
    const report = toErrorReport(error);
    const stopped = gentle.signal.aborted && (hard.signal.aborted || report.code === 'CANCELLED' || error === gentle.signal.reason);
    if (stopped) return { state: because };
    if (!isAppError(error)) log.error('A job failed unexpectedly.', { jobId: id, error: error instanceof Error ? error.stack ?? error.message : String(error) });
    return { state: 'failed', error: report };
  };

  const killed = new Promise<never>((_, reject) => {
    hard.signal.addEventListener('abort', () => { setTimeout(() => reject(new AppError('CANCELLED', 'It was ended.')), killGraceMs).unref(); }, { once: true });
  });
  killed.catch(() => undefined);

  const ended = Promise.race([Promise.resolve().then(() => run(context)), killed])
    .then((output): Ending => ({ state: 'done', output }), endingOf)
    .then(async (ending) => {
      flush();
      over = true;
      await end(ending);
    })
    .catch((error: unknown) => log.error('The end of a job could not be stored.', { jobId: id, error: String(error) }));

  return {
    ended,
    cancel(level, reason) {
      because = reason;
      if (!gentle.signal.aborted) gentle.abort(new AppError('CANCELLED', 'It was cancelled.'));
      if (level >= 2 && !hard.signal.aborted) hard.abort(new AppError('CANCELLED', 'It was ended.'));
    },
  };
}
