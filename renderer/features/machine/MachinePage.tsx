// The machine: what it has, how it is loaded, whether it is fit to commission on, and what changed since last time.
import { IconRefresh } from '@tabler/icons-react';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref } from '../../app/routes.ts';
import { useRoute } from '../../app/routes.ts';
import { Button, PrimaryLink } from '../../ui/Button.tsx';
import { Card, Loading, PageHead } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { plural } from '../../ui/format.ts';
import { Badge } from '../../ui/Status.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { HashText, TimeAgo } from '../../ui/Text.tsx';
import { Inventory } from './Inventory.tsx';
import { LiveCharts } from './LiveCharts.tsx';
import { PreflightList } from './PreflightList.tsx';

type View = 'live' | 'preflight' | 'inventory' | 'changes';

export function MachinePage() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const view = (query.tab ?? 'live') as View;
  const report = useOp('machine.inspect', {});
  const { data } = report;
  const failed = data?.preflight.filter((each) => each.status === 'fail').length ?? 0;
  const warned = data?.preflight.filter((each) => each.status === 'warn').length ?? 0;
  const slow = data?.probes.filter((probe) => !probe.ok).length ?? 0;
  return (
    <>
      <PageHead title={data ? data.hostname : 'This machine'} sub={data ? <>{data.cpu.model} · {data.os.distro} {data.os.release} · checked <TimeAgo iso={data.takenAt} staleMs={3600_000} /> · fingerprint <HashText hash={data.fingerprint} label="machine fingerprint" /></> : 'Processor, memory, accelerators, container engine, clock and disks.'}>
        {data && <Badge tone={failed ? 'bad' : warned ? 'warn' : 'ok'}>{failed ? `${plural(failed, 'check')} failed` : warned ? plural(warned, 'warning') : 'Fit to commission'}</Badge>}
        <Button icon={<IconRefresh size={15} className={report.loading ? 'spin' : ''} aria-hidden />} disabled={report.loading} onClick={report.reload}>{report.loading ? 'Checking' : 'Check again'}</Button>
        <PrimaryLink href={routeHref('models', null, { add: '1' })}>Import a model</PrimaryLink>
      </PageHead>
      {report.error && <ErrorNote error={report.error} onRetry={report.reload} />}
      <Tabs label="Machine" value={view} onChange={(tab) => setQuery({ tab: tab === 'live' ? null : tab })} items={[
        { key: 'live', label: 'Live' }, { key: 'preflight', label: 'Preflight', note: failed ? `${failed} failed` : warned ? plural(warned, 'warning') : undefined },
        { key: 'inventory', label: 'Inventory', note: slow ? `${plural(slow, 'probe')} without answer` : undefined }, { key: 'changes', label: 'Changes', count: data?.changes.length },
      ]}>
        {view === 'live' && <LiveCharts report={data ?? null} />}
        {view === 'preflight' && (data ? <PreflightList checks={data.preflight} /> : !report.error && <Card label="Preflight"><Loading what="the machine" rows={8} /></Card>)}
        {view === 'inventory' && (data ? <Inventory report={data} /> : !report.error && <Card label="Inventory"><Loading what="the machine" rows={8} /></Card>)}
        {view === 'changes' && data && (
          <Card title="Changed since the last check" unit="a changed driver or runtime makes earlier evidence stale" flush>
            {data.changes.length === 0 ? <p className="dim" style={{ padding: '6px 14px 14px' }}>Nothing changed since the last stored check.</p> : (
              <table className="data static"><thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">Now</th></tr></thead>
                <tbody>{data.changes.map((change) => <tr key={change.field}><td>{change.field}</td><td className="wrap dim">{change.before || 'none'}</td><td className="wrap">{change.after || 'none'}</td></tr>)}</tbody></table>
            )}
          </Card>
        )}
      </Tabs>
    </>
  );
}
