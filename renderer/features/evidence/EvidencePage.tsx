// Evidence: the signed reports, verification of any zip, the audit trail.
import { IconCertificate } from '@tabler/icons-react';
import type { EvidenceRecord } from '#shared/contract/evidence';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { PrimaryLink } from '../../ui/Button.tsx';
import { Card, EmptyState, Loading, PageHead } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime, shortHash } from '../../ui/format.ts';
import { evidenceTone, evidenceWords, StatusWord, VerdictWord } from '../../ui/Status.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { AuditView } from './AuditView.tsx';
import { DeviationsView } from './DeviationsView.tsx';
import { EvidenceDetail } from './EvidenceDetail.tsx';
import { VerifyView } from './VerifyView.tsx';

type View = 'reports' | 'deviations' | 'verify' | 'audit';
const columns: readonly Column<EvidenceRecord>[] = [
  { key: 'title', title: 'Report', value: (record) => record.title, cell: (record) => <span className="strong">{record.title}</span> }, { key: 'station', title: 'Station', value: (record) => record.station ?? '–' },
  { key: 'verdict', title: 'Verdict', value: (record) => record.verdict, cell: (record) => <VerdictWord verdict={record.verdict} /> },
  { key: 'state', title: 'State', value: (record) => record.state, cell: (record) => <StatusWord tone={evidenceTone[record.state]}>{evidenceWords[record.state]}{record.exploratory ? ', exploratory' : ''}</StatusWord> },
  { key: 'signed', title: 'Signed by', value: (record) => record.signatures.map((signature) => signature.signer).join(', ') || '–' },
  { key: 'created', title: 'Created', value: (record) => record.createdAt, cell: (record) => formatDateTime(record.createdAt) }, { key: 'hash', title: 'Report hash', value: (record) => record.reportSha256, cell: (record) => <code>{shortHash(record.reportSha256)}</code> },
];

function Overview() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const view = (query.tab ?? 'reports') as View;
  const list = useOp('evidence.list', {});
  const openDeviations = useOp('deviations.list', { open: true });
  const newest = (list.data ?? []).slice().sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const unsigned = newest.find((record) => record.state === 'draft' || record.state === 'review');
  return (
    <>
      <PageHead title="Evidence" sub="Reports that a quality department can check without this console.">{unsigned ? <PrimaryLink href={routeHref('evidence', unsigned.id)}>Sign the newest</PrimaryLink> : <PrimaryLink href={routeHref('validate')}>Validate a model</PrimaryLink>}</PageHead>
      <Tabs label="Evidence" value={view} onChange={(tab) => setQuery({ tab: tab === 'reports' ? null : tab })} items={[{ key: 'reports', label: 'Reports', count: list.data?.length }, { key: 'deviations', label: 'Deviations', count: openDeviations.data?.length }, { key: 'verify', label: 'Verify a file' }, { key: 'audit', label: 'Audit trail' }]}>
        {view === 'reports' && (list.error ? <ErrorNote error={list.error} onRetry={list.reload} /> : !list.data ? <Card label="Reports"><Loading what="the reports" /></Card> : newest.length === 0
          ? <Card label="Reports"><EmptyState icon={<IconCertificate size={24} stroke={1.5} />} title="No evidence yet" actions={<PrimaryLinkless />}>A validation against locked limits writes a report: PDF, HTML, JSON, JUnit and CSV in one signed zip.</EmptyState></Card>
          : <Card flush label="Reports"><DataTable label="Reports" columns={columns} rows={newest} rowKey={(record) => record.id} onOpen={(record) => navigate(routeHref('evidence', record.id))} /></Card>)}
        {view === 'deviations' && <DeviationsView />}
        {view === 'verify' && <VerifyView />}
        {view === 'audit' && <AuditView />}
      </Tabs>
    </>
  );
}
const PrimaryLinkless = () => <a className="btn" href={routeHref('stations')}>Commission a station</a>;

export function EvidencePage() {
  const { id } = useRoute();
  return id ? <EvidenceDetail key={id} id={id} /> : <Overview />;
}
