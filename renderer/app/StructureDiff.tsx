// The structural difference of two models, drawn where two are compared: nodes, weights, opset.
import { useMemo, type ReactNode } from 'react';
import { useOp } from '../api/useOp.ts';
import { Loading } from '../ui/Card.tsx';
import { DataTable, type Column } from '../ui/DataTable.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { formatCount } from '../ui/format.ts';
import { StatusWord, Tag } from '../ui/Status.tsx';

interface Entry { readonly what: string; readonly kind: 'added' | 'removed' | 'changed'; readonly name: string; readonly operator: string; readonly detail: string; readonly key: string }
const columns: readonly Column<Entry>[] = [
  { key: 'kind', title: 'Change', value: (entry) => entry.kind, cell: (entry) => <Tag tone={entry.kind === 'added' ? 'ok' : entry.kind === 'removed' ? 'bad' : 'warn'}>{entry.kind}</Tag> },
  { key: 'what', title: 'Of', value: (entry) => entry.what }, { key: 'name', title: 'Name', value: (entry) => entry.name, cell: (entry) => <code>{entry.name}</code> },
  { key: 'operator', title: 'Operator', value: (entry) => entry.operator }, { key: 'detail', title: 'Detail', value: (entry) => entry.detail, wrap: true },
];
const counted = (counts: { readonly added: number; readonly removed: number; readonly changed: number }) => `${formatCount(counts.added)} added · ${formatCount(counts.removed)} removed · ${formatCount(counts.changed)} changed`;

/** Wants a flush card around it. @param a null, as b, while it is not chosen @param children what chooses the two, in the line of the sum */
export function StructureDiff({ a, b, children }: { readonly a: string | null; readonly b: string | null; readonly children?: ReactNode }) {
  const ready = a !== null && b !== null && a !== b;
  const diff = useOp('models.diff', ready ? { a: { id: a }, b: { id: b } } : null);
  const entries = useMemo((): readonly Entry[] => diff.data ? [
    ...diff.data.nodes.entries.map((entry, index): Entry => ({ what: 'node', kind: entry.kind, name: entry.node, operator: entry.operator, detail: entry.detail, key: `n${index}` })),
    ...diff.data.initializers.entries.map((entry, index): Entry => ({ what: 'weights', kind: entry.kind, name: entry.name, operator: '', detail: entry.detail, key: `w${index}` })),
  ] : [], [diff.data]);
  return (
    <>
      {(children !== undefined || diff.data) && (
        <div className="row" style={{ padding: '0 14px 12px', alignItems: 'flex-end' }}>
          {children}
          {diff.data && <span className="dim">{diff.data.identical ? <StatusWord tone="ok">The same structure and weights</StatusWord> : <>Nodes: {counted(diff.data.nodes)} — Weights: {counted(diff.data.initializers)}{Object.entries(diff.data.opset).map(([domain, { before, after }]) => before === after ? '' : ` — opset ${domain || 'ai.onnx'} ${before ?? 'none'} → ${after ?? 'none'}`).join('')}</>}</span>}
        </div>
      )}
      {diff.error && <div style={{ padding: '0 14px 14px' }}><ErrorNote error={diff.error} onRetry={diff.reload} /></div>}
      {diff.loading && ready && !diff.data && <div style={{ padding: 14 }}><Loading what="the difference" /></div>}
      {diff.data && !diff.data.identical && <DataTable label="Differences" columns={columns} rows={entries} rowKey={(entry) => entry.key} maxHeight={420} />}
    </>
  );
}
