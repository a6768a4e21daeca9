// The figures of a multilabel, segmentation, anomaly, embedding or detection task, for the section on accuracy.
import { metricTable } from '../../limits/metricTable.ts';
import { column, facts, number, table, type Block } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatInterval, formatNumber, formatOr } from '../text.ts';

export function taskBlocks({ taskResult }: ValidationReceipt): Block[] {
  if (taskResult === null) return [];
  const { task, samples, figures, columns, rows } = taskResult;
  const [first = '', ...others] = columns;
  return [
    facts([['Task', task], ['Samples', String(samples)]]),
    table('Figures', [column('Metric', 2), number('Value', 1), column('Interval', 2.4)], figures.map(({ metric, value, interval }) => [metricTable[metric].title, formatNumber(value, 6), interval === null ? 'not computed for this metric' : formatInterval(interval)])),
    table(`By ${first.toLowerCase()}`, [column(first, 2), ...others.map((name) => number(name, 1))], rows.map((row) => row.map((value) => (typeof value === 'string' ? value : formatOr(value)))), { max: 300 }),
  ];
}
