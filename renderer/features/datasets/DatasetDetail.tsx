// One data set: its seal, overlap with others, classes or columns, findings, samples to look at, openings.
import { IconLock, IconTrash } from '@tabler/icons-react';
import type { DatasetRecord } from '#shared/contract/datasets';
import { useApi } from '../../api/ApiProvider.tsx';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { removeWithUndo } from '../../app/undo.ts';
import { ConfirmButton, PrimaryAction, PrimaryLink } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note, PageHead, Stat, Stats } from '../../ui/Card.tsx';
import { NamedBars } from '../../ui/charts/BarChart.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { Findings } from '../../ui/Findings.tsx';
import { formatCount, formatDateTime, formatNumber, shellWord } from '../../ui/format.ts';
import { Badge } from '../../ui/Status.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { CommandCopy, HashText, PathText } from '../../ui/Text.tsx';
import { Planner } from './Planner.tsx';
import { SampleGrid } from './SampleGrid.tsx';
import { countWords, labelWords, purposeWords, spreadOf, worstTone } from './words.ts';

/** What dataset.yaml states of the origin of the samples. */
function statedRows({ check: { stated } }: DatasetRecord): [string, string][] {
  const { collected, labelling, exclusions } = stated ?? {};
  return [
    ['Collected', collected ? `${collected.from} to ${collected.to}` : 'not stated'],
    ['Labelled', labelling ? `${labelling.who}: ${labelling.how}${labelling.agreement === undefined ? '' : ` (agreement: ${labelling.agreement})`}` : 'not stated'],
    ['Left out', exclusions ? exclusions.map(({ what, why }) => `${what}: ${why}`).join('; ') : 'not stated'],
  ];
}

type View = 'overview' | 'samples' | 'findings' | 'openings';
type ColumnInfo = DatasetRecord['check']['columns'][number];
const columnColumns: readonly Column<ColumnInfo>[] = [
  { key: 'name', title: 'Column', value: (column) => column.name, cell: (column) => <code>{column.name}</code> }, { key: 'type', title: 'Type', value: (column) => column.type },
  { key: 'missing', title: 'Missing', value: (column) => column.missing, numeric: true }, { key: 'min', title: 'Least', value: (column) => column.min, cell: (column) => column.min === null ? '–' : formatNumber(column.min), numeric: true }, { key: 'max', title: 'Greatest', value: (column) => column.max, cell: (column) => column.max === null ? '–' : formatNumber(column.max), numeric: true },
];

