// The figures of a classification over all classes and of each, and its ROC curves, for the section on accuracy.
import type { AccuracyResult, Interval } from '#shared/contract/validation';
import { metricTable } from '../../limits/metricTable.ts';
import { lineChart } from '../charts.ts';
import { column, facts, heading, notPerformed, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { recordedWords } from '../texts/recordedWords.ts';
import { say } from '../texts/say.ts';
import { formatInterval, formatNumber, formatOr } from '../text.ts';

const curvesDrawn = 4;
const overClasses: readonly string[] = ['precision', 'recall', 'f1', 'auroc'];

/** Rows of the table of rates: name, value, interval with its method, note. */
export function figureRows({ figures = [] }: AccuracyResult): Cell[][] {
  return figures.map(({ metric, value, interval, note = '' }): Cell[] => {
    const title = recordedWords(metricTable[metric].title);
    return [overClasses.includes(metric) ? say('{figure}, mean over the classes', { figure: title }) : title, formatNumber(value), formatInterval(interval), recordedWords(note)];
  });
}

/** "0.9812 (0.9605 to 0.9911)" */
const withBounds = (value: number | null, interval: Interval | null | undefined): string => (value === null || !interval ? formatOr(value) : say('{value} ({low} to {high})', { value: formatNumber(value), low: formatNumber(interval.low), high: formatNumber(interval.high) }));

export function classTable({ classes }: AccuracyResult): Block[] {
  const hasArea = classes.some(({ auroc }) => auroc !== undefined);
  const methods = (pick: (entry: AccuracyResult['classes'][number]) => Interval | null | undefined) => [...new Set(classes.flatMap((entry) => pick(entry)?.method ?? []))].map(recordedWords).join('; ');
  const named = [[say('Precision'), methods((entry) => entry.precisionInterval)], [say('Recall'), methods((entry) => entry.recallInterval)], [say('F1'), methods((entry) => entry.f1Interval)], ['AUROC', methods((entry) => entry.aurocInterval)]].filter(([, how]) => how !== '');
  const confidence = classes.find(({ recallInterval }) => recallInterval)?.recallInterval?.confidence;
  return [
    table('By class', [column('Class', 1.4), number('Samples', 0.7), number('Precision', 1.5), number('Recall', 1.5), number('F1', 1.5), ...(hasArea ? [number('AUROC', 1.5)] : [])],
      classes.map((entry) => [entry.label, String(entry.support), withBounds(entry.precision, entry.precisionInterval), withBounds(entry.recall, entry.recallInterval), withBounds(entry.f1, entry.f1Interval), ...(hasArea ? [withBounds(entry.auroc ?? null, entry.aurocInterval)] : [])]), { max: 200 }),
    ...(confidence === undefined ? [] : [paragraph(say('In brackets the interval at {confidence} %. {methods}.', { confidence: formatNumber(confidence * 100), methods: named.map(([name, how]) => `${name}: ${how}`).join('. ') }))]),
  ];
}

export function rocBlocks({ roc, rocCurves, scoresAre }: ValidationReceipt): Block[] {
  const scores: readonly ['Scores', string] = ['Scores', scoresAre === 'softmax' ? say("softmax of the model's scores, which are no probabilities themselves") : say('probabilities as the model gives them')];
  const axes = [say('false positive rate'), say('true positive rate')] as const;
  if (roc) return [
    heading('Receiver operating characteristic'),
    facts([['Positive class', roc.positive], ['Area under the curve', roc.interval ? `${formatNumber(roc.auc)}; ${formatInterval(roc.interval)}` : formatNumber(roc.auc)], ['Threshold', formatOr(roc.threshold)], scores]),
    { kind: 'drawing', caption: say('True positive rate over false positive rate'), drawing: lineChart([{ name: roc.positive, points: roc.points.map((point) => [point.falsePositiveRate, point.truePositiveRate] as const) }], ...axes) },
  ];
  if (rocCurves.length === 0) return [notPerformed('Receiver operating characteristic', 'The model gives no probability of each class, or there are too many of them to keep.')];
  return [
    heading('Receiver operating characteristic'), facts([scores]),
    table('Each class against the rest, the smallest area first', [number('Row', 0.4), column('Class', 2), number('Samples', 0.8), number('Area under the curve', 1), column('Interval', 2.4)], rocCurves.map((curve, at) => [String(at + 1), curve.label, String(curve.positives), formatNumber(curve.auc), formatInterval(curve.interval)]), { max: 100 }),
    { kind: 'drawing', caption: say('True positive rate over false positive rate of the classes with the smallest areas; all curves are in receipt.json'), drawing: lineChart(rocCurves.slice(0, curvesDrawn).map(({ points }, at) => ({ name: say('row {n}', { n: at + 1 }), points: points.map((point) => [point.falsePositiveRate, point.truePositiveRate] as const) })), ...axes, 'below') },
  ];
}
