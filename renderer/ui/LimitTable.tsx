// Limits and what was measured against them: value, interval, verdict, reason.
import type { LimitResult } from '#shared/contract/validation';
import { DataTable, type Column } from './DataTable.tsx';
import { formatAllowed, formatInterval, formatMetric, metricWords } from './metrics.ts';
import { VerdictWord } from './Status.tsx';

/** The bound, and below it the conditions that it holds under. */
function Allowed({ limit }: { readonly limit: LimitResult }) {
  const text = formatAllowed(limit.metric, limit.limit);
  const at = text.indexOf(' (');
  return at < 0 ? <span className="nowrap">{text}</span> : <><span className="nowrap">{text.slice(0, at)}</span> <span className="dim small">{text.slice(at + 2, -1)}</span></>;
}

const columns: readonly Column<LimitResult>[] = [
  { key: 'id', title: 'Limit', value: (limit) => limit.id, cell: (limit) => <code>{limit.id}</code> },
  { key: 'verdict', title: 'Verdict', value: (limit) => limit.verdict, cell: (limit) => <VerdictWord verdict={limit.verdict} /> },
  { key: 'metric', title: 'Metric', value: (limit) => metricWords[limit.metric] },
  { key: 'limit', title: 'Allowed', value: (limit) => limit.limit, cell: (limit) => <Allowed limit={limit} />, wrap: true },
  { key: 'value', title: 'Measured', value: (limit) => limit.value, cell: (limit) => <span className={limit.verdict === 'FAIL' ? 'strong tone-bad' : limit.value === null ? 'tone-warn' : 'strong'}>{formatMetric(limit.metric, limit.value)}</span>, numeric: true },
  { key: 'interval', title: 'Interval', value: (limit) => limit.interval?.low ?? null, cell: (limit) => limit.interval ? <span title={`${limit.interval.method}, n = ${limit.interval.n}, ${(limit.interval.confidence * 100).toFixed(1)} %`}>{formatInterval(limit.metric, limit.interval)}</span> : <span className="dim">–</span>, numeric: true },
  { key: 'n', title: 'n', value: (limit) => limit.interval?.n ?? null, cell: (limit) => limit.interval?.n ?? '–', numeric: true, hidden: true },
  { key: 'reason', title: 'How it was judged', value: (limit) => limit.reason, cell: (limit) => <span className="dim">{limit.reason}</span>, wrap: true },
];

const order = { FAIL: 0, 'NOT MEASURED': 1, PASS: 2 } as const;
/** What failed stands first; within a verdict the order of the limits file. */
export function LimitTable({ limits }: { readonly limits: readonly LimitResult[] }) {
  return <DataTable label="Limits" columns={columns} rows={limits.slice().sort((a, b) => order[a.verdict] - order[b.verdict])} rowKey={(limit) => limit.id} tools={false} />;
}
