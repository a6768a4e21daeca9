// Serving: what each station serves in containers, the engine it stands on, and the way to put a model into service.
import { IconPlus, IconServer } from '@tabler/icons-react';
import type { ServingView } from '#shared/contract/serving';
import { liveVersion } from '#shared/liveVersion';
import { useCrumb } from '../../app/crumbs.ts';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { useEngine } from '../../app/useEngine.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, EmptyState, Loading, PageHead } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatCount, formatMs } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { DeployCard } from './DeployCard.tsx';
import { EngineCard } from './EngineCard.tsx';
import { latencyOf, requestsPerSec, sumOf } from './figures.ts';
import { ReadyCard } from './ReadyCard.tsx';
import { ServingDetail } from './ServingDetail.tsx';
import { useServing } from './useServing.ts';
import { stateOf } from './words.ts';

const figure = (key: string, title: string, of: (view: ServingView) => number | null, format: (value: number) => string): Column<ServingView> => ({ key, title, value: of, cell: (view) => { const value = of(view); return value === null ? '–' : format(value); }, numeric: true });

const columns: readonly Column<ServingView>[] = [
  { key: 'station', title: 'Station', value: (view) => view.station, cell: (view) => <span className="strong">{view.station}</span> },
  // The reason stands below the word, and only where something is to be explained: beside eight columns of figures it had room for a word a line.
  { key: 'state', title: 'State', value: (view) => `${stateOf(view).word} ${view.reason}`, cell: (view) => <><StatusWord tone={stateOf(view).tone}>{stateOf(view).word}</StatusWord>{view.state !== 'serving' && <div className="dim small">{view.reason}</div>}</>, wrap: true },
  { key: 'model', title: 'Model', value: (view) => liveVersion(view)?.modelName ?? '', cell: (view) => `${liveVersion(view)?.modelName ?? 'unknown'} (${view.live})` },
  { key: 'address', title: 'Address', value: (view) => view.address, cell: (view) => <code>{view.address}</code> },
  figure('rate', 'Requests /s', requestsPerSec, (rate) => rate.toFixed(1)),
  figure('p50', 'p50', (view) => latencyOf(view, 'p50Ms'), formatMs),
  figure('p99', 'p99', (view) => latencyOf(view, 'p99Ms'), formatMs),
  { ...figure('answered', 'Answered', (view) => sumOf(view, 'answered'), formatCount), hidden: true },
  figure('failed', 'Failed', (view) => sumOf(view, 'failed'), formatCount),
  { key: 'restarts', title: 'Restarts', value: (view) => view.containers.reduce((sum, { restarts }) => sum + restarts, 0), numeric: true },
];

function ServingList() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const { views, error, reload } = useServing();
  const engine = useEngine();
  const empty = views?.length === 0;
  const adding = query.add === '1' || empty === true;
  return (
    <>
      <PageHead title="Serving" sub="Containers that answer the line: state, load, latency, logs, roll back.">
        {engine?.available && <StatusWord tone="ok">{engine.engine} {engine.version}</StatusWord>}
        {!empty && <Button icon={<IconPlus size={15} aria-hidden />} aria-pressed={adding} onClick={() => setQuery({ add: adding ? null : '1' })}>Deploy a model</Button>}
      </PageHead>
      {engine && !engine.available && <EngineCard />}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!views && !error && <Card label="Serving"><Loading what="what is served" rows={5} /></Card>}
      {empty && <Card label="Serving"><EmptyState icon={<IconServer size={24} stroke={1.5} />} title="Nothing is served yet">A model runs in a container of its own, without network, and a gateway in front of it keeps one address for the station while versions change.</EmptyState></Card>}
      {adding && <DeployCard onStart={() => setQuery({ add: '1' })} />}
      {views && views.length > 0 && <Card flush title="Stations that serve" unit="rate and percentiles of the last five minutes, at the gateway"><DataTable label="Stations that serve" columns={columns} rows={views} rowKey={(view) => view.stationId} sortBy={{ key: 'station' }} onOpen={(view) => navigate(routeHref('serving', view.stationId))} maxHeight={640} /></Card>}
      {views && <ReadyCard />}
    </>
  );
}

export function ServingPage() {
  const { id } = useRoute();
  return id ? <ServingDetail key={id} id={id} /> : <ServingList />;
}
