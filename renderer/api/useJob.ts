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

/** @param match which earlier jobs of this operation belong to this place; without it only those started here */
export function useJob<N extends JobName>(op: N, match?: (job: JobRecord) => boolean): JobControl<N> {
  const { connection } = useApi();
  const jobs = useJobs();
  const [jobId, setJobId] = useState<string | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const [startError, setStartError] = useState<AppError | null>(null);
  const found = jobs.find((job) => (jobId ? job.id === jobId : job.op === op && match?.(job) === true)) ?? null;
  const record = found && found.id !== dismissed ? found : null;

  const start = useCallback(async (input: InputOf<N>) => {
    setStarting(true);
    setStartError(null);
    try {
      const answer = (await connection.call(op, input)) as { jobId: string };
      setJobId(answer.jobId);
      return answer.jobId;
    } catch (reason) { setStartError(toAppError(reason)); return null; }
    finally { setStarting(false); }
  }, [connection, op]);
  const act = (name: 'jobs.cancel' | 'jobs.resume') => { if (record) connection.call(name, { id: record.id }).then((job) => setJobId(job.id), (reason: unknown) => setStartError(toAppError(reason))); };

  return {
    record,
    output: record?.state === 'done' ? (record.output as OutputOf<N>) : null, // checked by the host when it was stored
    error: startError ?? errorOfJob(record),
    busy: starting || (record !== null && isActive(record)),
    start,
    cancel: () => act('jobs.cancel'),
    resume: () => act('jobs.resume'),
    dismiss: () => { setDismissed(record?.id ?? null); setStartError(null); },
  };
}
