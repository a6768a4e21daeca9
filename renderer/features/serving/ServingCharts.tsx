// Live figures of a station: what clients see, and what its containers use, over five minutes, one hour or eight hours; can be paused.
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useContext, useState, useSyncExternalStore } from 'react';
import type { ServingView } from '#shared/contract/serving';
import { useOp, useStream } from '../../api/useOp.ts';
import { useRoute } from '../../app/routes.ts';
import { Button } from '../../ui/Button.tsx';
import { Note, Stat, Stats } from '../../ui/Card.tsx';
import { ChartCard, type ChartTable, type LegendKey } from '../../ui/charts/ChartCard.tsx';
import { LineChart, type Line } from '../../ui/charts/LineChart.tsx';
import { withGaps } from '../../ui/charts/series.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatClock, formatCount, formatMiB, formatMs } from '../../ui/format.ts';
import { Segmented } from '../../ui/Tabs.tsx';
import { eventMarks } from './eventMarks.ts';
import { sumOf } from './figures.ts';
import { answeredPerSec, ReadingsContext, slotMs, type Reading } from './readings.ts';

const spans = { '5m': { ms: 300_000, label: '5 min', start: '−5 min', gapMs: 4000 }, '1h': { ms: 3600_000, label: '1 h', start: '−1 h', gapMs: 3 * slotMs }, '8h': { ms: 8 * 3600_000, label: '8 h', start: '−8 h', gapMs: 3 * slotMs } } as const;
type Span = keyof typeof spans;
type Colour = 1 | 2 | 3 | 4;

