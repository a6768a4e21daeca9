// The figures of a multilabel, segmentation, anomaly, embedding or detection task, for the section on accuracy.
import { metricTable } from '../../limits/metricTable.ts';
import { column, facts, foreignColumn, number, table, type Block } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { recordedWords } from '../texts/recordedWords.ts';
import { say, sayIfKnown } from '../texts/say.ts';
import { formatInterval, formatNumber, formatOr } from '../text.ts';

export function taskBlocks({ taskResult }: ValidationReceipt): Block[] {
  if (taskResult === null) return [];
  const { task, samples, figures, columns, rows, settings = [] } = taskResult;
  const [first = '', ...others] = columns;
  return [
    facts([['Task', sayIfKnown(task)], ['Samples', String(samples)]]),
    ...(settings.length === 0 ? [] : [table('How the boxes were read', [column('Setting', 2), column('Value', 1)], settings.map(({ name, value }) => [sayIfKnown(name), sayIfKnown(value)]))]),
    table('Figures', [column('Metric', 2), number('Value', 1), column('Interval', 2.4)], figures.map(({ metric, value, interval, note }) => [sayIfKnown(metricTable[metric].title), formatNumber(value, 6), [interval === null && note !== undefined ? '' : interval === null ? say('not computed for this metric') : formatInterval(interval), note === undefined ? '' : recordedWords(note)].filter((part) => part !== '').join('. ')])),
    table('One by one', [{ ...foreignColumn(sayIfKnown(first), 2), align: 'left' as const }, ...others.map((name) => foreignColumn(sayIfKnown(name), 1))], rows.map((row) => row.map((value) => (typeof value === 'string' ? sayIfKnown(value) : formatOr(value)))), { max: 300 }),
  ];
}
