// What one decision threshold lets through, rejects and costs on judged samples, each rate with its Wilson interval.
import type { CostPoint, Costs } from '#shared/contract/validation';
import { wilson } from './intervals.ts';
import type { PositiveScores } from './positiveScores.ts';

/** A part is rejected where its score is at least the threshold; null never rejects. The interval of the cost is made of the ends of both rates, so it is wider than a joint one. */
export function costAtThreshold({ scores, truth }: PositiveScores, costs: Costs, threshold: number | null): CostPoint {
  let defects = 0, escapes = 0, falseRejects = 0;
  scores.forEach((score, at) => {
    const rejected = threshold !== null && score >= threshold;
    if (truth[at]) { defects++; if (!rejected) escapes++; } else if (rejected) falseRejects++;
  });
  const good = scores.length - defects;
  const share = costs.defect_share ?? defects / scores.length;
  const rateOf = (count: number, of: number) => ({ count, of, rate: count / of, interval: wilson(count, of) });
  const rates = { escapes: rateOf(escapes, defects), falseRejects: rateOf(falseRejects, good) };
  const price = (escapeRate: number, falseRejectRate: number) => share * escapeRate * costs.escape + (1 - share) * falseRejectRate * costs.false_reject;
  const costPerPart = price(rates.escapes.rate, rates.falseRejects.rate);
  const low = price(rates.escapes.interval.low, rates.falseRejects.interval.low), high = price(rates.escapes.interval.high, rates.falseRejects.interval.high);
  const day = costs.parts_per_day;
  return { threshold, ...rates, costPerPart, costPerPartLow: low, costPerPartHigh: high, costPerDay: day === undefined ? null : costPerPart * day };
}
