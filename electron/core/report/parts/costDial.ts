// The threshold that costs least, for the section on accuracy.
import { lineChart } from '../charts.ts';
import { facts, heading, notPerformed, paragraph, type Block } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { say } from '../texts/say.ts';
import { formatInterval, formatNumber, formatPercent } from '../text.ts';

export function costBlocks({ costDial }: ValidationReceipt): Block[] {
  if (costDial === null) return [notPerformed('Threshold with cost', 'The limits file states no costs, or the model gives no probability of the positive class.')];
  const { costs, defectShare, samples, threshold, thresholdLow, thresholdHigh, escapeRate, falseRejectRate, costPerPart, costInterval, costPerPartAtHalf, curve } = costDial;
  const at = (value: number | null) => (value === null ? say('never reject') : formatNumber(value, 4));
  const money = (value: number) => `${formatNumber(value, 4)} ${costs.currency}`;
  return [
    heading('Threshold with cost'),
    facts([
      ['Class to reject', costs.positive], ['Cost of an escape', money(costs.escape)], ['Cost of a false reject', money(costs.false_reject)],
      ['Share of defects', `${formatPercent(defectShare)}, ${costs.defect_share === undefined ? say('as in the test data, which may differ from the line') : say('as stated for the line')}`],
      ['Threshold that costs least', say('{value}; {confidence} % interval {low} to {high}, n = {n}', { value: at(threshold), confidence: Math.round(costInterval.confidence * 100), low: at(thresholdLow), high: at(thresholdHigh), n: samples })],
      ['Escape rate there', formatPercent(escapeRate)], ['False-reject rate there', formatPercent(falseRejectRate)],
      ['Cost of a part there', `${money(costPerPart)}; ${formatInterval(costInterval)}`], ['Cost of a part at the threshold 0.5', money(costPerPartAtHalf)],
      costs.parts_per_day === undefined ? null : ['Saved a day against 0.5', money((costPerPartAtHalf - costPerPart) * costs.parts_per_day)],
    ]),
    { kind: 'drawing', caption: say('Cost of a part over the threshold'), drawing: lineChart([{ name: say('cost'), points: curve.map((point) => [point.threshold, point.costPerPart] as const) }], say('threshold'), say('{currency} a part', { currency: costs.currency })) },
    paragraph('The threshold was chosen on the data that it is judged on, so its cost is optimistic; the model itself is judged without it. Prove it on new samples before the line uses it.', 'warn'),
  ];
}
