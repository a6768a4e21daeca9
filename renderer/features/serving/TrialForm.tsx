// Starts a trial: a new version beside the live one, which answers a share of the line or only sees copies.
import { IconFlask } from '@tabler/icons-react';
import { useState } from 'react';
import type { ServingView } from '#shared/contract/serving';
import { liveVersion } from '#shared/liveVersion';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { routeHref } from '../../app/routes.ts';
import { LinkButton, PrimaryAction } from '../../ui/Button.tsx';
import { Card, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField } from '../../ui/Field.tsx';
import { formatBytes } from '../../ui/format.ts';
import { TrialFields, trialOf, type TrialDraft } from './TrialFields.tsx';
import { isAbout } from './words.ts';

/** Nothing that a trial does reaches the line until a person asks for it. */
const first: TrialDraft = { kind: 'shadow', percent: 100, key: '' };

export function TrialForm({ view }: { readonly view: ServingView }) {
  const list = useOp('models.list', {});
  const station = useOp('stations.list', {}).data?.find(({ id }) => id === view.stationId);
  const job = useJob('serving.deploy', isAbout(view.stationId));
  const [chosen, setChosen] = useState<string | null>(null);
  const [draft, setDraft] = useState(first);
  if (list.error && !list.data) return <ErrorNote error={list.error} onRetry={list.reload} />;
  if (!list.data) return <Card title="Try a new version"><Loading what="the models" rows={4} /></Card>;
  const live = liveVersion(view);
  const suggested = station?.candidateModelId && station.candidateModelId !== live?.modelId ? station.candidateModelId : list.data.find(({ id, runnable }) => runnable.ok && id !== live?.modelId)?.id ?? null;
  const model = chosen ?? suggested;
  const trial = trialOf(draft);
  const running = view.desired === 'running';
  const busy = job.busy || view.operation !== null;
  const start = () => { if (model && trial) void job.start({ stationId: view.stationId, model: { id: model }, trial }); };
  return (
    <Card title="Try a new version" unit={`beside ${view.live}, which goes on answering`}>
      <div className="stack">
        <div className="cols3"><SelectField label="Model" value={model} onChange={setChosen} disabled={busy} placeholder="No other model yet" choices={list.data.map((each) => ({ value: each.id, label: `${each.name} · ${each.summary.precision} · ${formatBytes(each.summary.sizeBytes)}${each.id === live?.modelId ? ' · live now' : ''}`, disabled: !each.runnable.ok }))} /></div>
        <TrialFields draft={draft} onChange={(next) => setDraft(next.kind === draft.kind ? next : { ...next, percent: next.kind === 'canary' ? 10 : 100 })} live={view.live} disabled={busy} />
        {model === null && <div className="row wrap"><Note>There is no other model to try.</Note><LinkButton href={routeHref('optimise')}>Optimise the live one</LinkButton><LinkButton href={routeHref('models')}>Import a model</LinkButton></div>}
        {!running && <Note>Start the station first: a trial needs the traffic of the live version.</Note>}
        {draft.kind === 'canary' && running && <Note tone="warn">A canary decides on real parts. Let the new version be a shadow first.</Note>}
        <div className="row"><PrimaryAction icon={<IconFlask size={15} aria-hidden />} disabled={busy || !running || !model || !trial} onClick={start}>{job.busy ? 'Starting' : 'Start the trial'}</PrimaryAction></div>
        <JobPanel job={job} />
      </div>
    </Card>
  );
}
