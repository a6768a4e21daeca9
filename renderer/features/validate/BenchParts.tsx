// Figures of a benchmark: points by batch and threads, percentiles, where nodes and time went.
import { IconFileDownload } from '@tabler/icons-react';
import { bestHistograms, type BenchOutput } from '#shared/contract/benchmarks';
import { hdrAxisLabel, hdrCurve, hdrPercentileMs, hgrmText } from '#shared/hdrHistogram';
import { keepsTakt, sayTakt } from '#shared/taktSentence';
import { IconButton } from '../../ui/Button.tsx';
import { Card, Note } from '../../ui/Card.tsx';
import { BarChart, NamedBars } from '../../ui/charts/BarChart.tsx';
import { ChartCard, saveText } from '../../ui/charts/ChartCard.tsx';
import { LineChart, type Line } from '../../ui/charts/LineChart.tsx';
import { formatBytes, formatMs, formatNumber, formatShare } from '../../ui/format.ts';

export function LatencyCard({ bench }: { readonly bench: BenchOutput }) {
  const best = bench.best ?? bench.points[0];
  if (!best) return <Card title="Latency"><p className="dim">Nothing could be measured.</p></Card>;
  const { p50, p90, p95, p99, p999, max } = best.latencyMs;
  const takt = bench.taktVerdict;
  const bars = [['p50', p50], ['p90', p90], ['p95', p95], ['p99', p99], ['p99.9', p999], ['max', max]] as const;
  const budget = takt ? takt.taktMs - takt.cameraMs - takt.plcMs : null;
  return (
    <ChartCard title="Latency" unit={`ms, from ${best.latencyMs.samples} runs`} csvName="latency" legend={bars.slice(0, 1).concat(bars.slice(3, 4)).map(([label, value]) => ({ label, value: value.toFixed(2), colour: 1 as const }))} table={() => ({ columns: ['percentile', 'ms'], rows: bars.map(([label, value]) => [label, value]) })}
      note={<div className="stack tight" style={{ marginTop: 8 }}>{takt && <Note tone={keepsTakt(takt) ? 'ok' : 'bad'}>{sayTakt(takt)}</Note>}<span className="dim small">Cold start {formatMs(bench.coldStartMs)} · {formatNumber(best.throughputPerSec, 4)} per second · {best.stable ? 'stable' : 'not stable within its time'} · {formatBytes(best.peakRssBytes)} peak{best.memory ? `, ${formatShare(best.memory.ratio, 0)} of the ${formatBytes(best.memory.estimatedBytes)} estimated` : ''}</span>{bench.remarks.map((remark) => <Note key={remark}>{remark}</Note>)}</div>}>
      <BarChart label="Latency percentiles in milliseconds" bars={bars.map(([label, value]) => ({ label, value, tone: budget !== null && value > budget ? 'bad' : 'series' }))} limits={budget === null || budget > max * 8 ? [] : [{ axis: 'y', value: budget, label: `takt share ${budget} ms` }]} />
    </ChartCard>
  );
}

const shownPercentiles = [50, 90, 99, 99.9, 99.99, 100] as const;

/** The curve of HdrHistogram's plots, and with a takt the same with the waits of the parts that would have come meanwhile. */
export function PercentileCard({ bench }: { readonly bench: BenchOutput }) {
  const histograms = bestHistograms(bench);
  if (!histograms || histograms.raw.total === 0) return null;
  const { raw, corrected, intervalMs } = histograms;
  const shown = [{ label: 'as measured', histogram: raw, colour: 1 as const }, ...(corrected ? [{ label: 'with waiting parts', histogram: corrected, colour: 2 as const }] : [])];
  const lines = shown.map(({ label, histogram, colour }): Line => ({ label, colour, points: hdrCurve(histogram).map(({ x, valueMs }) => ({ x, y: valueMs })) }));
  const xMax = Math.max(1, ...lines.flatMap((line) => line.points.map((point) => point.x)));
  const at = (percentile: number) => shown.map(({ histogram }) => hdrPercentileMs(histogram, percentile));
  return (
    <ChartCard title="Latency by percentile" unit={`ms, ${raw.total} runs, best point`} csvName="percentiles" legend={shown.map(({ label, histogram, colour }) => ({ label, colour, value: `p99.9 ${(hdrPercentileMs(histogram, 99.9) ?? 0).toFixed(2)}` }))}
      table={() => ({ columns: ['percentile', ...shown.map(({ label }) => label)], rows: shownPercentiles.map((percentile) => [String(percentile), ...at(percentile)]) })}
      aside={<IconButton label="Save as HdrHistogram text (.hgrm)" icon={<IconFileDownload size={14} aria-hidden />} onClick={() => shown.forEach(({ histogram }, index) => saveText(index === 0 ? 'latency.hgrm' : 'latency-corrected.hgrm', hgrmText(histogram), 'text/plain'))} />}
      note={corrected && intervalMs !== null ? <p className="dim small">With waiting parts: corrected for coordinated omission at a takt of {formatMs(intervalMs)}. Where no run is longer than the takt, both curves are the same.</p> : null}>
      <LineChart label="Latency in milliseconds by percentile" lines={lines} xMin={0} xMax={xMax} formatX={hdrAxisLabel} formatY={(y) => String(Number(y.toPrecision(4)))} />
    </ChartCard>
  );
}

export function ProviderCard({ bench }: { readonly bench: BenchOutput }) {
  return (
    <Card title="Where it ran" unit="from the runtime's own profile">
      {bench.providerShares.length === 0 ? <p className="dim">Unknown: the runtime gave no profile.</p> : <div className="stack"><NamedBars max={1} rows={bench.providerShares.map((share) => ({ name: `${share.provider}, time`, value: share.timeShare }))} format={(value) => formatShare(value, 1)} /><NamedBars max={1} rows={bench.providerShares.map((share) => ({ name: `${share.provider}, nodes`, value: share.nodeShare }))} format={(value) => formatShare(value, 1)} /><p className="dim small">{bench.providerShares.map((share) => `${share.nodes} nodes on ${share.provider}`).join(', ')}.</p></div>}
    </Card>
  );
}
