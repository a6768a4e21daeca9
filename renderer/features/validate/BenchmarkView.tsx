// A benchmark by itself: batch, threads and takt; measured alone on the machine until stable.
import { IconGauge } from '@tabler/icons-react';
import { useState } from 'react';
import type { RuntimeWish } from '#shared/contract/runtimeOptions';
import type { BenchPoint } from '#shared/contract/benchmarks';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { useRoute } from '../../app/routes.ts';
import { Card, EmptyState } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { NumberField, SelectField, TextField } from '../../ui/Field.tsx';
import { formatBytes, formatMs, formatNumber, formatShare } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { LatencyCard, PercentileCard, ProviderCard } from './BenchParts.tsx';
import { RuntimeFields } from './RuntimeFields.tsx';
import { useViewAction, type ViewAction } from './useViewAction.ts';

const columns: readonly Column<BenchPoint>[] = [
  { key: 'provider', title: 'Provider', value: (point) => point.provider }, { key: 'batch', title: 'Batch', value: (point) => point.batch, numeric: true }, { key: 'threads', title: 'Threads', value: (point) => point.threads, numeric: true }, { key: 'concurrency', title: 'At once', value: (point) => point.concurrency, numeric: true },
  ...(['p50', 'p95', 'p99', 'p999', 'max'] as const).map((key): Column<BenchPoint> => ({ key, title: key === 'p999' ? 'p99.9' : key, value: (point) => point.latencyMs[key], cell: (point) => formatMs(point.latencyMs[key]), numeric: true, hidden: key === 'p95' })),
  { key: 'rate', title: 'Per second', value: (point) => point.throughputPerSec, cell: (point) => formatNumber(point.throughputPerSec, 4), numeric: true }, { key: 'rss', title: 'Peak memory', value: (point) => point.peakRssBytes, cell: (point) => formatBytes(point.peakRssBytes), numeric: true }, { key: 'estimate', title: 'Of estimate', value: (point) => point.memory?.ratio ?? null, cell: (point) => (point.memory ? formatShare(point.memory.ratio, 0) : <span className="dim">unknown</span>), numeric: true },
  { key: 'stable', title: 'Measured', value: (point) => (point.stable ? 'stable' : 'unstable'), cell: (point) => <StatusWord tone={point.stable ? 'ok' : 'warn'}>{point.stable ? 'Stable' : 'Not stable'}</StatusWord> },
];

/** "1, 2 4" → [1, 2, 4]; null where something is no whole number from 1. */
export function parseCounts(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter(Boolean).map(Number);
  return parts.length > 0 && parts.every((part) => Number.isInteger(part) && part >= 1 && part <= 4096) ? parts : null;
}

export function BenchmarkView({ onAction }: { readonly onAction: (action: ViewAction | null) => void }) {
  const { query, setQuery } = useRoute();
  const models = useOp('models.list', {}).data ?? [];
  const modelId = query.model ?? models[0]?.id ?? null;
  const [batch, setBatch] = useState('1');
  const [threads, setThreads] = useState('');
  const [durationS, setDuration] = useState(5);
  const [runtime, setRuntime] = useState<RuntimeWish>({});
  const [taktMs, setTakt] = useState<number | null>(null);
  const job = useJob('benchmarks.run', (record) => { const input = record.input as { model?: { id?: string } }; return input.model?.id === modelId; });
  const batches = parseCounts(batch);
  const threadCounts = threads.trim() === '' ? [] : parseCounts(threads);
  const { output } = job;
  useViewAction(onAction, job.busy ? 'Measuring' : 'Measure', !modelId || !batches || !threadCounts || job.busy, () => {
    if (modelId && batches && threadCounts) void job.start({ model: { id: modelId }, batch: batches, durationS, ...(threadCounts.length > 0 ? { threads: threadCounts } : {}), ...(taktMs ? { taktMs } : {}), ...(runtime.provider ? { providers: [runtime.provider] } : {}), runtime: { executionMode: runtime.executionMode, optimization: runtime.optimization } });
  });
  return (
    <>
      <Card title="What to measure" unit="alone on the machine: other tasks wait">
        <div className="stack">
          <div className="row wrap" style={{ alignItems: 'flex-start', gap: 14 }}>
            <div style={{ width: 320 }}><SelectField label="Model" choices={models.map((model) => ({ value: model.id, label: `${model.name} · ${model.summary.precision}`, disabled: !model.runnable.ok }))} value={modelId} onChange={(value) => setQuery({ model: value })} disabled={job.busy} /></div>
            <div style={{ width: 110 }}><TextField label="Batches" value={batch} onChange={setBatch} wrong={batches ? null : 'Whole numbers, as 1, 4'} disabled={job.busy} /></div>
            <div style={{ width: 110 }}><TextField label="Threads" value={threads} onChange={setThreads} placeholder="As served" wrong={threadCounts ? null : 'Whole numbers, as 1, 2'} disabled={job.busy} /></div>
            <div style={{ width: 120 }}><NumberField label="Time a point" unit="s" value={durationS} min={1} max={3600} onChange={(value) => value !== null && setDuration(value)} disabled={job.busy} /></div>
            <div style={{ width: 120 }}><NumberField label="Takt" unit="ms" optional value={taktMs} min={0.1} onChange={setTakt} disabled={job.busy} /></div>
          </div>
          <RuntimeFields many wish={runtime} onChange={setRuntime} disabled={job.busy} />
          <JobPanel job={job} />
        </div>
      </Card>
      {!output && !job.busy && !job.error && <Card label="Points"><EmptyState icon={<IconGauge size={24} stroke={1.5} />} title="Not measured on this machine yet">Each point is measured until its percentiles are stable: latency p50 to p99.9, throughput, peak memory, cold start, and where the nodes ran. With a takt, p99.9, the slowest part and the drift are judged against it.</EmptyState></Card>}
      {output && <><Card title="Points" flush><DataTable label="Points" columns={columns} rows={output.points} rowKey={(point) => `${point.provider}-${point.batch}-${point.threads}-${point.concurrency}`} /></Card><div className="cols2"><LatencyCard bench={output} /><PercentileCard bench={output} /><ProviderCard bench={output} /></div></>}
    </>
  );
}