export function DatasetDetail({ id }: { readonly id: string }) {
  const { query, setQuery } = useRoute();
  const { connection } = useApi();
  const found = useOp('datasets.get', { id });
  const set = found.data;
  const sealing = useJob('datasets.seal', (job) => typeof job.input === 'object' && job.input !== null && 'data' in job.input && JSON.stringify(job.input.data) === JSON.stringify({ id }));
  useCrumb(set?.name ?? 'Data set');
  if (found.error && !set) return <ErrorNote error={found.error} onRetry={found.reload} />;
  if (!set) return <Card label="Data set"><Loading what="the data set" rows={8} /></Card>;
  const view = (query.tab ?? 'overview') as View;
  const worst = worstTone(set);
  const overlap = set.overlaps.reduce((sum, each) => sum + each.samples, 0);
  const counts = set.check.classes.map((each) => each.count);
  // Only samples of one class each can be listed by class.
  const byClass = set.check.labelKind !== 'boxes' && set.check.labelKind !== 'mask' && set.check.labelKind !== 'label set';
  const remove = () => { navigate(routeHref('datasets')); removeWithUndo(id, `${set.name} was taken off the list; its files stay.`, () => { connection.call('datasets.remove', { id }).catch(() => undefined); }); };
  return (
    <>
      <PageHead title={set.name} sub={<>{purposeWords[set.purpose]} set · {set.check.layout} · {set.check.task}{set.seal && <> · manifest <HashText hash={set.seal.manifestSha256} label="manifest hash" /></>}</>}>
        <Badge tone={set.seal ? 'ok' : 'warn'}>{set.seal ? `Sealed ${formatDateTime(set.seal.sealedAt)}` : 'Not sealed'}</Badge>
        <ConfirmButton icon={<IconTrash size={14} aria-hidden />} question="Take it off the list?" yes="Take off" onConfirm={remove}>Remove</ConfirmButton>
        {set.seal ? (set.purpose === 'calibration' ? <PrimaryLink href={routeHref('optimise', null, { calibration: id })}>Optimise with it</PrimaryLink> : <PrimaryLink href={routeHref('validate', null, { data: id })}>Validate with it</PrimaryLink>)
          : <PrimaryAction icon={<IconLock size={15} aria-hidden />} disabled={sealing.busy} onClick={() => void sealing.start({ data: { id } })}>Seal the set</PrimaryAction>}
      </PageHead>
      <JobPanel job={sealing} />
      {set.overlaps.map((each) => <Note key={each.datasetId} tone="bad">{formatCount(each.samples)} samples are also in <a href={routeHref('datasets', each.datasetId)}>{each.name}</a>. A test on samples that calibrated the model proves nothing; take them out of one of the sets.</Note>)}
      <Stats>
        <Stat label="Samples" value={formatCount(set.check.samples)} note={labelWords(set)} />
        <Stat label="Classes" value={set.check.classes.length === 0 ? '–' : set.check.classes.length} note={counts.length === 0 ? '' : `${spreadOf(counts)} ${countWords(set).each}`} />
        <Stat label="Findings" value={worst.word} note="at the last check" tone={worst.tone === 'ok' ? undefined : worst.tone === 'bad' ? 'bad' : 'warn'} />
        <Stat label="Overlap" value={overlap === 0 ? 'none' : formatCount(overlap)} note="with other registered sets" tone={overlap === 0 ? undefined : 'bad'} />
        <Stat label="Openings" value={set.openings.length} note={set.seal ? 'of the sealed samples' : 'not sealed'} />
      </Stats>
      <Tabs label="Data set" value={view} onChange={(tab) => setQuery({ tab: tab === 'overview' ? null : tab })} items={[{ key: 'overview', label: 'Overview' }, { key: 'samples', label: 'Samples', count: set.check.samples }, { key: 'findings', label: 'Findings', count: set.check.findings.length }, { key: 'openings', label: 'Openings', count: set.openings.length }]}>
        {view === 'overview' && (
          <>
            <div className="cols2">
              {set.check.classes.length > 0 && <Card title={countWords(set).title} unit={`${set.check.classes.length} classes`}><NamedBars rows={set.check.classes.slice(0, 60).map((each) => ({ name: each.name, value: each.count }))} format={formatCount} /></Card>}
              {set.check.columns.length > 0 && <Card title="Columns" flush><DataTable label="Columns" columns={columnColumns} rows={set.check.columns} rowKey={(column) => column.name} /></Card>}
              <Card title="Where it lies"><KeyValue rows={[['Path', <PathText key="p" path={set.path} />], ['Added', formatDateTime(set.addedAt)], ...statedRows(set), ['Seal', set.seal ? `${formatCount(set.seal.samples)} samples, ${formatDateTime(set.seal.sealedAt)}` : 'not sealed']]} /><div style={{ marginTop: 8 }}><CommandCopy command={`millwright data seal ${shellWord(set.path)}`} /></div></Card>
            </div>
            <Planner samples={set.check.samples} />
          </>
        )}
        {view === 'samples' && <SampleGrid id={id} labels={byClass ? set.check.classes.map((each) => each.name) : []} />}
        {view === 'findings' && <Card title="Findings"><Findings findings={set.check.findings} none="Nothing was found: no missing, corrupt, duplicate or unbalanced samples." /></Card>}
        {view === 'openings' && <Card title="Ledger of openings" unit="every use of these samples, by name or by path" flush>{set.openings.length === 0 ? <p className="dim" style={{ padding: '4px 14px 14px' }}>It was not used yet.</p> : <table className="data static"><thead><tr><th scope="col">When</th><th scope="col">By</th><th scope="col">Why</th></tr></thead><tbody>{set.openings.map((opening, index) => <tr key={index}><td>{formatDateTime(opening.at)}</td><td>{opening.by}</td><td className="wrap">{opening.reason}</td></tr>)}</tbody></table>}</Card>}
      </Tabs>
    </>
  );
}
