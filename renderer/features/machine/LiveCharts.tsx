// Live load: CPU per core, memory, GPU and temperature over five minutes, one hour or eight hours; can be paused.
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { MachineReport, MachineSample } from '#shared/contract/machine';
import { thin, useMachineSample } from '../../app/machineFeed.ts';
import { Button } from '../../ui/Button.tsx';
import { Stat, Stats } from '../../ui/Card.tsx';
import { ChartCard, type ChartTable, type LegendKey } from '../../ui/charts/ChartCard.tsx';
import { LineChart, type Line } from '../../ui/charts/LineChart.tsx';
import { withGaps } from '../../ui/charts/series.ts';
import { formatClock, formatGiB } from '../../ui/format.ts';
import { Segmented } from '../../ui/Tabs.tsx';

const spans = { '5m': { ms: 300_000, label: '5 min', start: '−5 min' }, '1h': { ms: 3600_000, label: '1 h', start: '−1 h' }, '8h': { ms: 8 * 3600_000, label: '8 h', start: '−8 h' } } as const;
type Span = keyof typeof spans;
const slots = 300;
const giB = 2 ** 30;

const mean = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

export function LiveCharts({ report }: { readonly report: MachineReport | null }) {
  const { feed, latest } = useMachineSample();
  const [span, setSpan] = useState<Span>('5m');
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const [openedAt] = useState(() => Date.now());
  const now = pausedAt ?? (latest ? Date.parse(latest.at) : openedAt);
  const { ms, start } = spans[span];
  const from = now - ms;
  const slices = useMemo(() => thin(feed.samples(), from, now, slots), [feed, from, now, latest]); // oxlint-disable-line react/exhaustive-deps -- the feed grows in place; its newest sample tells
  const xs = slices.map((slice) => mean(slice.map((sample) => Date.parse(sample.at))) ?? 0);
  const gap = Math.max(4000, (ms / slots) * 3);
  const line = (label: string, colour: 1 | 2 | 3 | 4 | 'dim', pick: (sample: MachineSample) => number | null): Line => ({ label, colour, points: withGaps(xs, slices.map((slice) => mean(slice.map(pick))), gap) });
  const cores = latest?.corePercent.length ?? 0;
  const shared = { xMin: from, xMax: now, formatX: (x: number) => formatClock(new Date(x).toISOString()), ends: [start, pausedAt ? formatClock(new Date(pausedAt).toISOString()) : 'now'] as const };
  const table = (lines: readonly Line[]) => (): ChartTable => ({ columns: ['time', ...lines.map((each) => each.label)], rows: xs.map((x, index) => [new Date(x).toISOString(), ...slices[index] ? lines.map((each) => { const found = each.points.find((point) => point.x === x); return found?.y === undefined || found.y === null ? null : Number(found.y.toFixed(2)); }) : []]) });
  const key = (label: string, colour: LegendKey['colour'], value: number | null | undefined, decimals = 0): LegendKey => ({ label, colour, value: value === null || value === undefined ? '–' : value.toFixed(decimals) });

  const few = cores <= 4;
  const cpuLines: readonly Line[] = few && cores > 0
    ? Array.from({ length: cores }, (_, index) => line(`core ${index}`, ((index % 4) + 1) as 1 | 2 | 3 | 4, (sample) => sample.corePercent[index] ?? null))
    : [line('busiest core', 3, (sample) => Math.max(...sample.corePercent)), line('mean', 1, (sample) => sample.cpuPercent), line('quietest core', 'dim', (sample) => Math.min(...sample.corePercent))];
  const cpuLegend = few && cores > 0 ? cpuLines.map((each, index) => key(each.label, ((index % 4) + 1) as 1 | 2 | 3 | 4, latest?.corePercent[index])) : [key('busiest core', 3, latest && Math.max(...latest.corePercent)), key('mean', 1, latest?.cpuPercent), key('quietest core', 'dim', latest && Math.min(...latest.corePercent))];
  const totalGiB = (latest?.memoryTotalBytes ?? 0) / giB;
  const memoryLines = [line('used', 1, (sample) => sample.memoryUsedBytes / giB)];
  const gpus = latest?.gpus ?? [];
  const gpuTotal = report?.gpus[0]?.memoryTotalBytes ?? null;
  const gpuLines = [line('load', 4, (sample) => sample.gpus[0]?.utilisationPercent ?? null), ...(gpuTotal ? [line('memory', 2, (sample) => { const used = sample.gpus[0]?.memoryUsedBytes; return used === null || used === undefined ? null : (used / gpuTotal) * 100; })] : [])];
  const temperatureLines = [line('processor', 3, (sample) => sample.temperatureC), line('GPU', 2, (sample) => sample.gpus[0]?.temperatureC ?? null)].filter((each) => each.points.some((point) => point.y !== null));

  const height = gpus.length > 0 || temperatureLines.length > 0 ? 138 : 220; // four charts, or two, fill the screen
  return (
    <>
      <Stats>
        <Stat label="CPU" value={latest ? `${latest.cpuPercent.toFixed(0)} %` : '–'} note={report ? `${report.cpu.cores} cores, ${report.cpu.threads} threads` : 'mean of all threads'} />
        <Stat label="Memory" value={latest ? formatGiB(latest.memoryUsedBytes) : '–'} note={latest ? `of ${formatGiB(latest.memoryTotalBytes)}` : ''} />
        <Stat label="GPU" value={gpus[0]?.utilisationPercent !== undefined && gpus[0].utilisationPercent !== null ? `${gpus[0].utilisationPercent.toFixed(0)} %` : gpus.length > 0 ? 'unknown' : 'none'} note={report?.gpus[0]?.model ?? 'models run on the processor'} tone={gpus.length === 0 ? 'dim' : undefined} />
        <Stat label="Temperature" value={latest?.temperatureC === null || latest === null ? 'unknown' : `${latest.temperatureC.toFixed(0)} °C`} note={latest?.temperatureC === null ? 'no sensor can be read' : 'processor'} tone={latest?.temperatureC === null ? 'dim' : undefined} />
        <Stat label="Container engine" value={report ? (report.containers.available ? report.containers.engine : 'none') : '–'} note={report?.containers.version ?? report?.containers.reason ?? ''} tone={report && !report.containers.available ? 'warn' : undefined} />
      </Stats>
      <div className="row"><Segmented label="Time shown" value={span} onChange={setSpan} items={(Object.keys(spans) as Span[]).map((each) => ({ key: each, label: spans[each].label }))} /><Button look="quiet" icon={pausedAt ? <IconPlayerPlay size={15} aria-hidden /> : <IconPlayerPause size={15} aria-hidden />} onClick={() => setPausedAt(pausedAt ? null : now)}>{pausedAt ? 'Go on' : 'Pause'}</Button><span className="dim small">one sample a second{span === '5m' ? '' : ', drawn as means'}; kept for eight hours while the console is open</span></div>
      <div className="cols2 stretch">
        <ChartCard title="CPU" unit="% per core" legend={cpuLegend} table={table(cpuLines)} csvName="cpu"><LineChart height={height} label="CPU load in percent" lines={cpuLines} yMax={100} {...shared} /></ChartCard>
        <ChartCard title="Memory" unit="GB" legend={[key('used', 1, latest && latest.memoryUsedBytes / giB, 1), { label: 'total', colour: 'dim', value: totalGiB.toFixed(1) }]} table={table(memoryLines)} csvName="memory"><LineChart height={height} label="Memory used in gigabytes" lines={memoryLines} limits={report?.limits.memoryBytes ? [{ axis: 'y', value: report.limits.memoryBytes / giB, label: `limit ${formatGiB(report.limits.memoryBytes)}` }] : []} yMax={totalGiB > 0 ? Math.ceil(totalGiB) : undefined} {...shared} /></ChartCard>
        {gpus.length > 0 && <ChartCard title="GPU" unit="%" legend={[key('load', 4, gpus[0]?.utilisationPercent), ...(gpuTotal && gpus[0]?.memoryUsedBytes ? [key('memory', 2, (gpus[0].memoryUsedBytes / gpuTotal) * 100)] : [])]} table={table(gpuLines)} csvName="gpu"><LineChart height={height} label="GPU load in percent" lines={gpuLines} yMax={100} {...shared} /></ChartCard>}
        {temperatureLines.length > 0 && <ChartCard title="Temperature" unit="°C" legend={temperatureLines.map((each) => key(each.label, each.colour ?? 1, each.label === 'GPU' ? gpus[0]?.temperatureC : latest?.temperatureC))} table={table(temperatureLines)} csvName="temperature"><LineChart height={height} label="Temperature in degrees Celsius" lines={temperatureLines} limits={[{ axis: 'y', value: 90, label: 'throttling is likely above 90 °C' }]} yMax={100} {...shared} /></ChartCard>}
      </div>
    </>
  );
}
