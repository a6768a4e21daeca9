// One validation run: what is judged, against what, on which data and limits; followed live.
import { useEffect, useState } from 'react';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { Card, EmptyState, KeyValue, Note } from '../../ui/Card.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { NumberField, SelectField } from '../../ui/Field.tsx';
import { formatBytes, formatCount, formatDateTime, shortHash } from '../../ui/format.ts';
import { metricWords } from '../../ui/metrics.ts';
import { StatusWord, ToneIcon } from '../../ui/Status.tsx';
import { HashText } from '../../ui/Text.tsx';
import type { RuntimeWish } from '#shared/contract/runtimeOptions';
import type { ReportLanguage, ReportPaper, ReportTemplate } from '#shared/contract/validation';
import { RuntimeFields, wishOrNothing } from './RuntimeFields.tsx';
import { useViewAction, type ViewAction } from './useViewAction.ts';

const templateChoices: ReadonlyArray<{ value: ReportTemplate; label: string }> = [{ value: 'full', label: 'Full' }, { value: 'short', label: 'Short' }, { value: 'gmp', label: 'GMP' }];
const languageChoices: ReadonlyArray<{ value: ReportLanguage; label: string }> = [{ value: 'en', label: 'English' }, { value: 'de', label: 'Deutsch' }];

const paperChoices: ReadonlyArray<{ value: ReportPaper; label: string }> = [{ value: 'a4', label: 'A4' }, { value: 'letter', label: 'Letter' }];
const explainChoices = [{ value: 'cheap', label: 'Where it takes seconds' }, { value: 'yes', label: 'Yes, however long' }, { value: 'no', label: 'No' }];

