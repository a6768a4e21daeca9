// Data sets: what is registered, for which purpose, sealed or not; adding one; planning how many samples are needed.
import { IconPhoto, IconPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { purposes, type DatasetRecord } from '#shared/contract/datasets';
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
import { formatCount, formatDateTime } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { Segmented } from '../../ui/Tabs.tsx';
import { DatasetDetail } from './DatasetDetail.tsx';
import { Planner } from './Planner.tsx';
import { purposeWords, purposeHelp, worstTone } from './words.ts';

type Purpose = (typeof purposes)[number];

const columns: readonly Column<DatasetRecord>[] = [
  { key: 'name', title: 'Name', value: (set) => set.name, cell: (set) => <span className="strong">{set.name}</span> },
  { key: 'purpose', title: 'Purpose', value: (set) => purposeWords[set.purpose] },
  { key: 'samples', title: 'Samples', value: (set) => set.check.samples, cell: (set) => formatCount(set.check.samples), numeric: true },
  { key: 'classes', title: 'Classes', value: (set) => set.check.classes.length, numeric: true },
  { key: 'layout', title: 'Layout', value: (set) => set.check.layout },
  { key: 'findings', title: 'Findings', value: (set) => set.check.findings.filter((finding) => finding.severity !== 'info').length, cell: (set) => { const { tone, word } = worstTone(set); return <StatusWord tone={tone}>{word}</StatusWord>; } },
  { key: 'overlap', title: 'Overlap', value: (set) => set.overlaps.reduce((sum, each) => sum + each.samples, 0), cell: (set) => set.overlaps.length === 0 ? <span className="dim">none</span> : <StatusWord tone="bad">{formatCount(set.overlaps.reduce((sum, each) => sum + each.samples, 0))} samples</StatusWord> },
  { key: 'seal', title: 'Seal', value: (set) => (set.seal ? 'sealed' : 'open'), cell: (set) => <StatusWord tone={set.seal ? 'ok' : 'warn'}>{set.seal ? 'Sealed' : 'Not sealed'}</StatusWord> },
  { key: 'added', title: 'Added', value: (set) => set.addedAt, cell: (set) => formatDateTime(set.addedAt) },
];

function AddForm({ busy, onAdd }: { readonly busy: boolean; readonly onAdd: (path: string, purpose: Purpose) => void }) {
  const [purpose, setPurpose] = useState<Purpose>('test');
  return (
    <div className="stack">
      <div className="row wrap"><Segmented label="Purpose" value={purpose} onChange={setPurpose} items={purposes.map((each) => ({ key: each, label: purposeWords[each] }))} /><span className="dim">{purposeHelp[purpose]}</span></div>
      <PathPicker what="folder" label={`Drop the folder of the ${purposeWords[purpose].toLowerCase()} set here`} busy={busy} submitLabel="Add" onPath={(path) => onAdd(path, purpose)}>
        <p className="small">A folder of class folders with images · a folder or .npz of arrays · CSV, Parquet or JSON Lines with a label column · images with COCO JSON, YOLO text files or masks · a dataset.yaml</p>
      </PathPicker>
    </div>
  );
}

function DatasetList() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const list = useOp('datasets.list', {});
  const rows = useNotPending(list.data, (set) => set.id);
  const adding = useJob('datasets.add');
  const done = adding.output;
  useEffect(() => { if (done) navigate(routeHref('datasets', done.id)); }, [done]);
  const add = (path: string, purpose: Purpose) => void adding.start({ path, purpose });
  const open = query.add === '1';
  return (
    <>
      <PageHead title="Datasets" sub="Calibration, test and challenge sets; a sealed set is known by its manifest, and each opening is written down."><PrimaryAction icon={<IconPlus size={15} aria-hidden />} onClick={() => { if (rows.length === 0) openChooser(); else setQuery({ add: open ? null : '1' }); }}>Add a data set</PrimaryAction></PageHead>
      {list.error && <ErrorNote error={list.error} onRetry={list.reload} />}
      <JobPanel job={adding} />
      {open && rows.length > 0 && <Card title="Add a data set"><AddForm busy={adding.busy} onAdd={add} /></Card>}
      {!list.data && !list.error && <Card label="Data sets"><Loading what="the data sets" rows={6} /></Card>}
      {list.data && rows.length === 0 && <Card label="Data sets"><EmptyState icon={<IconPhoto size={24} stroke={1.5} />} title="No data set yet">Two sets carry a station: one to calibrate the quantizer, another, never used for that, to test. Both stay where they are; nothing is written into their folders.</EmptyState><AddForm busy={adding.busy} onAdd={add} /></Card>}
      {rows.length > 0 && <Card flush label="Data sets"><DataTable label="Data sets" columns={columns} rows={rows} rowKey={(set) => set.id} onOpen={(set) => navigate(routeHref('datasets', set.id))} /></Card>}
      <Planner />
    </>
  );
}

export function DatasetsPage() {
  const { id } = useRoute();
  return id ? <DatasetDetail key={id} id={id} /> : <DatasetList />;
}
