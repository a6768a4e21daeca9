// Parity of the original and the optimised model, and robustness against disturbed input.
import { lineChart } from '../charts.ts';
import { column, facts, foreignColumn, notPerformed, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatInterval, formatNumber, formatPercent, samplesText } from '../text.ts';
import { say, sayIfKnown, sayMetric } from '../texts/say.ts';
import { courtBlocks } from './court.ts';
import { missing, type Parts } from './Part.ts';
import { runtimeBlocks } from './runtime.ts';

function compareBlocks(receipt: ValidationReceipt): Block[] {
  const { compare, accuracy, referenceAccuracy, adjudications } = receipt;
  if (compare === null) return [];
  const decided = new Map(adjudications.map((entry) => [entry.sample, entry]));
  const delta = accuracy && referenceAccuracy ? accuracy.accuracy - referenceAccuracy.accuracy : null;
  return [
    facts([
      ['Samples compared', String(compare.samples)], ['Decisions that changed (flips)', `${compare.flips.length} (${formatPercent(compare.flips.length / Math.max(1, compare.samples))})`],
      ['Signal to quantization noise', compare.sqnrDb === null ? say('outputs bit-identical') : `${formatNumber(compare.sqnrDb)} dB`], ['Cosine of the outputs', formatNumber(compare.cosine, 6)],
      ['Greatest absolute error', formatNumber(compare.maxAbsError)], ['Bit-exact', compare.bitExact ? say('yes') : say('no')],
      ['Accuracy of the original', referenceAccuracy ? `${formatNumber(referenceAccuracy.accuracy, 6)}; ${formatInterval(referenceAccuracy.interval)}` : compare.accuracy ? formatNumber(compare.accuracy.a, 6) : say('not measured')],
      ['Accuracy of the optimised', accuracy ? `${formatNumber(accuracy.accuracy, 6)}; ${formatInterval(accuracy.interval)}` : compare.accuracy ? formatNumber(compare.accuracy.b, 6) : say('not measured')],
      ['Difference of accuracy', delta === null ? say('not measured') : say('{n} percentage points', { n: formatNumber(delta * 100) })],
    ]),
    compare.flips.length === 0 ? paragraph('No decision changed.')
      : table('Every flipped sample', [column('Sample', 2.2), column('Label', 0.9), column('Original said', 1), column('Optimised says', 1), number('Margin', 0.8), column('Adjudication', 1.6)],
        compare.flips.map((flip): Cell[] => {
          const decision = decided.get(flip.sample);
          return [flip.sample, flip.label ?? say('none'), flip.before, flip.after, formatNumber(flip.margin), decision ? `${decision.decision} (${decision.by.join(', ')}) ${decision.note}`.trim() : say('not adjudicated')];
        }), { max: 2000 }),
    ...courtBlocks(receipt),
  ];
}

export const parityParts: Parts<'parity' | 'robustness'> = {
  parity: (receipt) => (receipt.compare === null && receipt.repeatability === null ? missing(receipt.reference ? 'The run ended before the models were compared.' : 'No reference model was given to compare with.') : [
    ...runtimeBlocks(receipt),
    ...(receipt.compare ? compareBlocks(receipt) : [notPerformed('Comparison with the original', 'No reference model was given to compare with.')]),
    receipt.repeatability
      ? facts([['Repeated', say('{samples}, {runs} runs each, {restarts} restarts', { samples: samplesText(receipt.repeatability.samples), runs: receipt.repeatability.runs, restarts: receipt.repeatability.restarts })], ['Bit-exact over all', receipt.repeatability.bitExact ? say('yes') : say('no')], ['Greatest difference', formatNumber(receipt.repeatability.maxAbsError)]])
      : notPerformed('Repeatability over runs and restarts', 'The run was not repeated.'),
  ]),
  robustness: ({ robustness }) => (robustness.length === 0 ? missing('No disturbed inputs (light, blur, noise, shift, dirt) were run.') : robustness.flatMap(curveBlocks)),
};

function curveBlocks({ kind, unit, metric, points, undisturbed, breakPoint, breakRule, notPerformed: why }: ValidationReceipt['robustness'][number]): Block[] {
  if (why !== undefined) return [{ kind: 'notPerformed', what: sayIfKnown(kind), reason: why }];
  const title = sayMetric(metric);
  return [
    ...(points.length === 0 ? [] : [
      { kind: 'drawing' as const, caption: say('{kind}: {metric} against severity', { kind: sayIfKnown(kind), metric: title }), drawing: lineChart([{ name: sayIfKnown(kind), points: points.map((point) => [point.severity, point.value] as const) }], say('severity in {unit}', { unit }), title) },
      table(say('{kind} in figures', { kind: sayIfKnown(kind) }), [number(say('Severity in {unit}', { unit }), 1), foreignColumn(title, 1), number('Samples', 0.8), column('Interval', 2)], points.map((point) => [formatNumber(point.severity), formatNumber(point.value), String(point.samples), formatInterval(point.interval)])),
    ]),
    ...(undisturbed === undefined ? [] : [paragraph(say('Undisturbed, on the same samples: {value}.', { value: formatNumber(undisturbed) }))]),
    paragraph(say('Break point: {point} ({rule}).', { point: breakPoint === null ? say('not reached') : `${formatNumber(breakPoint)} ${unit}`, rule: breakRule })),
  ];
}
