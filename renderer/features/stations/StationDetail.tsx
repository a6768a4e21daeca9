// One station: commission it, watch the eight steps, see verdicts, its model and data, its history.
import { IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import type { CommissionOutput, StationRecord } from '#shared/contract/stations';
import { useApi } from '../../api/ApiProvider.tsx';
import { useJob, useJobs } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { StaleNote } from '../../app/StaleNote.tsx';
import { useCrumb } from '../../app/crumbs.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { jobTones, jobWords } from '../../app/TaskDock.tsx';
import { removeWithUndo } from '../../app/undo.ts';
import { Button, ConfirmButton, PrimaryAction, PrimaryLink } from '../../ui/Button.tsx';
import { Card, EmptyState, Loading, Note, PageHead } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime, formatDuration, stationTitle } from '../../ui/format.ts';
import { LimitTable } from '../../ui/LimitTable.tsx';
import { Badge, StatusWord, ToneIcon, VerdictWord, verdictTone, type Tone } from '../../ui/Status.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { StationSetup } from './StationSetup.tsx';
import { isRunOf, stationTone, stationWord, stepWords, viewSteps, type StepView } from './words.ts';

type View = 'commission' | 'setup' | 'validation' | 'history';
const stepTones: Readonly<Record<StepView['state'], Tone>> = { waiting: 'dim', now: 'busy', done: 'ok', warn: 'warn', failed: 'bad', skipped: 'dim' };
const stepStates: Readonly<Record<StepView['state'], string>> = { waiting: 'waiting', now: 'running', done: 'done', warn: 'done with a warning', failed: 'failed', skipped: 'skipped' };

export function Steps({ steps }: { readonly steps: readonly StepView[] }) {
  return <ol className="steps" aria-label="Steps of commissioning">{steps.map((each, index) => <li key={each.step} className={`step ${each.state === 'now' ? 'now' : ''}`} aria-current={each.state === 'now' ? 'step' : undefined}><span className="name"><ToneIcon tone={stepTones[each.state]} />{index + 1} {stepWords[each.step].name}<span className="visually-hidden">, {stepStates[each.state]}</span></span><p title={each.text}>{each.text}</p>{each.durationMs !== null && <span className="time">{formatDuration(each.durationMs)}</span>}</li>)}</ol>;
}

function VerdictBar({ output }: { readonly output: CommissionOutput }) {
  const tone = verdictTone(output.verdict);
  const failed = output.limits.filter((limit) => limit.verdict !== 'PASS').length;
  return (
    <div className={`verdict ${tone}`} role="status"><span className="word"><ToneIcon tone={tone} size={22} />{output.verdict}</span><span className="grow dim">{failed === 0 ? `All ${output.limits.length} limits are kept.` : `${failed} of ${output.limits.length} limits are not kept or not measured.`} {output.candidateModelId ? 'The optimised model goes on.' : 'The original model was kept.'}</span>
      <Button onClick={() => navigate(routeHref('models', output.candidateModelId ?? output.modelId))}>Show the model</Button></div>
  );
}

