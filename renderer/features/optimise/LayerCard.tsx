// What low precision costs in each layer: the noise it carries, where measured also what it alone does to the output; and the choice to keep it in float.
import { useMemo, useState } from 'react';
import type { QuantizeOutput } from '#shared/contract/optimize';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { formatDb, plural } from '../../ui/format.ts';
import { Segmented } from '../../ui/Tabs.tsx';
import { figuresOf, layerRows, lowPrecision, shareWords, type LayerRow } from './layerRows.ts';

const level = (db: number | null) => (db === null ? '' : db < 25 ? 'low' : db < 35 ? 'mid' : '');
const nameLength = 34;
const blank = <span className="dim">–</span>;
const share = (value: number | undefined) => (value === undefined ? blank : <code>{shareWords(value)}</code>);

/** Wants a key for each run: what was switched belongs to the run whose layers are listed. */
export function LayerCard({ output, exclude, busy, onRun, look, looked = null }: { readonly output: QuantizeOutput; readonly exclude: readonly string[]; readonly busy: boolean; readonly onRun: (exclude: readonly string[]) => void; /** Shows how the values of a layer are spread; not for runs without data. */ readonly look?: ((node: string) => void) | undefined; readonly looked?: string | null }) {
  const [float, setFloat] = useState<readonly string[]>(exclude);
  const rows = useMemo(() => layerRows(output, exclude), [output, exclude]);
  const changed = float.length !== exclude.length || float.some((node) => !exclude.includes(node));
  const low = lowPrecision(output.recipe);
  const { alone, spread } = figuresOf(output);
  const columns = useMemo((): readonly Column<LayerRow>[] => [
    { key: 'node', title: 'Layer', value: (row) => row.node, cell: (row) => row.node === '' ? <span className="dim">unnamed</span> : <code title={row.operator ? `${row.node} (${row.operator})` : row.node}>{row.node.length > nameLength ? `…${row.node.slice(1 - nameLength)}` : row.node}</code> },
    { key: 'operator', title: 'Operator', value: (row) => row.operator },
    { key: 'sqnr', title: 'SQNR', value: (row) => row.sqnrDb, cell: (row) => row.measured ? <span className="nowrap"><span className={`meter ${level(row.sqnrDb)}`}><i style={{ width: `${Math.max(2, Math.min(100, ((row.sqnrDb ?? 60) / 60) * 100))}%` }} /></span> <code>{formatDb(row.sqnrDb, 'exact')}</code></span> : <span className="dim clip" style={{ display: 'block', maxWidth: 170 }} title={row.reason ?? ''}>{row.reason}</span> },
    ...(alone ? [{ key: 'alone', title: 'Alone', value: (row: LayerRow) => row.aloneDb ?? null, cell: (row: LayerRow) => (row.aloneDb === undefined ? blank : <code>{formatDb(row.aloneDb, 'exact')}</code>), numeric: true }] : []),
    ...(spread ? [
      { key: 'clipped', title: 'Clipped', value: (row: LayerRow) => row.clipShare ?? null, cell: (row: LayerRow) => share(row.clipShare), numeric: true },
      { key: 'unused', title: 'Unused', value: (row: LayerRow) => row.deadShare ?? null, cell: (row: LayerRow) => share(row.deadShare), numeric: true },
    ] : []),
    { key: 'precision', title: 'Precision', value: (row) => (float.includes(row.node) || !row.measured ? 'Float' : low), cell: (row) => row.choosable ? <Segmented tiny label={`Precision of ${row.node}`} value={float.includes(row.node) ? 'float' : 'low'} items={[{ key: 'float', label: 'Float', disabled: busy }, { key: 'low', label: low, disabled: busy }]} onChange={(key) => setFloat(key === 'float' ? [...float.filter((node) => node !== row.node), row.node] : float.filter((node) => node !== row.node))} /> : <span className="dim">{row.measured ? low : 'Float'}</span> },
  ], [float, busy, low, alone, spread]);
  return (
    <Card flush title="Cost of each layer" aside={changed ? <Button size="tiny" disabled={busy} onClick={() => onRun(float)}>{float.length === 0 ? 'Run with no layer kept in float' : `Run with ${plural(float.length, 'layer')} in float`}</Button> : <span>{rows.length === 0 ? '' : look ? 'a row opened shows its values' : 'signal to noise of each layer'}</span>}>
      {rows.length === 0 ? <p className="dim" style={{ padding: '4px 14px 14px' }}>No layer was measured: {output.keptOriginal ? 'the original was kept.' : 'this recipe has no per-layer figures.'}</p>
        : (
          <>
            {(alone || spread) && <p className="dim small" style={{ padding: '0 14px 8px' }}>SQNR: at the layer, errors of those before it included.{alone && ` Alone: at the output, where only this layer is ${low}.`}{spread && ' Clipped: values outside of its range. Unused: of the range, what no value came near.'}</p>}
            <DataTable label="Layers" columns={columns} rows={rows} rowKey={(row) => row.key} {...(look ? { onOpen: (row: LayerRow) => look(row.node), selected: rows.find(({ node }) => node === looked)?.key ?? null } : {})} tools={rows.length > 14} maxHeight={380} />
          </>
        )}
    </Card>
  );
}
