// The cost of each layer: SQNR where only it is in low precision, and the choice to keep it in float.
import { useMemo, useState } from 'react';
import type { QuantizeOutput } from '#shared/contract/optimize';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { formatDb, plural } from '../../ui/format.ts';
import { Segmented } from '../../ui/Tabs.tsx';

interface LayerRow { readonly node: string; readonly operator: string; readonly sqnrDb: number | null; readonly measured: boolean; readonly reason: string | null }
const level = (db: number | null) => (db === null ? '' : db < 25 ? 'low' : db < 35 ? 'mid' : '');

export function LayerCard({ output, exclude, busy, onRun, look, looked = null }: { readonly output: QuantizeOutput; readonly exclude: readonly string[]; readonly busy: boolean; readonly onRun: (exclude: readonly string[]) => void; /** Shows how the values of a layer are spread; not for runs without data. */ readonly look?: ((node: string) => void) | undefined; readonly looked?: string | null }) {
  const [float, setFloat] = useState<readonly string[]>(exclude);
  const rows = useMemo((): readonly LayerRow[] => [
    ...output.layers.map((layer) => ({ node: layer.node, operator: layer.operator ?? '', sqnrDb: layer.sqnrDb, measured: true, reason: null })),
    ...output.nodesKept.filter((kept) => !output.layers.some((layer) => layer.node === kept.node)).map((kept) => ({ node: kept.node, operator: '', sqnrDb: null, measured: false, reason: kept.reason })),
  ].sort((a, b) => Number(b.measured) - Number(a.measured) || (a.sqnrDb ?? 999) - (b.sqnrDb ?? 999)), [output]);
  const changed = float.length !== exclude.length || float.some((node) => !exclude.includes(node));
  const columns = useMemo((): readonly Column<LayerRow>[] => [
    { key: 'node', title: 'Layer', value: (row) => row.node, cell: (row) => <code title={row.node}>{row.node.length > 34 ? `…${row.node.slice(-33)}` : row.node}</code> },
    { key: 'operator', title: 'Operator', value: (row) => row.operator },
    { key: 'sqnr', title: 'SQNR', value: (row) => row.sqnrDb, cell: (row) => row.measured ? <span className="nowrap"><span className={`meter ${level(row.sqnrDb)}`}><i style={{ width: `${Math.max(2, Math.min(100, ((row.sqnrDb ?? 60) / 60) * 100))}%` }} /></span> <code>{formatDb(row.sqnrDb, 'exact')}</code></span> : <span className="dim clip" style={{ display: 'block', maxWidth: 170 }} title={row.reason ?? ''}>{row.reason}</span> },
    { key: 'precision', title: 'Precision', value: (row) => (float.includes(row.node) || !row.measured ? 'Float' : 'INT8'), cell: (row) => row.measured ? <Segmented tiny label={`Precision of ${row.node}`} value={float.includes(row.node) ? 'float' : 'int8'} items={[{ key: 'float', label: 'Float', disabled: busy }, { key: 'int8', label: 'INT8', disabled: busy }]} onChange={(key) => setFloat(key === 'float' ? [...float, row.node] : float.filter((node) => node !== row.node))} /> : <span className="dim">Float</span> },
  ], [float, busy]);
  return (
    <Card flush title="Cost of each layer" aside={changed ? <Button size="tiny" disabled={busy} onClick={() => onRun(float)}>Run with {plural(float.length, 'layer')} in float</Button> : <span>{look ? 'a row opened shows its values' : 'signal to noise of each layer'}</span>}>
      {rows.length === 0 ? <p className="dim" style={{ padding: '4px 14px 14px' }}>No layer was measured: {output.keptOriginal ? 'the original was kept.' : 'this recipe has no per-layer figures.'}</p>
        : <DataTable label="Layers" columns={columns} rows={rows} rowKey={(row) => row.node} {...(look ? { onOpen: (row: LayerRow) => look(row.node), selected: looked } : {})} tools={rows.length > 14} maxHeight={380} />}
    </Card>
  );
}
