// Waits for a job from the terminal: progress and log on stderr, events with --ndjson, Ctrl-C once to stop at a checkpoint and twice to end.
import type { Call } from '#shared/contract/index';
import type { JobRecord } from '#shared/contract/jobs';
import { AppError, fromErrorReport, isErrorCode } from '#shared/errors';
import type { ProgressLine } from './progressLine.ts';

export interface FollowOptions {
  readonly call: Call;
  /** What goes on with a job, before its id. */
  readonly resumeCommand: string;
  readonly line: ProgressLine;
  readonly event: (event: Readonly<Record<string, unknown>>) => void;
  /** Calls the listener at each Ctrl-C; answers how to stop listening. */
  readonly onInterrupt: (listener: (press: number) => void) => () => void;
}

const ended: readonly JobRecord['state'][] = ['done', 'failed', 'cancelled', 'interrupted'];

/** Answers the output of the job; throws its error, or CANCELLED. */
export async function followJob(jobId: string, { call, resumeCommand, line, event, onInterrupt }: FollowOptions): Promise<unknown> {
  const stop = new AbortController();
  let last: JobRecord | null = null;
  const stopListening = onInterrupt((press) => {
    line.note(press === 1 ? 'Stopping at the next checkpoint. Press Ctrl-C again to end now.' : 'Ending now.');
    void call('jobs.cancel', { id: jobId, force: press > 1 }).catch(() => undefined);
  });
  try {
    await call('jobs.watch', { id: jobId }, {
      signal: stop.signal,
      onEvent(record) {
        last = record;
        line.show(record);
        event({ event: 'job', jobId, state: record.state, progress: record.progress });
        if (ended.includes(record.state)) stop.abort();
      },
    }).catch((error: unknown) => { if (!stop.signal.aborted) throw error; });
  } finally {
    stopListening();
    line.end();
  }
  const record: JobRecord = last ?? await call('jobs.show', { id: jobId });
  if (record.state === 'done') return record.output;
  if (record.state === 'failed' && record.error) {
    const { code, message, hint } = record.error;
    throw fromErrorReport({ code: isErrorCode(code) ? code : 'INTERNAL', message, hint });
  }
  throw new AppError('CANCELLED', record.state === 'interrupted' ? 'The job was interrupted.' : 'The job was cancelled.', { hint: `Go on with: ${resumeCommand} ${jobId}` });
}