export function ServingCharts({ view }: { readonly view: ServingView }) {
  const feed = useContext(ReadingsContext)(view.stationId);
  const held = useSyncExternalStore(feed.subscribe, feed.all);
  const { query, setQuery } = useRoute();
  const span = (Object.keys(spans) as Span[]).find((each) => each === query.span) ?? '5m'; // the keys of a literal
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const { ms: spanMs, gapMs, start } = spans[span];
  const failure = useStream('serving.stats', { stationId: view.stationId }, feed.push);
  const [openedAt] = useState(() => Date.now());
  const latest = held.at(-1);
  const now = pausedAt ?? (latest ? Date.parse(latest.at) : openedAt);
  const readings = held.filter(({ at }) => { const ms = Date.parse(at); return ms >= now - spanMs && ms <= now; });
  const xs = readings.map(({ at }) => Date.parse(at));
  const line = (label: string, colour: Colour, pick: (reading: Reading) => number | null | undefined): Line => ({ label, colour, points: withGaps(xs, readings.map((reading) => pick(reading) ?? null), gapMs) });
  const key = (label: string, colour: Colour, value: number | null | undefined, decimals = 1): LegendKey => ({ label, colour, value: value === null || value === undefined ? '–' : value.toFixed(decimals) });
  const names = [...new Set(readings.flatMap(({ containers }) => containers.map(({ name }) => name)))].slice(0, 4);
  const short = (name: string) => { const found = view.containers.find((each) => each.name === name); return found?.role === 'gateway' ? 'gateway' : found?.version ?? name; };
  const use = (name: string, what: 'cpuPercent' | 'memoryBytes') => (reading: Reading) => reading.containers.find((each) => each.name === name)?.[what];
  const events = eventMarks(view, short, now - spanMs, now);
  const shared = { xMin: now - spanMs, xMax: now, formatX: (x: number) => formatClock(new Date(x).toISOString()), ends: [start, pausedAt === null ? 'now' : formatClock(new Date(pausedAt).toISOString())] as const, events };
  const table = (pick: readonly (readonly [string, (reading: Reading) => number | null | undefined])[]) => (): ChartTable => ({ columns: ['time', ...pick.map(([label]) => label)], rows: readings.map((reading) => [reading.at, ...pick.map(([, of]) => of(reading) ?? null)]) });
  const rate = answeredPerSec;
  const failing = (reading: Reading) => reading.traffic?.failuresPerSec;
  const [p50, p99] = [(reading: Reading) => reading.traffic?.p50Ms, (reading: Reading) => reading.traffic?.p99Ms];
  const mib = (value: number | null | undefined) => (value === null || value === undefined ? value : value / 2 ** 20);
  const colourOf = (index: number) => ((index % 4) + 1) as Colour;
  const takt = useOp('stations.list', {}).data?.find(({ id }) => id === view.stationId)?.taktMs ?? null;
  const [answered, failed] = [sumOf(view, 'answered'), sumOf(view, 'failed')];
  const known = (count: number | null) => (count === null ? '–' : formatCount(count));
  const throttled = Math.max(0, ...(latest?.containers.map(({ throttledPercent }) => throttledPercent ?? 0) ?? []));
  const limit = latest?.containers.find(({ name }) => view.containers.some((each) => each.name === name && each.role === 'model'));
  return (
    <>
      {failure && <ErrorNote error={failure} />}
      <Stats>
        <Stat label="Requests" value={latest?.traffic ? `${latest.traffic.requestsPerSec.toFixed(1)} /s` : '–'} note={`${known(answered)} answered since the gateway started`} />
        <Stat label="Latency p99" value={latest?.traffic?.p99Ms ? formatMs(latest.traffic.p99Ms) : '–'} note={latest?.traffic?.p50Ms ? `p50 ${formatMs(latest.traffic.p50Ms)}, at the gateway` : latest?.traffic ? 'no request in the last second' : 'the gateway has told nothing yet'} />
        <Stat label="Failed" value={known(failed)} note="since the gateway started" tone={failed !== null && failed > 0 ? 'warn' : undefined} />
        <Stat label="Under way" value={known(latest?.traffic?.inFlight ?? sumOf(view, 'inFlight'))} note="requests just now" />
        <Stat label="Memory of the model" value={limit ? formatMiB(limit.memoryBytes) : '–'} note={limit ? `of ${formatMiB(limit.memoryLimitBytes)}` : ''} />
        <Stat label="Held back" value={latest ? `${throttled.toFixed(0)} %` : '–'} note="of the time by the processor limit" tone={throttled > 20 ? 'warn' : undefined} />
      </Stats>
      <div className="row"><Segmented label="Time shown" value={span} onChange={(chosen) => setQuery({ span: chosen === '5m' ? null : chosen })} items={(Object.keys(spans) as Span[]).map((each) => ({ key: each, label: spans[each].label }))} /><Button look="quiet" icon={pausedAt === null ? <IconPlayerPause size={15} aria-hidden /> : <IconPlayerPlay size={15} aria-hidden />} onClick={() => setPausedAt(pausedAt === null ? now : null)}>{pausedAt === null ? 'Pause' : 'Go on'}</Button></div>
      <div className="cols2 stretch">
        <ChartCard title="Requests" unit="per second" legend={[key('answered', 1, latest && rate(latest)), key('failed', 3, latest && failing(latest))]} table={table([['answered', rate], ['failed', failing]])} csvName="requests"><LineChart label="Requests per second" lines={[line('answered', 1, rate), line('failed', 3, failing)]} {...shared} /></ChartCard>
        <ChartCard title="Latency" unit="ms at the gateway" legend={[key('p50', 1, latest && p50(latest), 2), key('p99', 2, latest && p99(latest), 2)]} table={table([['p50', p50], ['p99', p99]])} csvName="latency"><LineChart label="Latency in milliseconds" lines={[line('p50', 1, p50), line('p99', 2, p99)]} limits={takt === null ? [] : [{ axis: 'y', value: takt, label: `takt ${formatMs(takt)}` }]} {...shared} /></ChartCard>
        <ChartCard title="Processor" unit="%, 100 is one processor" legend={names.map((name, index) => key(short(name), colourOf(index), latest && use(name, 'cpuPercent')(latest), 0))} table={table(names.map((name) => [short(name), use(name, 'cpuPercent')] as const))} csvName="processor"><LineChart label="Processor use in percent" lines={names.map((name, index) => line(short(name), colourOf(index), use(name, 'cpuPercent')))} {...shared} /></ChartCard>
        <ChartCard title="Memory" unit="MiB" legend={names.map((name, index) => key(short(name), colourOf(index), latest && mib(use(name, 'memoryBytes')(latest)), 0))} table={table(names.map((name) => [short(name), (reading: Reading) => mib(use(name, 'memoryBytes')(reading))] as const))} csvName="memory"><LineChart label="Memory in mebibytes" lines={names.map((name, index) => line(short(name), colourOf(index), (reading) => mib(use(name, 'memoryBytes')(reading))))} {...shared} /></ChartCard>
      </div>
      <Note>One reading a second while this tab is open, kept for eight hours; past five minutes one line stands for ten seconds, with its slowest p99. Percentiles come from the gateway's histogram of the last second.</Note>
    </>
  );
}
