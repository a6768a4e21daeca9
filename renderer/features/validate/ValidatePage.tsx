// Validate: run against limits that were locked beforehand, lock limits, look at every attempt, benchmark.
import { IconLock, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref, useRoute } from '../../app/routes.ts';
import { useOp } from '../../api/useOp.ts';
import { PrimaryAction, PrimaryLink } from '../../ui/Button.tsx';
import { PageHead } from '../../ui/Card.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { AgreementView } from './AgreementView.tsx';
import { Attempts } from './Attempts.tsx';
import { BenchmarkView } from './BenchmarkView.tsx';
import { CourtView } from './CourtView.tsx';
import { LimitsEditor } from './LimitsEditor.tsx';
import { RunView } from './RunView.tsx';
import type { ViewAction } from './useViewAction.ts';
import { ValidationDetail } from './ValidationDetail.tsx';

type View = 'run' | 'limits' | 'attempts' | 'court' | 'agreement' | 'benchmark';

function Overview() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const view = (query.tab ?? 'run') as View;
  const [action, setAction] = useState<ViewAction | null>(null);
  const attempts = useOp('validation.list', {});
  const limits = useOp('validation.listLimits', {});
  const dockets = useOp('court.list', {});
  return (
    <>
      <PageHead title="Validate" sub="Limits are locked before the run; every attempt stays listed, failed ones too.">
        {view === 'attempts' || view === 'court' || view === 'agreement' ? <PrimaryLink href={routeHref('validate')}>Run a validation</PrimaryLink> : action && <PrimaryAction icon={action.leads ? undefined : view === 'limits' ? <IconLock size={15} aria-hidden /> : <IconPlayerPlay size={15} aria-hidden />} disabled={action.disabled} onClick={action.run}>{action.label}</PrimaryAction>}
      </PageHead>
      <Tabs label="Validate" value={view} onChange={(tab) => setQuery({ tab: tab === 'run' ? null : tab, docket: null, study: null })} items={[{ key: 'run', label: 'Run' }, { key: 'limits', label: 'Limits', count: limits.data?.length, note: limits.data?.length === 0 ? 'none locked' : undefined }, { key: 'attempts', label: 'Attempts', count: attempts.data?.length }, { key: 'court', label: 'Flip court', count: dockets.data?.filter((docket) => docket.state !== 'closed').length }, { key: 'agreement', label: 'Agreement' }, { key: 'benchmark', label: 'Benchmark' }]}>
        {view === 'run' && <RunView onAction={setAction} />}
        {view === 'limits' && <LimitsEditor onAction={setAction} />}
        {view === 'attempts' && <Attempts list={attempts} />}
        {view === 'court' && <CourtView />}
        {view === 'agreement' && <AgreementView />}
        {view === 'benchmark' && <BenchmarkView onAction={setAction} />}
      </Tabs>
    </>
  );
}

export function ValidatePage() {
  const { id } = useRoute();
  return id ? <ValidationDetail key={id} id={id} /> : <Overview />;
}
