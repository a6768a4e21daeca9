// Every validation that was run, passed or not; none is ever taken away.
import type { ValidationOutput } from '#shared/contract/validation';
import type { OpResult } from '../../api/useOp.ts';
import { navigate, routeHref } from '../../app/routes.ts';
import { Card, EmptyState, Loading } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime, formatMs, formatShare, shortHash } from '../../ui/format.ts';
import { StatusWord, ToneIcon, VerdictWord } from '../../ui/Status.tsx';

const columns: readonly Column<ValidationOutput>[] = [
  { key: 'at', title: 'When', value: (run) => run.takenAt, cell: (run) => formatDateTime(run.takenAt) }, { key: 'verdict', title: 'Verdict', value: (run) => run.verdict, cell: (run) => <VerdictWord verdict={run.verdict} /> },
  { key: 'kind', title: 'Limits', value: (run) => (run.exploratory ? 'exploratory' : 'locked'), cell: (run) => <StatusWord tone={run.exploratory ? 'warn' : 'ok'}>{run.exploratory ? 'Exploratory' : 'Locked before'}</StatusWord> },
  { key: 'attempt', title: 'Attempt', value: (run) => run.attempt, numeric: true },
  { key: 'passed', title: 'Limits kept', value: (run) => run.limits.filter((limit) => limit.verdict === 'PASS').length, cell: (run) => `${run.limits.filter((limit) => limit.verdict === 'PASS').length} of ${run.limits.length}`, numeric: true },
  { key: 'accuracy', title: 'Accuracy', value: (run) => run.accuracy?.accuracy ?? null, cell: (run) => (run.accuracy ? formatShare(run.accuracy.accuracy) : '–'), numeric: true },
  { key: 'flips', title: 'Changed', value: (run) => run.compare?.flips.length ?? null, numeric: true },
  { key: 'p99', title: 'p99', value: (run) => run.bench?.best?.latencyMs.p99 ?? null, cell: (run) => (run.bench?.best ? formatMs(run.bench.best.latencyMs.p99) : '–'), numeric: true },
  { key: 'model', title: 'Model', value: (run) => run.modelSha256, cell: (run) => <code>{shortHash(run.modelSha256)}</code> }, { key: 'data', title: 'Manifest', value: (run) => run.manifestSha256, cell: (run) => <code>{shortHash(run.manifestSha256)}</code>, hidden: true },
];

export function Attempts({ list }: { readonly list: OpResult<ValidationOutput[]> }) {
  if (list.error) return <ErrorNote error={list.error} onRetry={list.reload} />;
  if (!list.data) return <Card label="Attempts"><Loading what="the attempts" /></Card>;
  if (list.data.length === 0) return <Card label="Attempts"><EmptyState icon={<ToneIcon tone="dim" size={24} />} title="No run yet">Each validation is listed here with its attempt number, so that a passed one can be told from the tenth try.</EmptyState></Card>;
  return <Card flush label="Attempts"><DataTable label="Attempts" tools columns={columns} rows={list.data} rowKey={(run) => run.id} sortBy={{ key: 'at', descending: true }} onOpen={(run) => navigate(routeHref('validate', run.id))} maxHeight={640} /></Card>;
}
