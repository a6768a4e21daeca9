// Models: the table of what was imported or made, the way in for new ones, and the page of one.
import { IconBox, IconPlus } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { ModelRecord } from '#shared/contract/models';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { PathPicker } from '../../app/PathPicker.tsx';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { useNotPending } from '../../app/undo.ts';
import { PrimaryAction } from '../../ui/Button.tsx';
import { Card, EmptyState, Loading, PageHead } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { openChooser } from '../../ui/DropZone.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatBytes, formatCount, formatDateTime, shortHash } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { DiffView } from './DiffView.tsx';
import { ModelDetail } from './ModelDetail.tsx';

const opsetOf = (model: ModelRecord) => Object.entries(model.summary.opset).map(([domain, version]) => `${domain === '' || domain === 'ai.onnx' ? '' : `${domain} `}${version}`).join(', ');

const columns: readonly Column<ModelRecord>[] = [
  { key: 'name', title: 'Name', value: (model) => model.name, cell: (model) => <span className="strong">{model.name}</span> },
  { key: 'version', title: 'Version', value: (model) => model.version ?? 'not stated', cell: (model) => (model.version === null ? <span className="dim">not stated</span> : model.version) },
  { key: 'runs', title: 'Runs here', value: (model) => (model.runnable.ok ? 'yes' : 'no'), cell: (model) => <StatusWord tone={model.runnable.ok ? 'ok' : 'bad'}>{model.runnable.ok ? 'Runs' : 'Does not run'}</StatusWord> },
  { key: 'precision', title: 'Precision', value: (model) => model.summary.precision },
  { key: 'size', title: 'Size', value: (model) => model.summary.sizeBytes, cell: (model) => formatBytes(model.summary.sizeBytes), numeric: true },
  { key: 'nodes', title: 'Nodes', value: (model) => model.summary.nodes, cell: (model) => formatCount(model.summary.nodes), numeric: true },
  { key: 'parameters', title: 'Parameters', value: (model) => model.summary.parameters, cell: (model) => formatCount(model.summary.parameters), numeric: true },
  { key: 'opset', title: 'Opset', value: opsetOf, numeric: true },
  { key: 'made', title: 'Made by', value: (model) => model.derivedFrom?.recipe ?? 'import' },
  { key: 'hash', title: 'SHA-256', value: (model) => model.summary.sha256, cell: (model) => <code>{shortHash(model.summary.sha256)}</code> },
  { key: 'imported', title: 'Added', value: (model) => model.importedAt, cell: (model) => formatDateTime(model.importedAt) },
  { key: 'producer', title: 'Producer', value: (model) => model.summary.producer, hidden: true },
  { key: 'licence', title: 'Licence', value: (model) => model.licence ?? 'unknown', hidden: true },
];

export const modelFilters = [{ name: 'ONNX models', extensions: ['onnx', 'ort', 'pb'] }, { name: 'All files', extensions: ['*'] }] as const;

function ModelList() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const list = useOp('models.list', {});
  const rows = useNotPending(list.data, (model) => model.id);
  const importing = useJob('models.import');
  const done = importing.output;
  useEffect(() => { if (done) navigate(routeHref('models', done.id)); }, [done]);
  const adding = query.add === '1' || list.data?.length === 0;
  const start = (path: string) => void importing.start({ path });
  return (
    <>
      <PageHead title="Models" sub="Imported ONNX files and what was made from them."><PrimaryAction icon={<IconPlus size={15} aria-hidden />} onClick={() => { if (rows.length === 0) openChooser(); else setQuery({ add: adding ? null : '1' }); }}>Import a model</PrimaryAction></PageHead>
      {list.error && <ErrorNote error={list.error} onRetry={list.reload} />}
      <JobPanel job={importing} />
      {adding && rows.length > 0 && <Card title="Import a model"><PathPicker what="file" label="Drop an ONNX file here" filters={modelFilters} busy={importing.busy} submitLabel="Import" onPath={start} /></Card>}
      {!list.data && !list.error && <Card label="Models"><Loading what="the models" rows={6} /></Card>}
      {list.data && rows.length === 0 && (
        <Card label="Models"><EmptyState icon={<IconBox size={24} stroke={1.5} />} title="No model yet">Bring an ONNX file. It is checked, and what the import changes is written down; a file that is no model is named with the rule it breaks and the offset.</EmptyState>
          <PathPicker what="file" label="Drop an ONNX file here" filters={modelFilters} busy={importing.busy} submitLabel="Import" onPath={start} /></Card>
      )}
      {rows.length > 0 && <Card flush label="Models"><DataTable label="Models" tools columns={columns} rows={rows} rowKey={(model) => model.id} sortBy={{ key: 'imported', descending: true }} onOpen={(model) => navigate(routeHref('models', model.id))} maxHeight={640} /></Card>}
      {rows.length > 1 && <DiffView models={rows} />}
    </>
  );
}

export function ModelsPage() {
  const { id } = useRoute();
  return id ? <ModelDetail key={id} id={id} /> : <ModelList />;
}
