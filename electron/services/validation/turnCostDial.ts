// The cost dial of a validation that was made: what other costs and thresholds would mean for its samples, read from its signed package and never written to it.
import type { ParsedInputOf } from '#shared/contract/index';
import type { Costs, CostDial, TurnedCostDial } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import { costsLines } from '#core/limits/costsLines';
import { costAtThreshold } from '#core/statistics/costAtThreshold';
import { thresholdOn } from '#core/statistics/thresholdOn';
import { costDial } from '#core/statistics/costDial';
import { positiveScores } from '#core/statistics/positiveScores';
import type { ReceiptReader } from './receiptReader.ts';

type Input = ParsedInputOf<'validation.costDial'>;

/** Above so many samples fewer resamples are drawn, so that the dial still turns. */
const drawsAtOnce = 5_000_000;

/**
 * One for each host: it keeps the choice for the costs asked last, so that turning the threshold costs one pass over the scores.
 * NOT_FOUND; EVIDENCE_INVALID where the package was changed; BAD_INPUT where there are not two classes with probabilities.
 */
export function costDialReader(receiptOf: ReceiptReader): (input: Input) => Promise<TurnedCostDial> {
  let chosen: { readonly key: string; readonly dial: CostDial } | null = null;

  return async (input) => {
    const { key, receipt, reportSha256 } = await receiptOf(input.id);
    const classes = receipt.accuracy?.confusion.labels ?? [];
    if (classes.length !== 2) throw new AppError('BAD_INPUT', `A threshold with cost needs a model that tells two classes apart; this one has ${classes.length}.`, { hint: 'The rates of each class stand in the report.' });
    const written = receipt.costDial?.costs;
    const positive = input.positive ?? written?.positive ?? receipt.roc?.positive ?? classes[1] ?? '';
    if (!classes.includes(positive)) throw new AppError('BAD_INPUT', `"${positive}" is no class of the model: it has ${classes.join(' and ')}.`);
    const judged = positiveScores(receipt.samples, positive);
    if (judged === null || judged.scores.length === 0) throw new AppError('BAD_INPUT', 'The model gives no probability of its classes, so no threshold can be set on it.', { hint: 'Export the model with a softmax or sigmoid at its end.' });
    const share = input.defectShare ?? written?.defect_share, parts = input.partsPerDay ?? written?.parts_per_day;
    const costs: Costs = { positive, escape: input.escapeCost ?? written?.escape ?? 100, false_reject: input.rejectCost ?? written?.false_reject ?? 1, currency: input.currency ?? written?.currency ?? 'EUR', ...(share === undefined ? {} : { defect_share: share }), ...(parts === undefined ? {} : { parts_per_day: parts }) };
    const dialKey = JSON.stringify([key, costs]);
    if (chosen?.key !== dialKey) {
      const dial = costDial(judged.scores, judged.truth, costs, { resamples: Math.max(100, Math.min(500, Math.floor(drawsAtOnce / judged.scores.length))) });
      if (dial === null) throw new AppError('BAD_INPUT', `The samples hold only one kind of part: ${positive} and the other class must both occur.`, { hint: 'Validate on a set with good and defective parts.' });
      chosen = { key: dialKey, dial };
    }
    const { dial } = chosen;
    const threshold = input.threshold ?? dial.threshold;
    return {
      validationId: receipt.id, reportSha256, classes, dial, at: costAtThreshold(judged, costs, threshold), now: costAtThreshold(judged, costs, thresholdOn(receipt.decision, positive)), cheapest: costAtThreshold(judged, costs, dial.threshold),
      stated: written !== undefined, limitsText: costsLines(costs, threshold),
    };
  };
}
