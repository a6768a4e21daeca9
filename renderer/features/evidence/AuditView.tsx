// The audit trail: who did what, each entry chained to the one before by its hash.
import { changeLine } from '#shared/auditChange';
import type { AuditEntry } from '#shared/contract/evidence';
import { useOp } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { Findings } from '../../ui/Findings.tsx';
import { formatCount, formatDateTime, shortHash } from '../../ui/format.ts';
import { Badge } from '../../ui/Status.tsx';
import { HashText } from '../../ui/Text.tsx';

/** What changed and why, where the entry says so; else its detail as it is. */
const detailText = (detail: unknown): string => {
  const line = changeLine(detail);
  if (line !== '') return line;
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail) ?? '';
  return text === '{}' || text === 'null' ? '' : text;
};
const columns: readonly Column<AuditEntry>[] = [
  { key: 'seq', title: 'No', value: (entry) => entry.seq, numeric: true }, { key: 'at', title: 'When', value: (entry) => entry.at, cell: (entry) => formatDateTime(entry.at) }, { key: 'actor', title: 'Who', value: (entry) => entry.actor },
  { key: 'action', title: 'What', value: (entry) => entry.action, cell: (entry) => <span className="strong">{entry.action}</span> }, { key: 'subject', title: 'On', value: (entry) => entry.subject, cell: (entry) => <span className="clip" style={{ display: 'block', maxWidth: 200 }} title={entry.subject}>{entry.subject}</span> },
  { key: 'detail', title: 'Old → new, or detail', value: (entry) => detailText(entry.detail), cell: (entry) => <code className="dim clip" style={{ display: 'block', maxWidth: 320 }} title={detailText(entry.detail)}>{detailText(entry.detail)}</code> }, { key: 'hash', title: 'Hash', value: (entry) => entry.hash, cell: (entry) => <code>{shortHash(entry.hash, 8)}</code> },
];

export function AuditView() {
  const list = useOp('audit.show', { limit: 2000 });
  const check = useOp('audit.verify', {});
  if (list.error) return <ErrorNote error={list.error} onRetry={list.reload} />;
  return (
    <>
      <div className="row">{check.data && <Badge tone={check.data.intact ? 'ok' : 'bad'}>{check.data.intact ? `Chain intact, ${formatCount(check.data.entries)} entries` : 'Chain broken'}</Badge>}{check.data?.head && <span className="dim">head <HashText hash={check.data.head} label="head of the chain" length={16} /></span>}<Button size="tiny" onClick={check.reload}>Check again</Button></div>
      {check.error && <ErrorNote error={check.error} onRetry={check.reload} />}
      {check.data && check.data.findings.length > 0 && <Card title={check.data.intact ? 'Worth a look' : 'What is wrong'}><Findings findings={check.data.findings} /></Card>}
      {!list.data ? <Card label="Audit trail"><Loading what="the audit trail" rows={8} /></Card> : <Card flush label="Audit trail"><DataTable label="Audit trail" tools columns={columns} rows={list.data.entries} rowKey={(entry) => String(entry.seq)} sortBy={{ key: 'seq', descending: true }} maxHeight={640} empty="Nothing was done yet." /></Card>}
    </>
  );
}
