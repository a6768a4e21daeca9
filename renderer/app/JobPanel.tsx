// A job where it was started: stage, progress, cancel, resume, and why it failed.
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import type { JobName } from '#shared/contract/index';
import type { JobControl } from '../api/useJob.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { ProgressLine } from '../ui/ProgressLine.tsx';
import { Note } from '../ui/Card.tsx';

/** Draws nothing while there is nothing to say. */
export function JobPanel<N extends JobName>({ job, quietWhenDone = true }: { readonly job: JobControl<N>; readonly quietWhenDone?: boolean }) {
  const { record, error, busy } = job;
  if (!busy && !error && (!record || (record.state === 'done' && quietWhenDone))) return null;
  const stopped = record?.state === 'cancelled' || record?.state === 'interrupted';
  return (
    <div className="stack tight">
      {busy && record && (
        <div className="row">
          <div className="grow"><ProgressLine progress={record.progress ?? { stage: record.state === 'queued' ? 'Waiting for its turn' : 'Starting', done: 0, total: 0 }} startedAt={record.startedAt ?? record.createdAt} /></div>
          <Button size="tiny" icon={<IconPlayerStop size={13} aria-hidden />} onClick={job.cancel}>{record.state === 'cancelling' ? 'End now' : 'Cancel'}</Button>
        </div>
      )}
      {record?.state === 'cancelling' && <p className="dim small">Finishing the present unit and keeping what is done. “End now” stops the worker at once.</p>}
      {stopped && (
        <div className="row"><Note tone="warn">{record.state === 'interrupted' ? 'It was interrupted: the host ended while it ran. What was finished is kept.' : 'It was cancelled. What was finished is kept.'}</Note>
          {record.resumable && <Button size="tiny" icon={<IconPlayerPlay size={13} aria-hidden />} onClick={job.resume}>Resume</Button>}</div>
      )}
      {error && <ErrorNote error={error} onRetry={record?.resumable ? job.resume : undefined} retryLabel={record?.state === 'failed' ? 'Try again' : 'Resume'} />}
    </div>
  );
}
