// The task tray: every job the host knows, with progress, cancel, resume and its log.
import { IconPlayerPlay, IconPlayerStop, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { JobRecord, JobState } from '#shared/contract/jobs';
import { isActive } from '../api/jobStore.ts';
import { errorOfJob, useJobs } from '../api/useJob.ts';
import { useAction, useOp } from '../api/useOp.ts';
import { Button, CopyButton, IconButton } from '../ui/Button.tsx';
import { Loading } from '../ui/Card.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatClock, formatDuration } from '../ui/format.ts';
import { ProgressLine } from '../ui/ProgressLine.tsx';
import { StatusWord, type Tone } from '../ui/Status.tsx';
import { TimeAgo } from '../ui/Text.tsx';

export const jobTones: Readonly<Record<JobState, Tone>> = { queued: 'dim', running: 'busy', cancelling: 'busy', cancelled: 'dim', interrupted: 'paused', failed: 'bad', done: 'ok' };
export const jobWords: Readonly<Record<JobState, string>> = { queued: 'Waiting', running: 'Running', cancelling: 'Stopping', cancelled: 'Cancelled', interrupted: 'Interrupted', failed: 'Failed', done: 'Done' };

function Task({ job, open, onOpen }: { readonly job: JobRecord; readonly open: boolean; readonly onOpen: () => void }) {
  const cancel = useAction('jobs.cancel');
  const resume = useAction('jobs.resume');
  const active = isActive(job);
  return (
    <li className="task" aria-current={open}>
      <button type="button" className="task-open" onClick={onOpen} title="Show its log">
        <div className="clip"><span className="strong">{job.title}</span> <span className="dim">{job.subject}</span></div>
        <div className="row small dim"><StatusWord tone={jobTones[job.state]}>{jobWords[job.state]}</StatusWord><TimeAgo iso={job.endedAt ?? job.startedAt ?? job.createdAt} />{job.startedAt && job.endedAt && <span>took {formatDuration(Date.parse(job.endedAt) - Date.parse(job.startedAt))}</span>}</div>
      </button>
      <div>{active ? <ProgressLine progress={job.progress} startedAt={job.startedAt} /> : job.error && job.state !== 'cancelled' ? <span className="small clip tone-bad" title={job.error.message}>{job.error.code}</span> : null}</div>
      <span className="row">
        {active && <Button size="tiny" icon={<IconPlayerStop size={12} aria-hidden />} disabled={cancel.busy} onClick={() => void cancel.run({ id: job.id })}>{job.state === 'cancelling' ? 'End now' : 'Cancel'}</Button>}
        {!active && job.resumable && job.state !== 'done' && <Button size="tiny" icon={<IconPlayerPlay size={12} aria-hidden />} disabled={resume.busy} onClick={() => void resume.run({ id: job.id })}>Resume</Button>}
      </span>
    </li>
  );
}

function Log({ id }: { readonly id: string }) {
  const shown = useOp('jobs.show', { id });
  if (shown.error) return <ErrorNote error={shown.error} onRetry={shown.reload} />;
  if (!shown.data) return <Loading what="the log" />;
  const job = shown.data;
  const failure = errorOfJob(job);
  return (
    <div className="stack tight">
      {failure && <ErrorNote error={failure} />}
      <div className="row small dim"><span>Attempt {job.attempt}</span><code>{job.id}</code><CopyButton text={job.log.map((entry) => `${entry.at} ${entry.line}`).join('\n')} label="Copy the log" /></div>
      {job.log.length === 0 ? <p className="dim small">Nothing was written to the log.</p> : <div role="log" aria-label="Log">{job.log.map((entry, index) => <div className="log-line" key={index}><span className="dim">{formatClock(entry.at)}</span><span className="prewrap">{entry.line}</span></div>)}</div>}
    </div>
  );
}

export function TaskDock({ onClose }: { readonly onClose: () => void }) {
  const jobs = useJobs();
  const [chosen, setChosen] = useState<string | null>(null);
  const open = chosen ?? jobs[0]?.id ?? null;
  const running = jobs.filter(isActive).length;
  return (
    <section className="dock" aria-label="Tasks" onKeyDown={(event) => { if (event.key === 'Escape') onClose(); }}>
      <header><h3>Tasks</h3><span className="dim">{running} running · {jobs.length} in all</span><span className="grow" /><IconButton label="Close the task list" icon={<IconX size={15} aria-hidden />} onClick={onClose} /></header>
      {jobs.length === 0 ? <p className="dim" style={{ padding: 20 }}>No task has run yet. Imports, optimising, validation and benchmarks show here and go on when you leave their screen.</p> : (
        <div className="dock-body">
          <ul className="dock-list">{jobs.map((job) => <Task key={job.id} job={job} open={job.id === open} onOpen={() => setChosen(job.id)} />)}</ul>
          <div className="dock-log" tabIndex={0} role="region" aria-label="Log of the task">{open && <Log key={open} id={open} />}</div>
        </div>
      )}
    </section>
  );
}
