// A job where it was started: stage, progress, cancel, resume, and why it failed.
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import type { JobName } from '#shared/contract/index';
import { useApi } from '../api/ApiProvider.tsx';
import { restOfStageMs } from '../api/jobStore.ts';
import type { JobControl } from '../api/useJob.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatDuration } from '../ui/format.ts';
import { ProgressLine } from '../ui/ProgressLine.tsx';
import { StatusWord } from '../ui/Status.tsx';
import { Note } from '../ui/Card.tsx';

const stagesShown = 8;
/** The stages that are behind the job, with the time each took; nothing before the first has ended. */
function PastStages({ id }: { readonly id: string }) {
  const seen = useApi().jobs.stagesOf(id);
  const past = seen.slice(0, -1).map((each, index) => ({ ...each, tookMs: (seen[index + 1]?.atMs ?? each.atMs) - each.atMs }));
  if (past.length === 0) return null;
  return <ol className="row wrap small dim" aria-label="Stages done">{past.slice(-stagesShown).map((each) => <li key={`${each.stage}${each.atMs}`}><StatusWord tone="ok">{each.stage} {formatDuration(each.tookMs)}</StatusWord></li>)}</ol>;
}

/** Draws nothing while there is nothing to say. */
export function JobPanel<N extends JobName>({ job, quietWhenDone = true }: { readonly job: JobControl<N>; readonly quietWhenDone?: boolean }) {
  const { record, error, busy } = job;
  const stages = useApi().jobs;
  if (!busy && !error && (!record || (record.state === 'done' && quietWhenDone))) return null;
  const pace = record?.state === 'running' ? stages.stagesOf(record.id).at(-1)?.pace : undefined;
  const restMs = pace && ((nowMs: number) => restOfStageMs(pace, nowMs));
  const stopped = record?.state === 'cancelled' || record?.state === 'interrupted';
  return (
    <div className="stack tight">
      {busy && record && (
        <div className="row">
          <div className="grow"><ProgressLine progress={record.progress ?? { stage: record.state === 'queued' ? 'Waiting for its turn' : 'Starting', done: 0, total: 0 }} startedAt={record.startedAt ?? record.createdAt} restMs={restMs} /></div>
          <Button size="tiny" icon={<IconPlayerStop size={13} aria-hidden />} onClick={job.cancel}>{record.state === 'cancelling' ? 'End now' : 'Cancel'}</Button>
        </div>
      )}
      {busy && record && <PastStages id={record.id} />}
      {record?.state === 'cancelling' && <p className="dim small">Finishing the present unit and keeping what is done. “End now” stops the worker at once.</p>}
      {stopped && (
        <div className="row"><Note tone="warn">{record.state === 'interrupted' ? 'It was interrupted: the host ended while it ran. What was finished is kept.' : 'It was cancelled. What was finished is kept.'}</Note>
          {record.resumable && <Button size="tiny" icon={<IconPlayerPlay size={13} aria-hidden />} onClick={job.resume}>Resume</Button>}</div>
      )}
      {error && <ErrorNote error={error} onRetry={record?.resumable ? job.resume : undefined} retryLabel={record?.state === 'failed' ? 'Try again' : 'Resume'} />}
    </div>
  );
}
