// The nodes of a model as a list in graph order; long graphs are drawn in windows.
import type { ModelRef } from '#shared/contract/references';
import { useMemo } from 'react';
import { useOp } from '../../api/useOp.ts';
import { Card, Loading } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';

interface NodeRow { readonly at: number; readonly name: string; readonly operator: string; readonly inputs: string; readonly outputs: string; readonly depth: number }
const columns: readonly Column<NodeRow>[] = [
  { key: 'at', title: 'No', value: (row) => row.at, numeric: true },
  { key: 'name', title: 'Node', value: (row) => row.name, cell: (row) => <code>{row.name || '(unnamed)'}</code> },
  { key: 'operator', title: 'Operator', value: (row) => row.operator, cell: (row) => <span className="strong">{row.operator}</span> },
  { key: 'inputs', title: 'From', value: (row) => row.inputs, cell: (row) => <code className="dim" title={row.inputs}>{row.inputs}</code> },
  { key: 'outputs', title: 'To', value: (row) => row.outputs, cell: (row) => <code className="dim" title={row.outputs}>{row.outputs}</code> },
  { key: 'depth', title: 'Depth', value: (row) => row.depth, numeric: true, hidden: true },
];

export function GraphList({ model }: { readonly model: ModelRef }) {
  const graph = useOp('models.graph', { model });
  const rows = useMemo(() => (graph.data?.nodes ?? []).map((node, at): NodeRow => ({ at: at + 1, name: node.name, operator: node.domain && node.domain !== 'ai.onnx' ? `${node.domain}.${node.operator}` : node.operator, inputs: node.inputs.filter(Boolean).join(', '), outputs: node.outputs.join(', '), depth: node.depth })), [graph.data]);
  if (graph.error) return <ErrorNote error={graph.error} onRetry={graph.reload} />;
  if (!graph.data) return <Card label="Nodes"><Loading what="the graph" rows={8} /></Card>;
  return <Card flush label="Nodes"><DataTable label="Nodes" tools columns={columns} rows={rows} rowKey={(row) => String(row.at)} maxHeight={600} /></Card>;
}
