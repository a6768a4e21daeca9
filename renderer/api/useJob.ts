// Starts, follows, cancels and resumes a job of one operation; finds it again after navigation or a restart.
import { useCallback, useState, useSyncExternalStore } from 'react';
import type { InputOf, JobName, OutputOf } from '#shared/contract/index';
import type { JobRecord } from '#shared/contract/jobs';
import { AppError, isErrorCode } from '#shared/errors';
import { useApi } from './ApiProvider.tsx';
import { isActive } from './jobStore.ts';
import { toAppError } from './opCache.ts';

export function useJobs(): readonly JobRecord[] {
  const { jobs } = useApi();
  return useSyncExternalStore(jobs.subscribe, jobs.jobs);
}

export interface JobControl<N extends JobName> {
  /** The job followed: the one started here, else the newest that `match` accepts. */
  readonly record: JobRecord | null;
  readonly output: OutputOf<N> | null;
  readonly error: AppError | null;
  readonly busy: boolean;
  readonly start: (input: InputOf<N>) => Promise<string | null>;
  readonly cancel: () => void;
  readonly resume: () => void;
  readonly dismiss: () => void;
}

/** Why a job failed, as the error it is; null while it goes well. */
export function errorOfJob(job: JobRecord | null): AppError | null {
  if (!job?.error || job.state === 'cancelled') return null;
  return new AppError(isErrorCode(job.error.code) ? job.error.code : 'INTERNAL', job.error.message, { hint: job.error.hint });
}

/** A job that was started at this place, and what the place was about then. */
export interface Started { readonly id: string; readonly scope: string }
/** The job that a place shows: the one started here while it was about the same, else the newest that belongs to it. */
export function jobToFollow(jobs: readonly JobRecord[], op: JobName, started: Started | null, scope: string, match?: (job: JobRecord) => boolean): JobRecord | null {
  const id = started?.scope === scope ? started.id : null;
  return jobs.find((job) => (id === null ? job.op === op && match?.(job) === true : job.id === id)) ?? null;
}

/**
 * @param match which earlier jobs of this operation belong to this place; without it only those started here
 * @param scope what the place is about, such as the model chosen on it: a job started about another is not shown under its name
 */
export function useJob<N extends JobName>(op: N, match?: (job: JobRecord) => boolean, scope = ''): JobControl<N> {
  const { connection } = useApi();
  const jobs = useJobs();
  const [started, setStarted] = useState<Started | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const [failed, setFailed] = useState<{ readonly error: AppError; readonly scope: string } | null>(null);
  const startError = failed?.scope === scope ? failed.error : null;
  const found = jobToFollow(jobs, op, started, scope, match);
  const record = found && found.id !== dismissed ? found : null;

  const start = useCallback(async (input: InputOf<N>) => {
    setStarting(true);
    setFailed(null);
    try {
      const answer = (await connection.call(op, input)) as { jobId: string };
      setStarted({ id: answer.jobId, scope });
      return answer.jobId;
    } catch (reason) { setFailed({ error: toAppError(reason), scope }); return null; }
    finally { setStarting(false); }
  }, [connection, op, scope]);
  const act = (name: 'jobs.cancel' | 'jobs.resume') => { if (record) connection.call(name, { id: record.id }).then((job) => setStarted({ id: job.id, scope }), (reason: unknown) => setFailed({ error: toAppError(reason), scope })); };

  return {
    record,
    output: record?.state === 'done' ? (record.output as OutputOf<N>) : null, // checked by the host when it was stored
    error: startError ?? errorOfJob(record),
    busy: starting || (record !== null && isActive(record)),
    start,
    cancel: () => act('jobs.cancel'),
    resume: () => act('jobs.resume'),
    dismiss: () => { setDismissed(record?.id ?? null); setFailed(null); },
  };
}
