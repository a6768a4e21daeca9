// Serving: whether an engine is there to serve from, with the remedy where it is not, and what came out of validation that can be served.
import { IconRefresh, IconServer } from '@tabler/icons-react';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref } from '../../app/routes.ts';
import { Button, LinkButton, PrimaryLink } from '../../ui/Button.tsx';
import { Card, EmptyState, KeyValue, Loading, Note, PageHead } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatBytes, formatMs, stationTitle } from '../../ui/format.ts';
import { evidenceTone, evidenceWords, StatusWord, VerdictWord } from '../../ui/Status.tsx';
import { CommandCopy, HashText, PathText } from '../../ui/Text.tsx';
import { servableOf, type Servable } from './servable.ts';

const columns: readonly Column<Servable>[] = [
  { key: 'station', title: 'Station', value: ({ station }) => stationTitle(station), cell: ({ station }) => <a href={routeHref('stations', station.id)} className="strong">{stationTitle(station)}</a> },
  { key: 'verdict', title: 'Verdict', value: ({ run }) => run.verdict, cell: ({ run }) => <VerdictWord verdict={run.verdict} /> },
  { key: 'evidence', title: 'Evidence', value: ({ report }) => report.state, cell: ({ report }) => <a href={routeHref('evidence', report.id)}><StatusWord tone={evidenceTone[report.state]}>{evidenceWords[report.state]}</StatusWord></a> },
  { key: 'model', title: 'Model', value: ({ model }) => model.name, cell: ({ model }) => <a href={routeHref('models', model.id)}>{model.name}</a> },
  { key: 'p99', title: 'p99', value: ({ point }) => point?.latencyMs.p99 ?? null, cell: ({ point }) => (point ? formatMs(point.latencyMs.p99) : <span className="dim">not measured</span>), numeric: true },
  { key: 'memory', title: 'Peak memory', value: ({ point }) => point?.peakRssBytes ?? null, cell: ({ point }) => (point ? formatBytes(point.peakRssBytes) : <span className="dim">not measured</span>), numeric: true },
  { key: 'cold', title: 'Cold start', value: ({ run }) => run.bench?.coldStartMs ?? null, cell: ({ run }) => (run.bench ? formatMs(run.bench.coldStartMs) : <span className="dim">not measured</span>), numeric: true },
  { key: 'size', title: 'Size', value: ({ model }) => model.summary.sizeBytes, cell: ({ model }) => formatBytes(model.summary.sizeBytes), numeric: true },
  { key: 'hash', title: 'SHA-256', value: ({ model }) => model.summary.sha256, cell: ({ model }) => <HashText hash={model.summary.sha256} length={8} /> },
  { key: 'path', title: 'File', value: ({ model }) => model.path, cell: ({ model }) => <PathText path={model.path} />, hidden: true },
];

function EngineCard() {
  const machine = useOp('machine.inspect', {});
  const { data } = machine;
  const check = data?.preflight.find((each) => /engine|container|docker/i.test(`${each.id} ${each.title}`));
  return (
    <Card title="Container engine" aside={<Button size="tiny" icon={<IconRefresh size={13} className={machine.loading ? 'spin' : ''} aria-hidden />} disabled={machine.loading} onClick={machine.reload}>{machine.loading ? 'Detecting' : 'Detect again'}</Button>}>
      {machine.error ? <ErrorNote error={machine.error} onRetry={machine.reload} /> : !data ? <Loading what="the engine" rows={3} /> : (
        <div className="stack">
          <KeyValue rows={[['State', <StatusWord key="s" tone={data.containers.available ? 'ok' : 'warn'}>{data.containers.available ? `${data.containers.engine ?? 'Engine'} ${data.containers.version ?? ''} answers` : 'Not available'}</StatusWord>], data.containers.socket ? ['Socket', <code key="k">{data.containers.socket}</code>] : null, data.containers.reason ? ['Reason', data.containers.reason] : null]} />
          {!data.containers.available && check?.hint && <Note tone="warn">{check.hint}</Note>}
          {!data.containers.available && check?.command && <CommandCopy command={check.command} />}
        </div>
      )}
    </Card>
  );
}

export function ServingPage() {
  useCrumb();
  const stations = useOp('stations.list', {});
  const models = useOp('models.list', {}).data;
  const evidence = useOp('evidence.list', {}).data;
  const runs = useOp('validation.list', {}).data;
  const rows = servableOf({ stations: stations.data ?? [], models: models ?? [], evidence: evidence ?? [], runs: runs ?? [] });
  const known = stations.data && models && evidence && runs;
  const first = rows[0];
  return (
    <>
      <PageHead title="Serving" sub="What answers the line: validated models, and the engine that runs them.">
        {!first ? <PrimaryLink href={routeHref('stations')}>Commission a station</PrimaryLink> : first.report.state === 'approved' ? <PrimaryLink href={routeHref('transfer', null, { station: first.station.id })}>Carry it to the line</PrimaryLink> : <PrimaryLink href={routeHref('evidence', first.report.id)}>Sign the evidence</PrimaryLink>}
      </PageHead>
      {stations.error && <ErrorNote error={stations.error} onRetry={stations.reload} />}
      {!known && !stations.error && <Card label="Models that can be served"><Loading what="the stations" /></Card>}
      {known && rows.length === 0 && <Card label="Models that can be served"><EmptyState icon={<IconServer size={24} stroke={1.5} />} title="Nothing to serve yet" actions={<LinkButton href={routeHref('validate')}>Validate a model</LinkButton>}>What is served is what was validated: a station whose model kept its limits, with the evidence that says so.</EmptyState></Card>}
      {rows.length > 0 && <Card title="Ready to be served" unit="validated, with the figures of the run that its evidence speaks of" flush><DataTable label="Ready to be served" columns={columns} rows={rows} rowKey={({ station }) => station.id} /></Card>}
      <div className="cols2">
        <EngineCard />
        <Card title="Until stations run here"><div className="stack"><Note>The console does not start containers yet. The model is a plain ONNX file under the SHA-256 of its evidence, so any runtime that reads ONNX can serve it; the evidence then holds for this machine only, not for that runtime.</Note><div className="row wrap"><LinkButton href={routeHref('transfer')}>Pack it for another machine</LinkButton><LinkButton href={routeHref('machine', null, { tab: 'preflight' })}>Check this machine</LinkButton></div></div></Card>
      </div>
    </>
  );
}