export function StationDetail({ id }: { readonly id: string }) {
  const { query, setQuery } = useRoute();
  const { connection } = useApi();
  const found = useOp('stations.get', { id });
  const station = found.data;
  const commission = useJob('stations.commission', (job) => isRunOf(job, station ?? { id, name: '' }));
  useCrumb(station ? stationTitle(station) : 'Station');
  if (found.error && !station) return <ErrorNote error={found.error} onRetry={found.reload} />;
  if (!station) return <Card label="Station"><Loading what="the station" rows={8} /></Card>;
  const view = (query.tab ?? (station.modelId && station.testId ? 'commission' : 'setup')) as View;
  const ready = station.modelId !== null && station.testId !== null;
  const start = () => { setQuery({ tab: null }); void commission.start({ stationId: id }); };
  const remove = () => { navigate(routeHref('stations')); removeWithUndo(id, `${station.name} was removed.`, () => { connection.call('stations.remove', { id }).catch(() => undefined); }); };
  const { output } = commission;
  const running = commission.busy;
  return (
    <>
      <PageHead title={stationTitle(station)} sub={<>{station.description || 'No description'} {station.taktMs !== null && <>· takt {station.taktMs} ms</>}</>}>
        <Badge tone={running ? 'busy' : stationTone(station)}>{running ? 'Commissioning' : stationWord(station)}</Badge>
        <ConfirmButton icon={<IconTrash size={14} aria-hidden />} question="Remove this station?" yes="Remove" onConfirm={remove}>Remove</ConfirmButton>
        {station.evidenceId && !running && <Button icon={<IconPlayerPlay size={15} aria-hidden />} disabled={!ready} onClick={start}>Commission again</Button>}
        {station.evidenceId && !running ? <PrimaryLink href={routeHref('evidence', station.evidenceId)}>Open the evidence</PrimaryLink>
          : <PrimaryAction icon={<IconPlayerPlay size={15} aria-hidden />} disabled={!ready || running} title={ready ? 'Runs the whole main job' : 'Choose a model and a test set first'} onClick={start}>{running ? 'Commissioning' : 'Commission'}</PrimaryAction>}
      </PageHead>
      {station.evidenceId && !running && <StaleNote evidenceId={station.evidenceId} station={station} />}
      <Tabs label="Station" value={view} onChange={(tab) => setQuery({ tab })} items={[{ key: 'commission', label: 'Commission' }, { key: 'setup', label: 'Model and data', note: ready ? undefined : 'to be chosen' }, { key: 'validation', label: 'Validation' }, { key: 'history', label: 'History' }]}>
        {view === 'commission' && (
          <>
            {!ready && <Note tone="warn">Choose a model and a test set under “Model and data”; then this runs the whole job.</Note>}
            {output && <VerdictBar output={output} />}
            {!output && !commission.record && station.evidenceId && <Note>The run that commissioned this station is no longer in the task list. Its figures stand under “Validation” and in <a href={routeHref('evidence', station.evidenceId)}>its evidence</a>.</Note>}
            <Card title="Commissioning" unit={running ? 'goes on when you leave this screen' : output ? 'finished' : 'one press, eight steps'}>
              <div className="stack"><JobPanel job={commission} /><Steps steps={viewSteps(output, commission.record?.progress ?? null, running)} /></div>
            </Card>
            {output && <Card title="Limits" unit="judged on the interval's bound, not on the point" flush><LimitTable limits={output.limits} /></Card>}
            {!output && !running && !commission.record && !station.evidenceId && ready && <Note>Commissioning checks the machine, imports the model, seals the data, optimises, compares every decision, validates against limits locked beforehand, measures latency, and signs the evidence. It can be cancelled and resumed.</Note>}
          </>
        )}
        {view === 'setup' && <StationSetup station={station} />}
        {view === 'validation' && <StationValidation station={station} output={output} />}
        {view === 'history' && <StationHistory station={station} />}
      </Tabs>
    </>
  );
}

function StationValidation({ station, output }: { readonly station: StationRecord; readonly output: CommissionOutput | null }) {
  const evidence = useOp('evidence.get', station.evidenceId ? { id: station.evidenceId } : null);
  const validations = useOp('validation.list', {});
  const validation = validations.data?.find((each) => each.id === evidence.data?.validationId);
  const limits = validation?.limits ?? output?.limits;
  if (!limits) return <Card label="Validation"><EmptyState icon={<ToneIcon tone="dim" size={24} />} title="Not validated yet">Commission the station, or validate its model on the Validate screen.</EmptyState></Card>;
  return (
    <Card title="Last validation" unit={validation ? `${formatDateTime(validation.takenAt)} · attempt ${validation.attempt}${validation.exploratory ? ' · exploratory' : ''}` : ''} aside={<>{validation && <VerdictWord verdict={validation.verdict} />}{validation && <a href={routeHref('validate', validation.id)}>All of it</a>}</>} flush><LimitTable limits={limits} /></Card>
  );
}

function StationHistory({ station }: { readonly station: StationRecord }) {
  const jobs = useJobs().filter((job) => isRunOf(job, station));
  if (jobs.length === 0) return <Card label="History"><EmptyState icon={<ToneIcon tone="dim" size={24} />} title="No run yet">Each commissioning of this station is listed here, failed ones too.</EmptyState></Card>;
  return (
    <Card title="Runs" flush><table className="data static"><thead><tr><th scope="col">Started</th><th scope="col">State</th><th scope="col">Verdict</th><th scope="col" className="n">Took</th><th scope="col">Reason</th></tr></thead>
      <tbody>{jobs.map((job) => { const verdict = job.state === 'done' && typeof job.output === 'object' && job.output !== null && 'verdict' in job.output ? String(job.output.verdict) : null; return <tr key={job.id}><td>{formatDateTime(job.startedAt ?? job.createdAt)}</td><td><StatusWord tone={jobTones[job.state]}>{jobWords[job.state]}</StatusWord></td><td>{verdict ? <VerdictWord verdict={verdict} /> : '–'}</td><td className="n">{job.startedAt && job.endedAt ? formatDuration(Date.parse(job.endedAt) - Date.parse(job.startedAt)) : '–'}</td><td className="wrap dim">{job.error?.message ?? ''}</td></tr>; })}</tbody></table></Card>
  );
}
