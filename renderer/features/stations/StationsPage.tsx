// Stations, the home: every place on a line with its model, verdict and takt; and the way to the first one.
import { IconBuildingFactory2, IconDownload, IconPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { BenchOutput } from '#shared/contract/benchmarks';
import type { StationRecord } from '#shared/contract/stations';
import { keepsTakt, sayTakt } from '#shared/taktSentence';
import { useJob } from '../../api/useJob.ts';
import { useAction, useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { useNotPending } from '../../app/undo.ts';
import { Button, LinkButton, PrimaryAction } from '../../ui/Button.tsx';
import { Card, EmptyState, Loading, PageHead } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField, TextField } from '../../ui/Field.tsx';
import { formatDateTime, formatMs, formatNumber, plural, stationTitle } from '../../ui/format.ts';
import { evidenceTone, evidenceWords, StatusWord, Tag, ToneIcon, VerdictWord } from '../../ui/Status.tsx';
import { StationDetail } from './StationDetail.tsx';
import { needsOf, type Need } from './needs.ts';
import { stationTone, stationWord } from './words.ts';

function CreateForm({ onDone }: { readonly onDone: () => void }) {
  const create = useAction('stations.create');
  const [name, setName] = useState('');
  const [line, setLine] = useState('');
  const [description, setDescription] = useState('');
  const [taktMs, setTakt] = useState<number | null>(null);
  const submit = async () => {
    if (!name.trim()) return;
    const station = await create.run({ name: name.trim(), line: line.trim(), description: description.trim(), taktMs });
    if (station) navigate(routeHref('stations', station.id));
  };
  return (
    <Card title="Create a station">
      <form className="stack" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <div className="cols3"><TextField label="Name" value={name} onChange={setName} placeholder="Lid seal check" /><TextField label="Line" value={line} onChange={setLine} placeholder="Line 3" /><NumberField label="Takt" unit="ms a part" optional value={taktMs} min={0.1} max={3_600_000} step={1} onChange={setTakt} help="Time from part to part; empty when there is none." /></div>
        <TextField label="What is decided here" value={description} onChange={setDescription} rows={2} placeholder="Rejects packs whose lid seal has a fold." />
        {create.error && <ErrorNote error={create.error} />}
        <div className="row"><Button type="submit" look="primary" disabled={!name.trim() || create.busy}>Create</Button><Button onClick={onDone}>Not now</Button></div>
      </form>
    </Card>
  );
}

const needsShown = 6;
function NeedsMe({ needs, total }: { readonly needs: readonly Need[]; readonly total: number }) {
  if (total === 0) return null;
  if (needs.length === 0) return <p className="row"><ToneIcon tone="ok" /><span>Nothing needs you: every station is commissioned and its evidence is approved.</span></p>;
  return (
    <Card title="What needs me" unit={plural(new Set(needs.map(({ station }) => station.id)).size, 'station')}>
      <ul className="stack tight">{needs.slice(0, needsShown).map(({ station, tone, text, href }) => <li key={`${station.id} ${href}`} className="row"><ToneIcon tone={tone} /><span className="clip"><a href={href}>{station.name}</a> {text}</span></li>)}</ul>
      {needs.length > needsShown && <p className="dim small" style={{ marginTop: 6 }}>and {plural(needs.length - needsShown, 'more thing')}, at the stations in the table below</p>}
    </Card>
  );
}

/** With the verdict of the last validation, where it judged this very takt: the sentence of the report on hover. */
function TaktWord({ taktMs, verdict }: { readonly taktMs: number; readonly verdict: BenchOutput['taktVerdict'] }) {
  const words = `${formatNumber(taktMs)} ms`;
  if (verdict?.taktMs !== taktMs) return <>{words}</>;
  return <span title={sayTakt(verdict)}><StatusWord tone={keepsTakt(verdict) ? 'ok' : 'bad'}>{words} {keepsTakt(verdict) ? 'kept' : 'missed'}</StatusWord></span>;
}

function StationList() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const list = useOp('stations.list', {});
  const models = useOp('models.list', {}).data;
  const rows = useNotPending(list.data, (station) => station.id);
  const sample = useJob('stations.openSample', () => true);
  const [followed, setFollowed] = useState(false);
  useEffect(() => { if (followed && sample.output) navigate(routeHref('stations', sample.output.id)); }, [followed, sample.output]);
  const openSample = () => { setFollowed(true); void sample.start({}); };
  const evidence = useOp('evidence.list', {}).data;
  const runs = useOp('validation.list', {}).data;
  const served = useOp('serving.list', {}).data ?? [];
  const reportOf = (station: StationRecord) => evidence?.find((each) => each.id === station.evidenceId) ?? null;
  const benchOf = (station: StationRecord) => runs?.find((run) => run.id === reportOf(station)?.validationId)?.bench ?? null;
  const p99Of = (station: StationRecord) => { const bench = benchOf(station); return (bench?.best ?? bench?.points[0])?.latencyMs.p99 ?? null; };
  const modelName = (id: string | null) => models?.find((model) => model.id === id)?.name ?? (id ? 'removed' : 'none');
  const columns: readonly Column<StationRecord>[] = [
    { key: 'name', title: 'Station', value: stationTitle, cell: (station) => <><span className="strong">{stationTitle(station)}</span> {station.sample && <Tag>sample</Tag>}</> },
    { key: 'status', title: 'State', value: (station) => station.status, cell: (station) => <StatusWord tone={stationTone(station)}>{stationWord(station)}</StatusWord> },
    { key: 'verdict', title: 'Verdict', value: (station) => station.verdict, cell: (station) => <VerdictWord verdict={station.verdict} /> },
    { key: 'model', title: 'Model', value: (station) => modelName(station.candidateModelId ?? station.modelId) },
    { key: 'p99', title: 'p99', value: p99Of, cell: (station) => { const ms = p99Of(station); return ms === null ? <span className="dim">–</span> : <span className={station.taktMs !== null && ms > station.taktMs ? 'tone-bad' : ''}>{formatMs(ms)}</span>; }, numeric: true },
    { key: 'takt', title: 'Takt', value: (station) => station.taktMs, cell: (station) => (station.taktMs === null ? <span className="dim">none</span> : <TaktWord taktMs={station.taktMs} verdict={benchOf(station)?.taktVerdict ?? null} />), numeric: true },
    { key: 'evidence', title: 'Evidence', value: (station) => reportOf(station)?.state ?? '', cell: (station) => { const report = reportOf(station); return report ? <a href={routeHref('evidence', report.id)}><StatusWord tone={evidenceTone[report.state]}>{evidenceWords[report.state]}</StatusWord></a> : <span className="dim">none</span>; } },
    { key: 'created', title: 'Created', value: (station) => station.createdAt, cell: (station) => formatDateTime(station.createdAt) },
  ];
  const creating = query.add === '1';
  const none = list.data && rows.length === 0;
  return (
    <>
      <PageHead title="Stations" sub="A station is a place on a line with a model, its limits, its data and its evidence.">
        {!none && !rows.some((station) => station.sample) && list.data && <Button icon={<IconDownload size={15} aria-hidden />} disabled={sample.busy} onClick={openSample}>Open the sample</Button>}
        {!none && <PrimaryAction icon={<IconPlus size={15} aria-hidden />} onClick={() => setQuery({ add: creating ? null : '1' })}>Create a station</PrimaryAction>}
      </PageHead>
      {list.error && <ErrorNote error={list.error} onRetry={list.reload} />}
      <JobPanel job={sample} />
      {creating && <CreateForm onDone={() => setQuery({ add: null })} />}
      {!list.data && !list.error && <Card label="Stations"><Loading what="the stations" rows={5} /></Card>}
      {none && (
        <Card label="Stations"><EmptyState icon={<IconBuildingFactory2 size={24} stroke={1.5} />} title="Put the first station into service" actions={<>
          <PrimaryAction icon={<IconDownload size={15} aria-hidden />} disabled={sample.busy} onClick={openSample}>Open the sample station</PrimaryAction>
          <Button icon={<IconPlus size={15} aria-hidden />} onClick={() => setQuery({ add: '1' })}>Create a station</Button><LinkButton href={routeHref('models', null, { add: '1' })}>Import a model</LinkButton></>}>
          The sample is a lot code reader with a small network, real handwritten digits and limits. The whole job, from checking this machine to signed evidence, takes a few minutes with it.
        </EmptyState></Card>
      )}
      {rows.length > 0 && <>{evidence && <NeedsMe needs={needsOf(rows, evidence, served)} total={rows.length} />}<Card flush label="Stations"><DataTable label="Stations" columns={columns} rows={rows} rowKey={(station) => station.id} onOpen={(station) => navigate(routeHref('stations', station.id))} /></Card></>}
    </>
  );
}

export function StationsPage() {
  const { id } = useRoute();
  return id ? <StationDetail key={id} id={id} /> : <StationList />;
}
