// A trial under way: both versions side by side in the gateway's figures, the change of the share, and the two ways to end it.
import { IconArrowUp, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ServingView, Trial } from '#shared/contract/serving';
import { useJob, type JobControl } from '../../api/useJob.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { Button, ConfirmButton } from '../../ui/Button.tsx';
import { Card, Note, Stat, Stats } from '../../ui/Card.tsx';
import { formatCount, formatMs, formatShare } from '../../ui/format.ts';
import { DifferenceStats, Differences } from './ComparedAnswers.tsx';
import { breakerTones, breakerWords, isAbout } from './words.ts';
import { errorShareOf, judgeTrial, trafficOf, type Traffic } from './trialFigures.ts';
import { draftOf, TrialFields, trialOf } from './TrialFields.tsx';
import { StatusWord } from '../../ui/Status.tsx';

/** `end` is the job of the screen's own roll back: during a trial it withdraws the new version. */
export function TrialLive({ view, candidate, trial, end }: { readonly view: ServingView; readonly candidate: string; readonly trial: Trial; readonly end: JobControl<'serving.rollback'> }) {
  const [draft, setDraft] = useState(() => draftOf(trial));
  const split = useJob('serving.split', isAbout(view.stationId));
  const promote = useJob('serving.promote', isAbout(view.stationId));
  const jobs = [split, promote];
  const wanted = trialOf(draft);
  const changed = JSON.stringify(wanted) !== JSON.stringify(trial);
  const busy = end.busy || jobs.some((job) => job.busy) || view.operation !== null;
  const closed = busy || view.desired !== 'running';
  const model = view.versions.find(({ id }) => id === candidate)?.modelName ?? 'unknown model';
  const judgement = judgeTrial(view);
  return (
    <>
      <Card title={`${candidate} on trial`} unit={model} aside={<span className="row">
        <ConfirmButton icon={<IconX size={14} aria-hidden />} question={`Take ${candidate} away?`} yes="End the trial" disabled={closed} onConfirm={() => void end.start({ stationId: view.stationId })}>End the trial</ConfirmButton>
        <ConfirmButton primary icon={<IconArrowUp size={15} aria-hidden />} question={`Let ${candidate} answer everything?`} yes="Promote" disabled={closed} onConfirm={() => void promote.start({ stationId: view.stationId })}>Promote</ConfirmButton></span>}>
        <div className="stack">
          <Note tone={judgement.tone}>{judgement.text}</Note>
          {jobs.map((job, index) => <JobPanel key={index} job={job} />)}
          <Comparison view={view} candidate={candidate} />
        </div>
      </Card>
      {trial.kind === 'shadow' && view.shadow && <Answers shadow={view.shadow} live={view.live} candidate={candidate} />}
      <Card title="What it sees" unit={trialWords(trial)}>
        <div className="stack">
          <TrialFields draft={draft} onChange={setDraft} live={view.live} disabled={closed} />
          <div className="row"><Button disabled={closed || !changed || !wanted} onClick={() => { if (wanted) void split.start({ stationId: view.stationId, trial: wanted }); }}>{split.busy ? 'Changing' : 'Change'}</Button>{changed && !closed && <Button look="quiet" onClick={() => setDraft(draftOf(trial))}>Leave it as it is</Button>}</div>
        </div>
      </Card>
    </>
  );
}

const trialWords = ({ kind, percent, keyHeader }: Trial): string => (kind === 'shadow' ? `copies of ${percent} % of the requests` : `${percent} % of the requests${keyHeader ? `, by ${keyHeader}` : ''}`);

function Comparison({ view, candidate }: { readonly view: ServingView; readonly candidate: string }) {
  return (
    <div className="stack tight">
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Comparison of the two versions"><table className="data static">
        <thead><tr><th scope="col">Version</th><th scope="col">Circuit breaker</th><th className="n" scope="col">Requests</th><th className="n" scope="col">Failed</th><th className="n" scope="col">Error share</th><th className="n" scope="col">Latency p50</th><th className="n" scope="col">Latency p99</th></tr></thead>
        <tbody>{[view.live, candidate].map((id) => <Compared key={id} id={id} role={id === candidate ? 'on trial' : 'live'} traffic={trafficOf(view, id)} />)}</tbody>
      </table></div>
      <p className="dim small">The last five minutes at the gateway, for both the same: inferences over HTTP. Percentiles are right within 5 %. gRPC goes to its version by connection and is not counted here.</p>
    </div>
  );
}

function Compared({ id, role, traffic }: { readonly id: string; readonly role: string; readonly traffic: Traffic | null }) {
  const share = errorShareOf(traffic);
  const recent = traffic?.recent;
  const ms = (value: number | null | undefined) => (value === null || value === undefined ? '–' : formatMs(value));
  return (
    <tr><td><span className="strong">{id}</span>, {role}</td><td>{traffic ? <StatusWord tone={breakerTones[traffic.breaker]}>{breakerWords[traffic.breaker]}</StatusWord> : '–'}</td><td className="n">{recent ? formatCount(recent.requests) : '–'}</td><td className="n">{recent ? formatCount(recent.failed) : '–'}</td>
      <td className="n">{share === null ? '–' : formatShare(share)}</td><td className="n">{ms(recent?.p50Ms)}</td><td className="n">{ms(recent?.p99Ms)}</td></tr>
  );
}

function Answers({ shadow, live, candidate }: { readonly shadow: NonNullable<ServingView['shadow']>; readonly live: string; readonly candidate: string }) {
  const compared = shadow.same + shadow.different;
  return (
    <Card title="Answers compared" unit={`${candidate} against ${live}, since this trial began or the gateway last started`}>
      <div className="stack">
        <Stats>
          <Stat label="The same" value={formatCount(shadow.same)} note={compared === 0 ? 'nothing compared yet' : `${formatShare(shadow.same / compared)} of ${formatCount(compared)}`} />
          <DifferenceStats counts={shadow} tolerance="a thousandth" version={candidate} />
          <Stat label="Left out" value={formatCount(shadow.skipped)} note="so that the line is not slowed down" />
        </Stats>
        <Differences label="Last differences" heading={`${live} against ${candidate}`} rows={shadow.differences} />
      </div>
    </Card>
  );
}