export function RunView({ onAction }: { readonly onAction: (action: ViewAction | null) => void }) {
  const { query, setQuery } = useRoute();
  const models = useOp('models.list', {}).data;
  const datasets = useOp('datasets.list', {}).data;
  const limits = useOp('validation.listLimits', {}).data;
  const stations = useOp('stations.list', {}).data;
  const [samples, setSamples] = useState<number | null>(null);
  const [template, setTemplate] = useState<ReportTemplate>('full');
  const [language, setLanguage] = useState<ReportLanguage>('en');
  const [runtime, setRuntime] = useState<RuntimeWish>({});
  const [paper, setPaper] = useState<ReportPaper>('a4');
  const [explain, setExplain] = useState('cheap');
  const [started, setStarted] = useState(false);
  const job = useJob('validation.run', (record) => record.state !== 'done' && record.state !== 'failed' && record.state !== 'cancelled');
  const newest = models?.slice().sort((a, b) => (a.importedAt < b.importedAt ? 1 : -1))[0];
  const modelId = query.model ?? newest?.id ?? null;
  const model = models?.find((each) => each.id === modelId) ?? null;
  const referenceId = query.reference ?? (model?.derivedFrom?.modelId && models?.some((each) => each.id === model.derivedFrom?.modelId) ? model.derivedFrom.modelId : null);
  const dataId = query.data ?? datasets?.find((set) => set.purpose === 'test')?.id ?? null;
  const data = datasets?.find((set) => set.id === dataId) ?? null;
  const locked = limits?.slice().sort((a, b) => (a.lockedAt < b.lockedAt ? 1 : -1)) ?? [];
  const limitsId = query.limits ?? locked[0]?.id ?? null;
  const chosen = locked.find((each) => each.id === limitsId) ?? null;
  const { output } = job;
  useEffect(() => { if (started && output) navigate(routeHref('validate', output.id)); }, [started, output]);
  const run = () => {
    if (!modelId || !dataId || !limitsId) return;
    setStarted(true);
    void job.start({ model: { id: modelId }, data: { id: dataId }, limitsId, template, language, paper, runtime: wishOrNothing(runtime), ...(explain === 'cheap' ? {} : { explain: explain === 'yes' }), ...(referenceId && referenceId !== modelId ? { reference: { id: referenceId } } : {}), ...(samples ? { samples } : {}), ...(query.station ? { station: query.station } : {}) });
  };
  // The next step of the main job, whatever it is: never a button that cannot be pressed without saying why.
  const lacks = models?.length === 0 ? { label: 'Import a model', href: routeHref('models', null, { add: '1' }) } : datasets?.length === 0 ? { label: 'Add a test set', href: routeHref('datasets', null, { add: '1' }) } : limits && locked.length === 0 ? { label: 'Lock limits', href: routeHref('validate', null, { ...query, tab: 'limits' }) } : null;
  useViewAction(onAction, job.busy ? 'Validating' : lacks ? lacks.label : 'Run validation', job.busy || (!lacks && (!modelId || !dataId || !limitsId)), lacks ? () => navigate(lacks.href) : run, lacks !== null);

  if (models && datasets && (models.length === 0 || datasets.length === 0)) return (
    <Card label="Validate"><EmptyState icon={<ToneIcon tone="dim" size={24} />} title={models.length === 0 ? 'No model to validate yet' : 'No data to validate on yet'} actions={<>{models.length === 0 && <LinkButton href={routeHref('models', null, { add: '1' })}>Import a model</LinkButton>}{datasets.length === 0 && <LinkButton href={routeHref('datasets', null, { add: '1' })}>Add a test set</LinkButton>}</>}>A validation needs a model, a test set, and limits that are locked before the run.</EmptyState></Card>
  );
  const modelChoices = (models ?? []).map((each) => ({ value: each.id, label: `${each.name} · ${each.summary.precision} · ${formatBytes(each.summary.sizeBytes)}`, disabled: !each.runnable.ok }));
  return (
    <>
      {(job.busy || job.error || job.record) && <Card title={job.busy ? 'Running' : 'Last run'} unit={job.busy ? 'alone on the machine, so that latencies are true; goes on when you leave this screen' : undefined}><JobPanel job={job} /></Card>}
      <div className="cols2">
        <Card title="What is judged">
          <div className="stack">
            <SelectField label="Model" choices={modelChoices} value={modelId} onChange={(value) => setQuery({ model: value, reference: null })} disabled={job.busy} />
            <SelectField label="Reference" clearable placeholder="None: flips and noise are not measured" choices={modelChoices.filter((choice) => choice.value !== modelId)} value={referenceId} onChange={(value) => setQuery({ reference: value })} disabled={job.busy} help="The approved or original model that decisions are compared with." />
            <SelectField label="Test set" choices={(datasets ?? []).map((set) => ({ value: set.id, label: `${set.name} · ${set.purpose} · ${formatCount(set.check.samples)}${set.seal ? ' · sealed' : ' · not sealed'}` }))} value={dataId} onChange={(value) => setQuery({ data: value })} disabled={job.busy} />
            <SelectField label="Station" clearable placeholder="None" choices={(stations ?? []).map((each) => ({ value: each.name, label: each.name }))} value={query.station ?? null} onChange={(value) => setQuery({ station: value })} disabled={job.busy} />
            <div style={{ width: 220 }}><NumberField whole label="Samples" optional value={samples} min={1} max={10_000_000} step={100} onChange={(value) => setSamples(value === null ? null : Math.round(value))} help="Empty: all of them" disabled={job.busy} /></div>
            <div className="row wrap">
              <div style={{ width: 150 }}><SelectField label="Report" choices={templateChoices} value={template} onChange={(value) => setTemplate((value ?? 'full') as ReportTemplate)} disabled={job.busy} /></div>
              <div style={{ width: 150 }}><SelectField label="Language" choices={languageChoices} value={language} onChange={(value) => setLanguage((value ?? 'en') as ReportLanguage)} disabled={job.busy} /></div>
              <div style={{ width: 110 }}><SelectField label="Paper" choices={paperChoices} value={paper} onChange={(value) => setPaper((value ?? 'a4') as ReportPaper)} disabled={job.busy} /></div>
              <div style={{ width: 210 }}><SelectField label="Explain decisions" choices={explainChoices} value={explain} onChange={(value) => setExplain(value ?? 'cheap')} disabled={job.busy} /></div>
            </div>
            <RuntimeFields wish={runtime} onChange={setRuntime} disabled={job.busy} />
            {data && !data.seal && <Note tone="warn">The set is not sealed: nobody can prove later that it is the same. <a href={routeHref('datasets', data.id)}>Seal it</a></Note>}
            {data?.purpose === 'calibration' && <Note tone="bad">This set calibrated a model. A test on it proves nothing.</Note>}
          </div>
        </Card>
        <Card title="Against which limits" aside={<a href={routeHref('validate', null, { ...query, tab: 'limits' })}>Write and lock limits</a>}>
          <div className="stack">
            <SelectField label="Locked limits" placeholder={locked.length === 0 ? 'None locked yet' : 'Choose'} choices={locked.map((each) => ({ value: each.id, label: `${formatDateTime(each.lockedAt)} · ${each.limits.length} limits · ${shortHash(each.sha256, 8)}` }))} value={limitsId} onChange={(value) => setQuery({ limits: value })} disabled={job.busy} />
            {chosen ? <>
              <KeyValue rows={[['Locked', <StatusWord key="l" tone="ok">{formatDateTime(chosen.lockedAt)}</StatusWord>], ['SHA-256', <HashText key="h" hash={chosen.sha256} />]]} />
              <table className="data static"><thead><tr><th scope="col">Limit</th><th scope="col">Metric</th><th scope="col" className="n">Allowed</th></tr></thead><tbody>{chosen.limits.map((limit) => <tr key={limit.id}><td><code>{limit.id}</code></td><td title={limit.reason}>{metricWords[limit.metric]}</td><td className="n">{[limit.min === undefined ? '' : `≥ ${limit.min}`, limit.max === undefined ? '' : `≤ ${limit.max}`].filter(Boolean).join(' and ')}</td></tr>)}</tbody></table>
            </> : <Note tone="warn">No limits are locked. Runs without locked limits would be exploratory: they prove nothing, because the limit could follow the result. Lock limits first.</Note>}
          </div>
        </Card>
      </div>
    </>
  );
}
