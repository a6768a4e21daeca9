// The figures of the task by subgroup, for the section on accuracy.
import type { Metric } from '#shared/contract/validation';
import { leastInGroup } from '../../limits/judgeLimits.ts';
import { metricTable } from '../../limits/metricTable.ts';
import { column, foreignColumn, notPerformed, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { recordedWords } from '../texts/recordedWords.ts';
import { say } from '../texts/say.ts';
import { formatNumber } from '../text.ts';

/** A table for each way to split the samples: a row a group, a column a figure with its interval. */
export function subgroupBlocks({ subgroups }: ValidationReceipt): Block[] {
  if (subgroups.length === 0) return [notPerformed('Figures by subgroup', 'The data set names no subgroup columns.')];
  const groups = subgroups.map(({ accuracy, interval, ...group }) => (accuracy === undefined ? group : { ...group, figures: [{ metric: 'accuracy' as const, value: accuracy, interval }] }));
  const blocks = [...new Set(groups.map((group) => group.column))].map((name): Block => {
    const own = groups.filter((group) => group.column === name);
    const metrics = [...new Set(own.flatMap(({ figures }) => figures.map(({ metric }) => metric)))];
    const cell = (group: (typeof own)[number], metric: Metric): Cell => {
      const found = group.figures.find((figure) => figure.metric === metric);
      if (!found) return say('not measured');
      return found.interval ? say('{value} ({low} to {high})', { value: formatNumber(found.value), low: formatNumber(found.interval.low), high: formatNumber(found.interval.high) }) : formatNumber(found.value);
    };
    return table(say('Subgroups by {column}', { column: name }), [column('Value', 1.4), number('Samples', 0.8), ...metrics.map((metric) => foreignColumn(recordedWords(metricTable[metric].title), 1.6))],
      own.map((group): Cell[] => [group.value, group.few ? { text: `! ${group.samples}`, tone: 'warn' } : String(group.samples), ...metrics.map((metric) => cell(group, metric))]), { max: 100 });
  });
  const how = [...new Map(groups.flatMap(({ figures }) => figures.flatMap(({ metric, interval }) => (interval ? [[`${metric} ${interval.method.replace(/\d+/g, '')}`, { metric, interval }] as const] : [])))).values()];
  const confidence = how[0]?.interval.confidence;
  return [
    ...blocks,
    ...(confidence === undefined ? [] : [paragraph(say('In brackets the interval at {confidence} %. {methods}.', { confidence: formatNumber(confidence * 100), methods: how.map(({ metric, interval }) => `${recordedWords(metricTable[metric].title)}: ${recordedWords(interval.method)}`).join('. ') }))]),
    ...(groups.some(({ few }) => few) ? [paragraph(say('Groups marked with ! have fewer than {n} samples: limits on subgroups are not judged on them.', { n: leastInGroup }), 'warn')] : []),
  ];
}
