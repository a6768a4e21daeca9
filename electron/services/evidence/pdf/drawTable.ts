// Tables with heads that repeat on each page, and lists of facts; tagged as tables.
import type { Block, Cell, Column, Tone } from '#core/report/model';
import { fontNames, layout, palette, type FontName, type Pen } from './pen.ts';

const pad = { x: 4, y: 3 } as const;
const toneColor: Readonly<Record<Tone, string>> = { pass: palette.pass, fail: palette.fail, warn: palette.warn, muted: palette.grey };

interface Laid { readonly text: string; readonly font: FontName; readonly size: number; readonly color: string; readonly align: 'left' | 'right' }

function lay(cell: Cell, column: Column, size: number): Laid {
  const plain = typeof cell === 'string' ? { text: cell } : cell;
  const tone = typeof cell === 'string' ? undefined : cell.tone;
  const mono = (typeof cell === 'string' ? false : cell.mono ?? false) || column.mono;
  return { text: plain.text, font: mono ? fontNames.mono : tone ? fontNames.bold : fontNames.regular, size: mono ? size - 0.7 : size, color: tone ? toneColor[tone] : palette.ink, align: column.align };
}

export function drawTable(pen: Pen, table: Extract<Block, { kind: 'table' }>): void {
  const { doc } = pen;
  const { columns } = table;
  const size = columns.length > 16 ? 5.5 : columns.length > 10 ? 6.6 : 7.8;
  const sum = columns.reduce((total, column) => total + column.weight, 0);
  const widths = columns.map((column) => (column.weight / sum) * pen.width);
  const gap = columns.length > 16 ? 1.5 : pad.x;
  const heightOf = (cells: readonly Laid[], least = table.minRowHeight ?? 0) => Math.min(pageRoom(pen), Math.max(least, ...cells.map((cell, index) => pen.heightOf(cell.text, cell.font, cell.size, (widths[index] ?? 10) - 2 * gap))) + 2 * pad.y);
  const head = columns.map((column): Laid => ({ text: column.title, font: fontNames.bold, size, color: palette.ink, align: column.align }));
  const headHeight = heightOf(head, 0);
  const rows = table.rows.map((row) => columns.map((column, index) => lay(row[index] ?? '', column, size)));

  pen.need(Math.min(24 + headHeight + (rows[0] ? heightOf(rows[0]) : 0), pageRoom(pen)));
  const element = pen.element('Table');
  pen.into(element, () => pen.write('Caption', table.caption, { font: fontNames.bold, size: 8.8, color: palette.ink }));
  doc.y += 2;
  const drawRow = (cells: readonly Laid[], height: number, type: 'TH' | 'TD') => {
    const top = doc.y;
    pen.artifact(() => {
      if (type === 'TH') doc.rect(layout.margins.left, top, pen.width, height).fill(palette.head);
      pen.rule(top + height, type === 'TH' ? palette.grey : palette.rule, type === 'TH' ? 0.9 : 0.5);
    });
    const row = pen.element('TR', element);
    let x: number = layout.margins.left;
    cells.forEach((cell, index) => {
      const width = widths[index] ?? 10;
      pen.writeAt(row, type, cell.text, cell, { x: x + gap, y: top + pad.y, width: width - 2 * gap, height: height - 2 * pad.y + 1, align: cell.align });
      x += width;
    });
    row.end();
    doc.x = layout.margins.left;
    doc.y = top + height;
  };
  drawRow(head, headHeight, 'TH');
  for (const cells of rows) {
    const height = heightOf(cells);
    if (height > pen.room()) {
      doc.addPage();
      drawRow(head, headHeight, 'TH');
    }
    drawRow(cells, Math.min(height, pen.room()), 'TD');
  }
  element.end();
  doc.y += 3;
  if (table.note) pen.write('P', table.note, { font: fontNames.regular, size: 8, color: palette.grey });
  doc.y += 7;
}

const pageRoom = (pen: Pen) => (pen.doc.page.height - layout.margins.top - layout.margins.bottom) * 0.8;

export function drawFacts(pen: Pen, rows: Extract<Block, { kind: 'facts' }>['rows']): void {
  const { doc } = pen;
  const nameWidth = pen.width * 0.31;
  const valueWidth = pen.width - nameWidth;
  const value: Column = { title: '', align: 'left', weight: 1, mono: false };
  pen.need(24);
  const element = pen.element('Table');
  for (const row of rows) {
    const cell = lay(row.value, value, 8.8);
    const height = Math.min(pageRoom(pen), Math.max(pen.heightOf(row.name, fontNames.regular, 8.8, nameWidth - 2 * pad.x), pen.heightOf(cell.text, cell.font, cell.size, valueWidth - 2 * pad.x)) + 2 * pad.y);
    pen.need(height);
    const top = doc.y;
    pen.artifact(() => pen.rule(top + height, palette.rule, 0.5));
    const line = pen.element('TR', element);
    pen.writeAt(line, 'TH', row.name, { font: fontNames.regular, size: 8.8, color: palette.grey }, { x: layout.margins.left + pad.x, y: top + pad.y, width: nameWidth - 2 * pad.x, height: height - 2 * pad.y + 1 });
    pen.writeAt(line, 'TD', cell.text, cell, { x: layout.margins.left + nameWidth, y: top + pad.y, width: valueWidth - pad.x, height: height - 2 * pad.y + 1 });
    line.end();
    doc.x = layout.margins.left;
    doc.y = top + height;
  }
  element.end();
  doc.y += 9;
}
