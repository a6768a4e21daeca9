// Stations whose model kept its limits: what may be put into service, with the figures of the run that its evidence speaks of.
import { useOp } from '../../api/useOp.ts';
import { routeHref } from '../../app/routes.ts';
import { Card } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { formatBytes, formatMs, stationTitle } from '../../ui/format.ts';
import { evidenceTone, evidenceWords, StatusWord, VerdictWord } from '../../ui/Status.tsx';
import { HashText, PathText } from '../../ui/Text.tsx';
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

/** Draws nothing where nothing was validated. */
export function ReadyCard() {
  const stations = useOp('stations.list', {}).data ?? [];
  const models = useOp('models.list', {}).data ?? [];
  const evidence = useOp('evidence.list', {}).data ?? [];
  const runs = useOp('validation.list', {}).data ?? [];
  const rows = servableOf({ stations, models, evidence, runs });
  if (rows.length === 0) return null;
  return <Card title="Ready to be served" unit="validated, with the figures of the run that its evidence speaks of" flush><DataTable label="Ready to be served" columns={columns} rows={rows} rowKey={({ station }) => station.id} /></Card>;
}
