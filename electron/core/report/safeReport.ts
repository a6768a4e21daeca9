// One pass over a whole report that makes every text safe to lay out and bounds its length.
import type { Block, Cell, ReportModel } from './model.ts';
import type { Shape } from './drawing.ts';
import { safeLine, safeText } from './text.ts';

const max = { title: 200, cell: 400, paragraph: 2_000, text: 20_000, label: 64 } as const; // 64: a unit with its explanation, as 'severity in % of the shorter side (standard deviation)', is not cut

const safeCell = (cell: Cell): Cell => (typeof cell === 'string' ? safeText(cell, max.cell) : { ...cell, text: safeText(cell.text, max.cell) });
const safeShape = (shape: Shape): Shape => (shape.kind === 'text' ? { ...shape, text: safeLine(shape.text, max.label) } : shape);

function safeBlock(block: Block): Block {
  switch (block.kind) {
    case 'heading': return { ...block, text: safeText(block.text, max.title) };
    case 'paragraph': return { ...block, text: safeText(block.text, max.paragraph) };
    case 'facts': return { ...block, rows: block.rows.map((row) => ({ name: safeText(row.name, max.title), value: safeCell(row.value) })) };
    case 'table': return { ...block, caption: safeText(block.caption, max.title), columns: block.columns.map((column) => ({ ...column, title: safeText(column.title, max.label) })), rows: block.rows.map((row) => row.map(safeCell)) };
    case 'drawing': return { ...block, caption: safeText(block.caption, max.title), drawing: { ...block.drawing, description: safeText(block.drawing.description, max.cell), shapes: block.drawing.shapes.map(safeShape) } };
    case 'text': return { ...block, text: safeText(block.text, max.text) };
    case 'image': return { ...block, caption: safeText(block.caption, max.title) };
    case 'notPerformed': return { ...block, what: safeText(block.what, max.title), reason: safeText(block.reason, max.paragraph) };
    case 'verdict': return block;
  }
}

export function safeReport(report: ReportModel): ReportModel {
  return {
    ...report,
    id: safeLine(report.id, max.title), title: safeLine(report.title, max.title), author: safeLine(report.author, max.title), station: report.station === null ? null : safeLine(report.station, max.title),
    sections: report.sections.map((section) => ({ ...section, reason: section.reason === null ? null : safeText(section.reason, max.paragraph), blocks: section.blocks.map(safeBlock) })),
  };
}
