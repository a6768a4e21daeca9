// The frame of every chart: title, unit, figures in the legend, table view, CSV.
import { IconChartLine, IconDownload, IconTable } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import { IconButton } from '../Button.tsx';
import { toCsv } from '../format.ts';

export interface LegendKey { readonly label: string; readonly value: string; readonly colour: 1 | 2 | 3 | 4 | 'dim' }
export interface ChartTable { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | number | null)[])[] }

export function saveText(name: string, text: string, type = 'text/csv'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function ChartCard({ title, unit, legend = [], aside, table, csvName, children, note }: { readonly title: string; readonly unit?: string; readonly legend?: readonly LegendKey[]; readonly aside?: ReactNode; readonly table?: () => ChartTable; readonly csvName?: string; readonly children: ReactNode; readonly note?: ReactNode }) {
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  return (
    <section className="card" aria-labelledby={id}>
      <div className="chart-head">
        <h3 id={id}>{title}</h3>{unit && <span className="unit">{unit}</span>}
        <span className="push">
          {legend.length > 0 && <span className="legend">{legend.map((key) => <span className="key" key={key.label}><i className={`c${key.colour}`} />{key.label}<b>{key.value}</b></span>)}</span>}
          {aside}
          {table && (
            <span className="chart-tools">
              <IconButton label={asTable ? 'Show the chart' : 'Show as a table'} aria-pressed={asTable} icon={asTable ? <IconChartLine size={14} aria-hidden /> : <IconTable size={14} aria-hidden />} onClick={() => setAsTable(!asTable)} />
              <IconButton label="Save as CSV" icon={<IconDownload size={14} aria-hidden />} onClick={() => { const { columns, rows } = table(); saveText(`${csvName ?? 'chart'}.csv`, toCsv(columns, rows)); }} />
            </span>
          )}
        </span>
      </div>
      {asTable && table ? <TableView label={title} table={table()} /> : children}
      {note}
    </section>
  );
}

function TableView({ label, table }: { readonly label: string; readonly table: ChartTable }) {
  const rows = table.rows.slice(-300);
  return (
    <div className="chart-table" style={{ maxHeight: 240 }} tabIndex={0} role="region" aria-label={label}>
      <table className="data"><thead><tr>{table.columns.map((column, index) => <th key={column} scope="col" className={index > 0 ? 'n' : ''}>{column}</th>)}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{row.map((cell, index) => <td key={index} className={index > 0 ? 'n' : ''}>{cell ?? '–'}</td>)}</tr>)}</tbody></table>
    </div>
  );
}
