// What one station serves: its state and why, live figures, versions, a trial, how clients connect, and the log.
import { IconHandStop, IconHistory, IconPlayerPlay, IconPlayerStop, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { ServingView } from '#shared/contract/serving';
import { engineFacts } from '#shared/engines';
import { liveVersion } from '#shared/liveVersion';
import { useJob } from '../../api/useJob.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { Button, ConfirmButton, LinkButton, PrimaryAction } from '../../ui/Button.tsx';
import { Card, EmptyState, Loading, Note, PageHead } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatCount, formatDateTime, formatMiB } from '../../ui/format.ts';
import { Badge, StatusWord, ToneIcon } from '../../ui/Status.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { HashText } from '../../ui/Text.tsx';
import { Connect } from './Connect.tsx';
import { DeployCard } from './DeployCard.tsx';
import { HoldPanel } from './HoldPanel.tsx';
import { RecorderView } from './RecorderView.tsx';
import { Replicas } from './Replicas.tsx';
import { ServedBy } from './ServedBy.tsx';
import { LogView } from './LogView.tsx';
import { ServingCharts } from './ServingCharts.tsx';
import { Traffic } from './Traffic.tsx';
import { TrialForm } from './TrialForm.tsx';
import { TrialLive } from './TrialLive.tsx';
import { TryPanel } from './TryPanel.tsx';
import { useServing } from './useServing.ts';
import { isAbout, roleOf, stateOf } from './words.ts';

/** On these tabs the amber button is their own. */
const ownPrimary: readonly string[] = ['trial', 'versions', 'try', 'recorder'];
type View = 'live' | 'trial' | 'versions' | 'try' | 'recorder' | 'connect' | 'log';

export function ServingDetail({ id }: { readonly id: string }) {
  const { query, setQuery } = useRoute();
  const { views, error, reload } = useServing();
  const start = useJob('serving.start', isAbout(id));
  const stop = useJob('serving.stop', isAbout(id));
  const restart = useJob('serving.restart', isAbout(id));
  const rollback = useJob('serving.rollback', isAbout(id));
  const remove = useJob('serving.remove', isAbout(id));
  const removed = remove.output;
  useEffect(() => { if (removed) navigate(routeHref('serving')); }, [removed]);
  const view = views?.find((each) => each.stationId === id);
  useCrumb(view?.station ?? 'Station');
  if (error && !view) return <ErrorNote error={error} onRetry={reload} />;
  if (!views) return <Card label="Serving"><Loading what="what is served" rows={8} /></Card>;
  if (!view) return <Card label="Serving"><EmptyState icon={<ToneIcon tone="dim" size={24} />} title="This station serves nothing" actions={<LinkButton href={routeHref('serving')}>All that is served</LinkButton>}>It was never deployed, or it was removed from the engine.</EmptyState></Card>;
  const tab = (query.tab ?? 'live') as View;
  const jobs = [start, stop, restart, rollback, remove];
  const busy = jobs.some((job) => job.busy) || view.operation !== null;
  const input = { stationId: id };
  const stopped = view.desired === 'stopped';
  const StartButton = ownPrimary.includes(tab) ? Button : PrimaryAction;
  const { candidate, trial } = view;
  const onTrial = candidate !== null && trial !== null;
  return (
    <>
      <PageHead title={view.station} sub={<>{liveVersion(view)?.modelName ?? 'unknown model'} · version {view.live} · {engineFacts[liveVersion(view)?.engine ?? 'millwright'].title} · <code className="nowrap">{view.address}</code>{view.engineHost === null ? null : <> · on <code>{view.engineHost}</code></>}</>}>
        <Badge tone={stateOf(view).tone}>{stateOf(view).word}</Badge>
        <ConfirmButton icon={<IconTrash size={14} aria-hidden />} {...(view.state === 'unknown' ? { question: 'Give up what is there?', yes: 'Forget it' } : { question: 'Take it off the engine?', yes: 'Remove' })} disabled={busy} onConfirm={() => void remove.start({ ...input, forget: view.state === 'unknown' })}>Remove</ConfirmButton>
        {view.previous !== null && !onTrial && <ConfirmButton icon={<IconHistory size={14} aria-hidden />} question={`Back to ${view.previous}?`} yes="Roll back" disabled={busy || stopped} onConfirm={() => void rollback.start(input)}>Roll back</ConfirmButton>}
        <Button icon={<IconRefresh size={15} aria-hidden />} disabled={busy || stopped} onClick={() => void restart.start(input)}>Restart</Button>
        {!view.hold && <Button icon={<IconHandStop size={15} aria-hidden />} disabled={busy || stopped} aria-expanded={query.hold === '1'} onClick={() => setQuery({ hold: query.hold === '1' ? null : '1' })}>Acceptance stop</Button>}
        {stopped || view.state === 'failed' ? <StartButton icon={<IconPlayerPlay size={15} aria-hidden />} disabled={busy} onClick={() => void start.start(input)}>Start</StartButton>
          : <ConfirmButton icon={<IconPlayerStop size={15} aria-hidden />} question="Stop answering the line?" yes="Stop" disabled={busy} onConfirm={() => void stop.start(input)}>Stop</ConfirmButton>}
      </PageHead>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {view.state !== 'serving' && !view.hold && <Note tone={view.state === 'failed' ? 'bad' : view.state === 'starting' || view.state === 'stopped' ? 'info' : 'warn'}>{view.reason} {view.hint}</Note>}
      {jobs.map((job, index) => <JobPanel key={index} job={job} />)}
      <HoldPanel view={view} asking={query.hold === '1'} onClose={() => setQuery({ hold: null })} />
      <Tabs label="Serving" value={tab} onChange={(key) => setQuery({ tab: key })} items={[{ key: 'live', label: 'Live' }, { key: 'trial', label: 'Trial', note: onTrial ? roleOf(view, candidate).word : undefined }, { key: 'versions', label: 'Versions', count: view.versions.length }, { key: 'try', label: 'Try it' }, { key: 'recorder', label: 'Recorder', note: view.recorder ? 'on' : undefined }, { key: 'connect', label: 'Connect' }, { key: 'log', label: 'Log' }]}>
        {tab === 'live' && <><Replicas view={view} /><ServingCharts view={view} /><Traffic view={view} /><Containers view={view} /></>}
        {tab === 'trial' && (onTrial ? <TrialLive key={candidate} view={view} candidate={candidate} trial={trial} end={rollback} /> : <TrialForm view={view} />)}
        {tab === 'versions' && <><Versions view={view} /><DeployCard stationId={id} /></>}
        {tab === 'try' && <TryPanel view={view} />}
        {tab === 'recorder' && <RecorderView view={view} />}
        {tab === 'connect' && <Connect view={view} />}
        {tab === 'log' && <LogView stationId={id} />}
      </Tabs>
    </>
  );
}

