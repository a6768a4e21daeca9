// Accuracy: confusion, rates with intervals, classes, subgroups, threshold.
import type { Decision } from '#shared/contract/decision';
import type { AccuracyResult } from '#shared/contract/validation';
import { confusionChart } from '../charts.ts';
import { column, facts, foreignColumn, notPerformed, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatInterval, formatNumber, formatOr, formatPercent } from '../text.ts';
import { limitValue } from './front.ts';
import { say, sayMetric } from '../texts/say.ts';
import { missing, type Parts } from './Part.ts';
import { classTable, errorTable, figureRows, nearBlocks, rocBlocks } from './classFigures.ts';
import { costBlocks } from './costDial.ts';
import { subgroupBlocks } from './subgroups.ts';
import { taskBlocks } from './taskFigures.ts';

const maxClassesDrawn = 25;

function confusionBlocks({ confusion: { labels, counts } }: AccuracyResult): Block[] {
  const errors = labels.flatMap((actual, row) => labels.map((predicted, columnIndex) => ({ actual, predicted, n: row === columnIndex ? 0 : counts[row]?.[columnIndex] ?? 0 })))
    .filter((entry) => entry.n > 0).sort((a, b) => b.n - a.n);
  const errorTable = errors.length > 0
    ? table('Confusions, most frequent first', [column('Actual', 2), column('Predicted', 2), number('Samples', 1)], errors.map((entry) => [entry.actual, entry.predicted, String(entry.n)]), { max: 60 })
    : paragraph('No sample was put into a wrong class.');
  if (labels.length > maxClassesDrawn) return [paragraph(say('{n} classes: the whole matrix is in receipt.json; the confusions that occurred follow.', { n: labels.length })), errorTable];
  return [
    { kind: 'drawing', caption: say('Confusion matrix: each cell is a count of samples, shaded by its share of the actual class'), drawing: confusionChart(labels, counts) },
    table('Confusion matrix as counts', [column('Actual \\ predicted', 1.8), ...labels.map((name) => foreignColumn(name, 0.9)), number('Sum', 0.9)],
      labels.map((name, row): Cell[] => [name, ...labels.map((_, columnIndex) => String(counts[row]?.[columnIndex] ?? 0)), String((counts[row] ?? []).reduce((sum, n) => sum + n, 0))])),
    errorTable,
  ];
}

function originOf({ origin }: Decision): string {
  switch (origin) {
    case 'given': return say('as asked for in this run');
    case 'station': return say('as the station has it');
    case 'data': return say('as dataset.yaml has it');
    case 'model': return say('no threshold was set');
  }
}

/** One line in the language of the report; the same facts as `describeDecision`. */
export function decisionLine({ decision }: Pick<ValidationReceipt, 'decision'>): string {
  if (decision === null) return say('not recorded');
  const value = decision.threshold === null ? '' : formatNumber(decision.threshold, 6);
  switch (decision.task) {
    case 'classification': return decision.threshold === null ? say('the class with the largest score') : say('{positive} from a score of {value}', { positive: decision.positive ?? '', value });
    case 'anomaly': return decision.threshold === null ? say('no threshold, scores are ranked') : say('anomalous from a score of {value}', { value });
    case 'detection': return say('a box counts from a score of {value}', { value });
  }
}

const decisionBlocks = (receipt: ValidationReceipt): Block[] => (receipt.decision === null ? [] : [facts([['Decision', decisionLine(receipt)], ['Threshold from', originOf(receipt.decision)]])]);

function classificationBlocks(receipt: ValidationReceipt, accuracy: AccuracyResult): Block[] {
  const wrong = receipt.samples.filter((sample) => sample.label !== null && sample.predicted !== sample.label);
  return [
    facts([
      ['Samples', String(accuracy.samples)], ['Correct', String(accuracy.correct)], ['Wrong', String(accuracy.samples - accuracy.correct)],
      ['Accuracy', `${formatNumber(accuracy.accuracy, 6)} (${formatPercent(accuracy.accuracy)})`], ['Interval of the accuracy', formatInterval(accuracy.interval)],
    ]),
    ...confusionBlocks(accuracy),
    ...classTable(accuracy), ...errorTable(accuracy),
    ...(wrong.length > 0 ? [table('Every wrong sample', [column('Sample', 2.4), column('Actual', 1), column('Predicted', 1), number('Score', 0.8)],
      wrong.map((sample) => [sample.sample, sample.label ?? '', sample.predicted ?? say('none'), sample.score === null ? '' : formatNumber(sample.score)]), { max: 300, allIn: 'results.csv' })] : []),
  ];
}

export const accuracyParts: Parts<'accuracy'> = {
  accuracy: (receipt) => {
    const { accuracy, regression, rates, limits } = receipt;
    if (accuracy === null && regression === null && receipt.taskResult === null) return missing(receipt.data.check.labelled ? 'The run ended before accuracy was measured.' : 'The data set has no labels.');
    const figures = accuracy ? figureRows(accuracy) : [];
    const judged = limits.filter((limit) => limit.metric === 'escape_rate' || limit.metric === 'false_reject_rate');
    return [
      ...decisionBlocks(receipt),
      ...(accuracy ? classificationBlocks(receipt, accuracy) : []),
      ...taskBlocks(receipt),
      ...(regression ? [facts([['Samples', String(regression.samples)], ['Mean absolute error', formatNumber(regression.mae, 6)], ['Root mean square error', formatNumber(regression.rmse, 6)], ['R²', formatOr(regression.r2)]])] : []),
      judged.length + rates.length + figures.length > 0
        ? table('Rates', [column('Rate', 1.6), number('Value', 1), column('Interval', 2.4), column('Note', 2)], [
          ...judged.map((limit): Cell[] => [`${sayMetric(limit.metric)} (${limit.id})`, limitValue(limit), formatInterval(limit.interval), limit.reason]),
          ...figures,
          ...rates.map((rate): Cell[] => [rate.name, formatNumber(rate.value), formatInterval(rate.interval), rate.note]),
        ])
        : notPerformed('Escape and false-reject rate', 'No limit names the positive class, so neither rate is defined.'),
      ...subgroupBlocks(receipt),
      ...(accuracy ? [...rocBlocks(receipt), ...nearBlocks(receipt)] : []),
      ...(accuracy ? costBlocks(receipt) : []),
    ];
  },
};
