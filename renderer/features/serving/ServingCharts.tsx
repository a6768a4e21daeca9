// Live figures of a station: what clients see, and what its containers use, over the last five minutes.
import { useMemo, useState } from 'react';
import type { EventOf } from '#shared/contract/index';
import type { ServingView } from '#shared/contract/serving';
import { useStream } from '../../api/useOp.ts';
import { Note, Stat, Stats } from '../../ui/Card.tsx';
import { ChartCard, type ChartTable, type LegendKey } from '../../ui/charts/ChartCard.tsx';
import { LineChart, type Line } from '../../ui/charts/LineChart.tsx';
import { withGaps } from '../../ui/charts/series.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatBytes, formatClock, formatCount, formatMs } from '../../ui/format.ts';
import { sumOf } from './words.ts';

type Reading = EventOf<'serving.stats'>;
const spanMs = 300_000;
const gapMs = 4000;
type Colour = 1 | 2 | 3 | 4;

export function ServingCharts({ view }: { readonly view: ServingView }) {
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  const failure = useStream('serving.stats', { stationId: view.stationId }, (reading) => setReadings((before) => [...before.filter(({ at }) => Date.parse(at) > Date.parse(reading.at) - spanMs), reading]));
  const [openedAt] = useState(() => Date.now());
  const latest = readings.at(-1);
  const now = latest ? Date.parse(latest.at) : openedAt;
  const xs = useMemo(() => readings.map(({ at }) => Date.parse(at)), [readings]);
  const line = (label: string, colour: Colour, pick: (reading: Reading) => number | null | undefined): Line => ({ label, colour, points: withGaps(xs, readings.map((reading) => pick(reading) ?? null), gapMs) });
  const key = (label: string, colour: Colour, value: number | null | undefined, decimals = 1): LegendKey => ({ label, colour, value: value === null || value === undefined ? '–' : value.toFixed(decimals) });
  const names = [...new Set(readings.flatMap(({ containers }) => containers.map(({ name }) => name)))].slice(0, 4);
  const short = (name: string) => { const found = view.containers.find((each) => each.name === name); return found?.role === 'gateway' ? 'gateway' : found?.version ?? name; };
  const use = (name: string, what: 'cpuPercent' | 'memoryBytes') => (reading: Reading) => reading.containers.find((each) => each.name === name)?.[what];
  const shared = { xMin: now - spanMs, xMax: now, formatX: (x: number) => formatClock(new Date(x).toISOString()), ends: ['−5 min', 'now'] as const };
  const table = (pick: readonly (readonly [string, (reading: Reading) => number | null | undefined])[]) => (): ChartTable => ({ columns: ['time', ...pick.map(([label]) => label)], rows: readings.map((reading) => [reading.at, ...pick.map(([, of]) => of(reading) ?? null)]) });
  const rate = (reading: Reading) => reading.traffic?.requestsPerSec;
  const failing = (reading: Reading) => reading.traffic?.failuresPerSec;
  const [p50, p99] = [(reading: Reading) => reading.traffic?.p50Ms, (reading: Reading) => reading.traffic?.p99Ms];
  const mib = (value: number | null | undefined) => (value === null || value === undefined ? value : value / 2 ** 20);
  const colourOf = (index: number) => ((index % 4) + 1) as Colour;
  const throttled = Math.max(0, ...(latest?.containers.map(({ throttledPercent }) => throttledPercent ?? 0) ?? []));
  const limit = latest?.containers.find(({ name }) => view.containers.some((each) => each.name === name && each.role === 'model'));
  return (
    <>
      {failure && <ErrorNote error={failure} />}
      <Stats>
        <Stat label="Requests" value={latest?.traffic ? `${latest.traffic.requestsPerSec.toFixed(1)} /s` : '–'} note={`${formatCount(sumOf(view, 'answered'))} answered since the gateway started`} />
        <Stat label="Latency p99" value={latest?.traffic?.p99Ms ? formatMs(latest.traffic.p99Ms) : '–'} note={latest?.traffic?.p50Ms ? `p50 ${formatMs(latest.traffic.p50Ms)}, at the gateway` : 'no request in the last second'} />
        <Stat label="Failed" value={formatCount(sumOf(view, 'failed'))} note="since the gateway started" tone={sumOf(view, 'failed') > 0 ? 'warn' : undefined} />
        <Stat label="Under way" value={formatCount(latest?.traffic?.inFlight ?? sumOf(view, 'inFlight'))} note="requests just now" />
        <Stat label="Memory of the model" value={limit ? formatBytes(limit.memoryBytes) : '–'} note={limit ? `of ${formatBytes(limit.memoryLimitBytes)}` : ''} />
        <Stat label="Held back" value={latest ? `${throttled.toFixed(0)} %` : '–'} note="of the time by the processor limit" tone={throttled > 20 ? 'warn' : undefined} />
      </Stats>
      <div className="cols2 stretch">
        <ChartCard title="Requests" unit="per second" legend={[key('answered', 1, latest && rate(latest)), key('failed', 3, latest && failing(latest))]} table={table([['requests', rate], ['failed', failing]])} csvName="requests"><LineChart label="Requests per second" lines={[line('answered', 1, rate), line('failed', 3, failing)]} {...shared} /></ChartCard>
        <ChartCard title="Latency" unit="ms at the gateway" legend={[key('p50', 1, latest && p50(latest), 2), key('p99', 2, latest && p99(latest), 2)]} table={table([['p50', p50], ['p99', p99]])} csvName="latency"><LineChart label="Latency in milliseconds" lines={[line('p50', 1, p50), line('p99', 2, p99)]} {...shared} /></ChartCard>
        <ChartCard title="Processor" unit="%, 100 is one processor" legend={names.map((name, index) => key(short(name), colourOf(index), latest && use(name, 'cpuPercent')(latest), 0))} table={table(names.map((name) => [short(name), use(name, 'cpuPercent')] as const))} csvName="processor"><LineChart label="Processor use in percent" lines={names.map((name, index) => line(short(name), colourOf(index), use(name, 'cpuPercent')))} {...shared} /></ChartCard>
        <ChartCard title="Memory" unit="MiB" legend={names.map((name, index) => key(short(name), colourOf(index), latest && mib(use(name, 'memoryBytes')(latest)), 0))} table={table(names.map((name) => [short(name), use(name, 'memoryBytes')] as const))} csvName="memory"><LineChart label="Memory in mebibytes" lines={names.map((name, index) => line(short(name), colourOf(index), (reading) => mib(use(name, 'memoryBytes')(reading))))} {...shared} /></ChartCard>
      </div>
      <Note>One reading a second while this page is open. Percentiles come from the gateway's histogram of the last second.</Note>
    </>
  );
}
