// One pass over a whole report that makes every text safe to lay out and bounds its length.
import type { ReportLanguage } from '#shared/contract/validation';
import type { Block, Cell, ReportModel } from './model.ts';
import type { Shape } from './drawing.ts';
import { safeLine, safeText } from './text.ts';

const max = { title: 200, cell: 400, paragraph: 2_000, text: 20_000, label: 64 } as const; // 64: a unit with its explanation, as 'severity in % of the shorter side (standard deviation)', is not cut

const safeCell = (language: ReportLanguage) => (cell: Cell): Cell => (typeof cell === 'string' ? safeText(cell, max.cell, language) : { ...cell, text: safeText(cell.text, max.cell, language) });
const safeShape = (language: ReportLanguage) => (shape: Shape): Shape => (shape.kind === 'text' ? { ...shape, text: safeLine(shape.text, max.label, language) } : shape);

function safeBlock(block: Block, language: ReportLanguage): Block {
  switch (block.kind) {
    case 'heading': return { ...block, text: safeText(block.text, max.title, language) };
    case 'paragraph': return { ...block, text: safeText(block.text, max.paragraph, language) };
    case 'facts': return { ...block, rows: block.rows.map((row) => ({ name: safeText(row.name, max.title, language), value: safeCell(language)(row.value) })) };
    case 'table': return { ...block, caption: safeText(block.caption, max.title, language), columns: block.columns.map((column) => ({ ...column, title: safeText(column.title, max.label, language) })), rows: block.rows.map((row) => row.map(safeCell(language))) };
    case 'drawing': return { ...block, caption: safeText(block.caption, max.title, language), drawing: { ...block.drawing, description: safeText(block.drawing.description, max.cell, language), shapes: block.drawing.shapes.map(safeShape(language)) } };
    case 'text': return { ...block, text: safeText(block.text, max.text, language) };
    case 'image': return { ...block, caption: safeText(block.caption, max.title, language) };
    case 'notPerformed': return { ...block, what: safeText(block.what, max.title, language), reason: safeText(block.reason, max.paragraph, language) };
    case 'verdict': return block;
  }
}

export function safeReport(report: ReportModel): ReportModel {
  const { language } = report;
  return {
    ...report,
    id: safeLine(report.id, max.title, language), title: safeLine(report.title, max.title, language), author: safeLine(report.author, max.title, language), station: report.station === null ? null : safeLine(report.station, max.title, language),
    sections: report.sections.map((section) => ({ ...section, reason: section.reason === null ? null : safeText(section.reason, max.paragraph, language), blocks: section.blocks.map((block) => safeBlock(block, language)) })),
  };
}
