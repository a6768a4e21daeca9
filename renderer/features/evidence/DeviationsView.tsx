// Deviations: what was found, who owns it, and how it was closed.
import { useState } from 'react';
import type { Deviation } from '#shared/contract/deviations';
import { useOp } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading, Note } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { CloseDeviation } from './CloseDeviation.tsx';
import { OpenDeviation } from './OpenDeviation.tsx';
import { deviationWords, severityTone } from './words.ts';

const columns: readonly Column<Deviation>[] = [
  { key: 'id', title: 'No', value: (row) => row.id, cell: (row) => <code>{row.id}</code> },
  { key: 'state', title: 'State', value: (row) => deviationWords(row, ''), cell: (row) => <StatusWord tone={row.closure === null ? severityTone[row.severity] : 'ok'}>{deviationWords(row, new Date().toISOString())}</StatusWord> },
  { key: 'severity', title: 'Severity', value: (row) => row.severity },
  { key: 'text', title: 'What was found', value: (row) => row.text, cell: (row) => <span className="clip" style={{ display: 'block', maxWidth: 320 }} title={row.text}>{row.text}</span> },
  { key: 'against', title: 'Against', value: (row) => row.station ?? row.validationId ?? '' },
  { key: 'owner', title: 'Owner', value: (row) => row.owner }, { key: 'due', title: 'Due', value: (row) => row.dueDate },
];

export function DeviationsView() {
  const list = useOp('deviations.list', {});
  const [openId, setOpenId] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const chosen = list.data?.find((row) => row.id === openId);
  if (list.error) return <ErrorNote error={list.error} onRetry={list.reload} />;
  if (!list.data) return <Card label="Deviations"><Loading what="the deviations" /></Card>;
  return (
    <>
      <div className="row"><Button onClick={() => setAdding(!adding)}>{adding ? 'Cancel' : 'Open a deviation'}</Button></div>
      {adding && <OpenDeviation onDone={() => { setAdding(false); list.reload(); }} />}
      <Card flush label="Deviations"><DataTable label="Deviations" columns={columns} rows={list.data} rowKey={(row) => row.id} onOpen={(row) => setOpenId(row.id === openId ? null : row.id)} empty="No deviation was opened." /></Card>
      {chosen && (
        <Card title={chosen.id} unit={chosen.severity}>
          <div className="stack">
            <p className="prewrap">{chosen.text}</p>
            {chosen.impact && <p className="dim prewrap">Impact: {chosen.impact}</p>}
            <p className="dim small">Opened by {chosen.openedBy}, {formatDateTime(chosen.openedAt)}</p>
            {chosen.closure === null ? <CloseDeviation deviation={chosen} onDone={list.reload} />
              : <Note tone="ok">Closed by {chosen.closure.by} ({chosen.closure.authenticated ? 'authenticated' : 'name not authenticated'}), {formatDateTime(chosen.closure.at)}. Cause: {chosen.closure.cause} Action: {chosen.closure.action} Evidence: {chosen.closure.evidence}</Note>}
          </div>
        </Card>
      )}
    </>
  );
}
