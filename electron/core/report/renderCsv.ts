// Raw results as CSV (RFC 4180) that a spreadsheet can open without running anything that it holds.
import type { ValidationReceipt } from './receipt.ts';

/** Cells that a spreadsheet would take for a formula get an apostrophe in front; so do those that hide it behind space. OWASP, CSV injection. */
export function csvCell(text: string): string {
  const neutral = /^[\s\u0000\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20]/.test(text) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n;\t]/.test(neutral) ? `"${neutral.replaceAll('"', '""')}"` : neutral;
}

const header = ['index', 'sample', 'label', 'predicted', 'correct', 'score', 'reference_predicted', 'flipped'];

/** One row per sample, in the order of the set. Numbers are written whole: they need no neutralising, even when negative. */
export function renderCsv(receipt: ValidationReceipt): string {
  // Scores of all classes, where they were kept, from which areas under ROC curves can be computed again.
  const { scoreLabels } = receipt;
  const lines = [[...header, ...scoreLabels.map((label) => csvCell(`score ${label}`))].join(',')];
  receipt.samples.forEach((row, index) => {
    const correct = row.label === null ? '' : row.label === row.predicted ? 'yes' : 'no';
    const flipped = row.referencePredicted === null ? '' : row.referencePredicted === row.predicted ? 'no' : 'yes';
    const text = (value: string | null) => (value === null ? '' : numeric(value) ? value : csvCell(value));
    lines.push([String(index), csvCell(row.sample), text(row.label), text(row.predicted), correct, row.score === null ? '' : String(row.score), text(row.referencePredicted), flipped, ...scoreLabels.map((_, at) => { const score = row.scores?.[at]; return score === undefined ? '' : String(score); })].join(','));
  });
  return `${lines.join('\r\n')}\r\n`;
}

const numeric = (text: string) => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text);
