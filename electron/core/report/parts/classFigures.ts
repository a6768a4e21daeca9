// The figures of a classification over all classes and of each, and its ROC curves, for the section on accuracy.
import type { AccuracyResult, CountedRate, Interval } from '#shared/contract/validation';
import { metricTable } from '../../limits/metricTable.ts';
import { lineChart } from '../charts.ts';
import { column, facts, heading, notPerformed, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { recordedWords } from '../texts/recordedWords.ts';
import { say } from '../texts/say.ts';
import { formatInterval, formatNumber, formatOr, formatPercent } from '../text.ts';

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

/** Escapes and false rejects of each class: counts, rates and their bounds. */
export function errorTable({ classes }: AccuracyResult): Block[] {
  const told = classes.filter(({ escapes, falseRejects }) => escapes || falseRejects);
  if (told.length === 0) return [];
  const cells = (rate: CountedRate | null | undefined): Cell[] => (rate ? [say('{n} of {all}', { n: rate.count, all: rate.of }), formatNumber(rate.rate), formatNumber(rate.interval.high)] : [say('none'), '', '']);
  const interval = told.map(({ escapes, falseRejects }) => escapes?.interval ?? falseRejects?.interval)[0];
  return [
    table('Escapes and false rejects, each class as if it were the one to reject', [column('Class', 1.6), number('Escapes', 1.1), number('Rate', 0.8), number('Upper bound', 0.9), number('False rejects', 1.2), number('Rate', 0.8), number('Upper bound', 0.9)],
      told.map((entry) => [entry.label, ...cells(entry.escapes), ...cells(entry.falseRejects)]), { max: 200 }),
    ...(interval ? [paragraph(say('Upper bounds at {confidence} %: {method}, as limits on these rates are judged.', { confidence: formatNumber(interval.confidence * 100), method: recordedWords(interval.method) }))] : []),
  ];
}

export function nearBlocks({ nearThreshold }: ValidationReceipt): Block[] {
  if (nearThreshold === null) return [notPerformed('Near-threshold band', 'The model gives no probability of each class, or there are too many of them to keep.')];
  const { samples, positive, bands, nearest, threshold } = nearThreshold;
  const errors = positive !== null;
  return [
    heading('Near-threshold band'),
    paragraph(threshold === undefined ? 'The distance of a decision is half of what the probability of its class leads the next one by; of two classes it is the distance from the threshold 0.5.' : say('The distance of a decision is that of the probability from the threshold {value}.', { value: formatNumber(threshold) })),
    ...(positive === null ? [] : [facts([['Class to reject', positive]])]),
    table('Samples near the threshold, and how they ended', [number('Distance up to', 1), number('Samples', 0.8), number('Of all', 0.8), number('Right', 0.8), number('Wrong', 0.8), ...(errors ? [number('Escapes', 0.8), number('False rejects', 1)] : [])],
      bands.map((band) => [formatNumber(band.width, 2), String(band.samples), formatPercent(samples === 0 ? 0 : band.samples / samples), String(band.samples - band.wrong), String(band.wrong), ...(errors ? [String(band.escapes ?? 0), String(band.falseRejects ?? 0)] : [])])),
    table('Nearest decisions', [column('Sample', 2.2), column('Actual', 1), column('Predicted', 1), column('Next class', 1), number('Distance', 0.9)], nearest.map((near) => [near.sample, near.label, near.predicted, near.next, formatNumber(near.distance)])),
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
