// Every component of the design system, several to a sheet, in each of its states.
import { IconBox, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { AppError } from '#shared/errors';
import { CourtCardView } from '../features/validate/CourtCardView.tsx';
import { KioskView } from '../features/validate/Kiosk.tsx';
import { Button, ConfirmButton, CopyButton, IconButton, LinkButton, PrimaryAction } from '../ui/Button.tsx';
import { Card, EmptyState, KeyValue, Loading, Note, PageHead, Stat, Stats } from '../ui/Card.tsx';
import { BarChart, Histogram, NamedBars } from '../ui/charts/BarChart.tsx';
import { ChartCard } from '../ui/charts/ChartCard.tsx';
import { LineChart } from '../ui/charts/LineChart.tsx';
import { ScatterChart } from '../ui/charts/ScatterChart.tsx';
import { withGaps } from '../ui/charts/series.ts';
import { DataTable, type Column } from '../ui/DataTable.tsx';
import { DropZone } from '../ui/DropZone.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { CheckField, NumberField, SelectField, ShareField, TextField } from '../ui/Field.tsx';
import { Findings } from '../ui/Findings.tsx';
import { formatMs } from '../ui/format.ts';
import { LimitTable } from '../ui/LimitTable.tsx';
import { ProgressLine } from '../ui/ProgressLine.tsx';
import { Badge, StatusWord, Tag, VerdictWord, type Tone } from '../ui/Status.tsx';
import { Segmented, Tabs } from '../ui/Tabs.tsx';
import { CommandCopy, HashText, Hint, PathText, TimeAgo } from '../ui/Text.tsx';
import { courtCard, courtRow } from './fixtures/court.ts';
import { refused, hash } from './fixtures/models.ts';
import { longName, rtlName } from './fixtures/stations.ts';
import { failed, passed } from './fixtures/validation.ts';
import type { GalleryState } from './GalleryState.ts';

const tones: readonly Tone[] = ['ok', 'warn', 'bad', 'info', 'dim', 'busy', 'paused'];
const nothing = () => undefined;
const openedAt = Date.now();
const before = (ms: number): string => new Date(openedAt - ms).toISOString();

function Actions() {
  const [tab, setTab] = useState<'live' | 'model' | 'history'>('live');
  const [view, setView] = useState<'float' | 'int8'>('int8');
  return (
    <>
      <PageHead title="Actions and navigation" sub="One amber button a screen; everything else is plain."><Badge tone="ok">In service</Badge><Button>Open logs</Button><PrimaryAction icon={<IconPlus size={15} aria-hidden />}>Run shift challenge</PrimaryAction></PageHead>
      <Card title="Buttons"><div className="row wrap"><Button>Plain</Button><Button disabled>Disabled</Button><Button look="quiet">Quiet</Button><Button look="danger">Danger</Button><Button size="tiny">Tiny</Button><Button size="big" look="primary">Big</Button><LinkButton href="#">Link</LinkButton><IconButton label="Remove" icon={<IconTrash size={15} aria-hidden />} /><CopyButton text="text">Copy as command</CopyButton><ConfirmButton question="Remove it?" yes="Remove" onConfirm={nothing}>Remove</ConfirmButton></div></Card>
      <Tabs label="Views" value={tab} onChange={setTab} items={[{ key: 'live', label: 'Live' }, { key: 'model', label: 'Model', note: 'stale: 1 section' }, { key: 'history', label: 'History', count: 12 }]}><p className="dim">The panel of “{tab}”.</p></Tabs>
      <Card title="Segments"><div className="row wrap"><Segmented label="Precision" value={view} onChange={setView} items={[{ key: 'float', label: 'Float' }, { key: 'int8', label: 'INT8' }]} /><Segmented label="Precision, small" tiny value={view} onChange={setView} items={[{ key: 'float', label: 'Float' }, { key: 'int8', label: 'INT8' }]} /></div></Card>
    </>
  );
}

const States = () => (
  <>
    <PageHead title="States" sub="Icon, word and colour; unknown is never green." />
    <Card title="Words"><div className="row wrap">{tones.map((tone) => <StatusWord key={tone} tone={tone}>{tone}</StatusWord>)}</div></Card>
    <Card title="Verdicts"><div className="row wrap">{['PASS', 'PASS WITH DEVIATIONS', 'FAIL', 'INCOMPLETE', 'NOT MEASURED', null].map((verdict) => <VerdictWord key={verdict ?? 'none'} verdict={verdict} />)}<Tag>plain</Tag><Tag tone="ok">AVX2</Tag><Tag tone="warn">changed</Tag><Tag tone="bad">removed</Tag></div></Card>
    <Stats><Stat label="p99 latency" value="18.4 ms" note="takt share 26 of 40 ms" /><Stat label="Drift (PSI)" value="0.13" note="watch: above 0.10" tone="warn" /><Stat label="Errors" value="7" note="since 06:00" tone="bad" /><Stat label="Temperature" value="unknown" note="no sensor can be read" tone="dim" /><Stat label="A figure with a very long name that must not push the others" value="123,456,789,012,345" note="a note so long that it takes two lines, after which the rest of it is cut and can be read as a title" /></Stats>
    <Card title="Progress"><div className="stack"><ProgressLine progress={{ stage: 'Calibrating', done: 212, total: 480 }} startedAt={before(92_000)} restMs={() => 116_000} /><ProgressLine progress={{ stage: 'Reading the file', done: 0, total: 0 }} /><ProgressLine progress={null} /></div></Card>
    <div className="cols2"><Card title="Loading"><Loading what="the list" /></Card><Card title="Empty"><EmptyState icon={<IconBox size={24} stroke={1.5} />} title="No model yet" actions={<Button>Import a model</Button>}>Bring an ONNX file. It is checked, and what the import changes is written down.</EmptyState></Card></div>
  </>
);

function Fields() {
  const [name, setName] = useState('Lid seal check');
  const [count, setCount] = useState<number | null>(40);
  const [choice, setChoice] = useState<string | null>('a');
  const [on, setOn] = useState(true);
  const [share, setShare] = useState(10);
  return (
    <>
      <PageHead title="Fields" />
      <div className="cols2">
        <Card title="Filled"><div className="stack"><TextField label="Name" value={name} onChange={setName} help="As it stands on the line." /><NumberField label="Takt" unit="ms" value={count} min={0.1} onChange={setCount} /><SelectField label="Model" choices={[{ value: 'a', label: 'Lid seal · int8 · 2.5 MB' }, { value: 'b', label: 'Lid seal · float32 · 9.4 MB' }]} value={choice} onChange={setChoice} clearable /><ShareField label="Share of the requests" value={share} onChange={setShare} help="The live version answers the rest." /><CheckField label="Weights per channel" checked={on} onChange={setOn} /><TextField label="Limits" rows={3} mono value={'limits:\n  - { id: ACC-1, metric: accuracy, min: 0.97 }'} onChange={nothing} /></div></Card>
        <Card title="Empty, wrong, disabled"><div className="stack"><TextField label="Name" value="" onChange={nothing} placeholder="Lid seal check" /><TextField label="Batches" value="1, two" onChange={nothing} wrong="Whole numbers, as 1, 4" /><NumberField label="Samples" optional value={null} onChange={nothing} disabled /><SelectField label="Calibration set" choices={[]} value={null} onChange={nothing} placeholder="None yet" disabled /><ShareField label="Share of the requests" value={50} onChange={nothing} disabled /></div></Card>
      </div>
      <Card title="A file for the host"><DropZone what="file" label="Drop an ONNX file here" onFiles={nothing} onPath={nothing} submitLabel="Import" /></Card>
    </>
  );
}

const Texts = () => (
  <>
    <PageHead title="Text, errors and findings" sub={<>identifier <HashText hash={hash('text')} /></>} />
    <ErrorNote error={new AppError('BAD_MODEL', 'This is no ONNX model: the file is a JPEG image (from its first bytes, offset 0).')} onRetry={nothing} details="offset 0: ff d8 ff e0" />
    <ErrorNote error={new AppError('INTERNAL', longName.slice(0, 600))} />
    <div className="stack"><Note>Size of a point is the size of the file.</Note><Note tone="warn">The set is not sealed.</Note><Note tone="bad">37 samples are also in the calibration set.</Note><Note tone="ok">Written.</Note></div>
    <div className="cols2"><Card title="Findings"><Findings findings={refused.summary.findings} /></Card><Card title="Pairs"><KeyValue rows={[['Path', <PathText key="p" path="/var/lib/millwright/models/m-0a1b2c3d/model.onnx" />], ['Checked', <TimeAgo key="t" iso={before(7_500_000)} staleMs={3_600_000} />], ['Hash', <HashText key="h" hash={hash('pair')} />], ['Right to left', rtlName], ['Long', longName.slice(0, 300)], ['Hint', <Hint key="i" text="How it was measured"><button type="button" className="linkish">18.4 ms</button></Hint>]]} /></Card></div>
    <CommandCopy command="millwright quantize /srv/models/lid-seal.onnx -o /srv/models/lid-seal-optimised.onnx --recipe auto --calibration /srv/data/lid-seal/calibration --max-drop 1" />
  </>
);

interface Part { readonly id: string; readonly at: string; readonly decision: string; readonly totalMs: number }
const parts = (count: number): readonly Part[] => Array.from({ length: count }, (_, index) => ({ id: `L3-${String(count - index).padStart(7, '0')}`, at: `14:${String(Math.floor(index / 60) % 60).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}.418`, decision: index % 9 === 2 ? 'Reject: fold' : 'Good', totalMs: 9 + ((index * 37) % 80) / 10 }));
const partColumns: readonly Column<Part>[] = [{ key: 'at', title: 'Time', value: (part) => part.at, cell: (part) => <code>{part.at}</code> }, { key: 'id', title: 'Part', value: (part) => part.id, cell: (part) => <code>{part.id}</code> }, { key: 'decision', title: 'Decision', value: (part) => part.decision, cell: (part) => <StatusWord tone={part.decision === 'Good' ? 'ok' : 'bad'}>{part.decision}</StatusWord> }, { key: 'ms', title: 'Total', value: (part) => part.totalMs, cell: (part) => formatMs(part.totalMs), numeric: true }];
const Tables = () => (
  <>
    <PageHead title="Tables" sub="100,000 rows in a window; limits; none." />
    <Card flush label="Parts"><DataTable label="Parts" columns={partColumns} rows={parts(100_000)} rowKey={(part) => part.id} onOpen={nothing} selected="L3-0099998" maxHeight={260} /></Card>
    <Card title="Limits" flush><LimitTable limits={failed.limits} /></Card>
    <Card title="None" flush><DataTable label="None" columns={partColumns} rows={[]} rowKey={(part) => part.id} empty="No part has come by yet." /></Card>
    <Card title="Kept" flush><LimitTable limits={passed.limits} /></Card>
  </>
);

const xs = Array.from({ length: 300 }, (_, index) => index).filter((index) => index < 120 || index > 150);
const line = (label: string, low: number, spread: number) => ({ label, points: withGaps(xs, xs.map((x) => low + spread * (1 + Math.sin(x / 11 + low)) + (x > 200 && x < 206 ? spread * 4 : 0)), 5) });
const Charts = () => (
  <>
    <PageHead title="Charts" sub="Limits dashed and named, events dotted, gaps as gaps." />
    <div className="cols2">
      <ChartCard title="Latency" unit="ms" legend={[{ label: 'p50', value: '9.1', colour: 1 }, { label: 'p95', value: '14.8', colour: 2 }, { label: 'p99', value: '18.4', colour: 3 }]} table={() => ({ columns: ['time', 'p50'], rows: [['14:02', 9.1]] })}><LineChart label="Latency in milliseconds" lines={[line('p50', 8, 1), line('p95', 13, 1.5), line('p99', 17, 2)]} xMin={0} xMax={300} formatX={(x) => `${Math.round(x - 300)} s`} ends={['−5 min', 'now']} limits={[{ axis: 'y', value: 26, label: 'takt share 26 ms' }]} events={[{ x: 90, label: 'deploy 2.4.0' }]} /></ChartCard>
      <ChartCard title="What was measured"><ScatterChart label="Candidates" height={200} marks={[{ name: 'FP32', x: 41, y: 99.4, state: 'kept', radius: 12 }, { name: 'INT8 mixed', x: 12.6, y: 99.3, state: 'chosen', radius: 8 }, { name: 'INT8 dynamic', x: 98, y: 98.7, state: 'rejected', radius: 8 }]} xTitle="latency p95, ms" xMax={100} yMin={96} yMax={100} goodUpToX={20} formatX={String} formatY={(y) => `${y} %`} /></ChartCard>
      <ChartCard title="Percentiles" unit="ms"><BarChart label="Latency" bars={[{ label: 'p50', value: 9.1 }, { label: 'p95', value: 14.8 }, { label: 'max', value: 31, tone: 'bad' }]} limits={[{ axis: 'y', value: 26, label: 'takt share 26 ms' }]} /></ChartCard>
      <ChartCard title="Latency of each part" unit="count"><Histogram label="Latency" values={Array.from({ length: 400 }, (_, index) => 9 + ((index * 7919) % 100) / 18)} /></ChartCard>
      <Card title="By class"><NamedBars rows={[{ name: 'good', value: 1402 }, { name: 'fold', value: 598 }, { name: longName.slice(0, 120), value: 1, tone: 'bad' }]} format={String} /></Card>
      <ChartCard title="No sample yet"><LineChart label="Nothing" lines={[{ label: 'none', points: [] }]} xMin={0} xMax={1} formatX={String} /></ChartCard>
    </div>
  </>
);

const Bench = () => (
  <>
    <PageHead title="Flip court, a card" sub="A picture, a row; the verdicts with their keys." />
    <CourtCardView card={courtCard} names={['M. Weber']} busy={false} onVerdict={nothing} onUndo={nothing} onLeave={nothing} />
    <CourtCardView card={courtRow} names={['M. Weber', 'A. Kaya']} busy={false} onVerdict={nothing} onUndo={nothing} onLeave={nothing} />
  </>
);

const Kiosk = () => <KioskView name="Eva Lang" classes={['good', 'fold']} answered={22} total={60} input={courtCard.input} busy={false} onAnswer={nothing} onUndo={nothing} onLeave={nothing} />;

export const componentStates: readonly GalleryState[] = [
  { id: 'ui-actions', title: 'Actions and navigation', sheet: Actions }, { id: 'ui-states', title: 'States, figures, progress', sheet: States }, { id: 'ui-fields', title: 'Fields', sheet: Fields },
  { id: 'ui-text', title: 'Text, errors, findings', sheet: Texts }, { id: 'ui-tables', title: 'Tables', sheet: Tables }, { id: 'ui-charts', title: 'Charts', sheet: Charts },
  { id: 'court-bench', title: 'Flip court, a card', sheet: Bench }, { id: 'agreement-kiosk', title: 'Agreement, the kiosk', sheet: Kiosk },
];