function Containers({ view }: { readonly view: ServingView }) {
  if (view.containers.length === 0) return null;
  return (
    <Card title="Containers" flush>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Containers"><table className="data"><thead><tr><th scope="col">Name</th><th scope="col">Role</th>{view.swarm && <th scope="col">Host</th>}<th scope="col">Version</th><th scope="col">State</th><th scope="col">Started</th><th className="n" scope="col">Restarts</th><th className="n" scope="col">Exit code</th></tr></thead>
        <tbody>{view.containers.map((each) => (
          <tr key={each.name}><td><code>{each.name}</code></td><td>{each.role}</td>{view.swarm && <td>{each.node ?? view.engineHost ?? 'this machine'}</td>}<td>{each.version ?? '–'}</td><td><StatusWord tone={each.state === 'running' ? 'ok' : each.outOfMemory ? 'bad' : 'warn'}>{each.outOfMemory ? 'out of memory' : each.state}</StatusWord></td>
            <td>{each.startedAt ? formatDateTime(each.startedAt) : '–'}</td><td className="n">{formatCount(each.restarts)}</td><td className="n">{each.state === 'running' ? '–' : each.exitCode ?? '–'}</td></tr>
        ))}</tbody></table></div>
    </Card>
  );
}

function Versions({ view }: { readonly view: ServingView }) {
  const role = (id: string) => { const { word, tone } = roleOf(view, id); return tone === 'dim' ? <span className="dim">{word}</span> : <StatusWord tone={tone}>{word}</StatusWord>; };
  return (
    <>
      <Card title="Versions" unit="newest first" flush>
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Versions"><table className="data"><thead><tr><th scope="col">Version</th><th scope="col">Role</th><th scope="col">Model</th><th scope="col">SHA-256</th><th className="n" scope="col">Processors</th><th className="n" scope="col">Memory limit</th><th className="n" scope="col">Answered</th><th className="n" scope="col">Failed</th><th scope="col">Made</th></tr></thead>
          <tbody>{[...view.versions].reverse().map((each) => { const traffic = view.traffic.find(({ version }) => version === each.id); return (
            <tr key={each.id}><td className="strong">{each.id}</td><td>{role(each.id)}</td><td>{each.modelName}</td><td><HashText hash={each.modelSha256} /></td><td className="n">{each.cpus}</td><td className="n">{formatMiB(each.memoryBytes)}</td><td className="n">{traffic ? formatCount(traffic.answered) : '–'}</td><td className="n">{traffic ? formatCount(traffic.failed) : '–'}</td><td>{formatDateTime(each.createdAt)}</td></tr>
          ); })}</tbody></table></div>
      </Card>
      <ServedBy view={view} />
    </>
  );
}
