// The one table: sorting, filter, choice of columns, keyboard rows, drawn in windows above 200 rows.
import { IconArrowDown, IconArrowUp, IconColumns3 } from '@tabler/icons-react';
import { columnFilteringFeature, columnVisibilityFeature, createFilteredRowModel, createSortedRowModel, filterFns, globalFilteringFeature, rowSortingFeature, sortFns, tableFeatures, useTable, type ColumnDef, type Row } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from './Button.tsx';
import { CheckField } from './Field.tsx';
import { formatCount } from './format.ts';

const features = tableFeatures({ rowSortingFeature, columnFilteringFeature, globalFilteringFeature, columnVisibilityFeature, sortedRowModel: createSortedRowModel(), filteredRowModel: createFilteredRowModel(), sortFns, filterFns });

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  /** What the column sorts and filters by. */
  readonly value: (row: T) => string | number | null;
  /** What is drawn; without it the value. */
  readonly cell?: (row: T) => ReactNode;
  readonly numeric?: boolean;
  readonly wrap?: boolean;
  readonly hidden?: boolean;
}

export interface DataTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  readonly selected?: string | null;
  readonly sortBy?: { readonly key: string; readonly descending?: boolean };
  /** Filter box and column choice; on by default from 8 rows. */
  readonly tools?: boolean;
  readonly empty?: ReactNode;
  readonly maxHeight?: number;
  readonly actions?: ReactNode;
}

const rowHeight = 30; // 29 px and its line
const windowAbove = 200;

export function DataTable<T>({ label, columns, rows, rowKey, onOpen, selected, sortBy, tools, empty, maxHeight = 520, actions }: DataTableProps<T>) {
  const scroll = useRef<HTMLDivElement>(null);
  const definitions = useMemo(() => columns.map((column): ColumnDef<typeof features, { readonly row: T }> => ({
    id: column.key, header: column.title, accessorFn: ({ row }) => column.value(row), sortUndefined: 'last', enableGlobalFilter: true,
  })), [columns]);
  const data = useMemo(() => rows.map((row) => ({ row })), [rows]);
  const table = useTable({
    features, columns: definitions, data, getRowId: ({ row }) => rowKey(row), globalFilterFn: 'includesString', getColumnCanGlobalFilter: () => true,
    initialState: { sorting: sortBy ? [{ id: sortBy.key, desc: sortBy.descending ?? false }] : [], columnVisibility: Object.fromEntries(columns.filter((column) => column.hidden).map((column) => [column.key, false])) },
  });
  const visibleRows = table.getRowModel().rows;
  const shown = columns.filter((column) => table.getColumn(column.key)?.getIsVisible() ?? true);
  const windowed = visibleRows.length > windowAbove;
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes this component
  const virtual = useVirtualizer({ count: visibleRows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 12, enabled: windowed });
  const items = windowed ? virtual.getVirtualItems() : null;
  const drawn = items ? items.flatMap((item) => visibleRows[item.index] ?? []) : visibleRows;
  const padTop = items?.[0]?.start ?? 0;
  const padBottom = items ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const withTools = tools ?? rows.length >= 8;

  const onRowKey = (event: KeyboardEvent<HTMLTableRowElement>, row: T) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); onOpen?.(row); }
    const to = event.key === 'ArrowDown' ? event.currentTarget.nextElementSibling : event.key === 'ArrowUp' ? event.currentTarget.previousElementSibling : null;
    if (to instanceof HTMLElement && to.tabIndex === 0) { event.preventDefault(); to.focus(); }
  };
  const drawRow = ({ id, original: { row } }: Row<typeof features, { readonly row: T }>) => (
    <tr key={id} className={onOpen ? 'clickable' : ''} tabIndex={onOpen ? 0 : undefined} aria-selected={selected === undefined ? undefined : selected === id} onClick={onOpen && ((event) => { if (!(event.target instanceof Element && event.target.closest('button, a, input'))) onOpen(row); })} onKeyDown={onOpen && ((event) => onRowKey(event, row))}>
      {shown.map((column) => <td key={column.key} className={`${column.numeric ? 'n' : ''} ${column.wrap ? 'wrap' : ''}`}>{column.cell ? column.cell(row) : column.value(row) ?? '–'}</td>)}
    </tr>
  );

  return (
    <div>
      {withTools && (
        <div className="table-tools">
          <Filter label={`Filter ${label}`} onChange={(text) => table.setGlobalFilter(text)} />
          {actions}
          <span className="count" aria-live="polite">{visibleRows.length === rows.length ? formatCount(rows.length) : `${formatCount(visibleRows.length)} of ${formatCount(rows.length)}`}</span>
          <ColumnMenu columns={columns} isShown={(key) => table.getColumn(key)?.getIsVisible() ?? true} onToggle={(key) => table.getColumn(key)?.toggleVisibility()} />
        </div>
      )}
      <div className="table-wrap" ref={scroll} style={{ maxHeight }} tabIndex={onOpen ? -1 : 0} role="region" aria-label={label}>
        <table className="data" aria-label={label} aria-rowcount={visibleRows.length + 1}>
          <thead><tr>{shown.map((column) => {
            const sorted = table.getColumn(column.key)?.getIsSorted() ?? false;
            return (
              <th key={column.key} className={column.numeric ? 'n' : ''} scope="col" aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none'}>
                <button type="button" onClick={() => table.getColumn(column.key)?.toggleSorting()}>{column.title}{sorted === 'asc' ? <IconArrowUp size={12} aria-hidden /> : sorted === 'desc' ? <IconArrowDown size={12} aria-hidden /> : null}</button>
              </th>
            );
          })}</tr></thead>
          <tbody>
            {padTop > 0 && <tr className="pad" aria-hidden><td colSpan={shown.length} style={{ height: padTop }} /></tr>}
            {drawn.map(drawRow)}
            {padBottom > 0 && <tr className="pad" aria-hidden><td colSpan={shown.length} style={{ height: padBottom }} /></tr>}
            {visibleRows.length === 0 && <tr><td colSpan={shown.length} className="dim">{rows.length === 0 ? empty ?? 'Nothing here yet.' : 'Nothing matches the filter.'}</td></tr>}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Filter({ label, onChange }: { readonly label: string; readonly onChange: (text: string) => void }) {
  return <input className="input" type="search" aria-label={label} placeholder="Filter" onChange={(event) => onChange(event.target.value)} />;
}

function ColumnMenu<T>({ columns, isShown, onToggle }: { readonly columns: readonly Column<T>[]; readonly isShown: (key: string) => boolean; readonly onToggle: (key: string) => void }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => { if (!(event.target instanceof Node && box.current?.contains(event.target))) setOpen(false); };
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', close);
    return () => { document.removeEventListener('pointerdown', close); document.removeEventListener('focusin', close); };
  }, [open]);
  return (
    <div className="colmenu" ref={box} onKeyDown={(event) => { if (event.key === 'Escape') setOpen(false); }}>
      <Button look="quiet" icon={<IconColumns3 size={15} aria-hidden />} aria-expanded={open} aria-controls={id} aria-label="Choose columns" title="Choose columns" onClick={() => setOpen(!open)} />
      {open && <div id={id} role="group" aria-label="Columns">{columns.map((column) => <CheckField key={column.key} label={column.title} checked={isShown(column.key)} onChange={() => onToggle(column.key)} />)}</div>}
    </div>
  );
}
