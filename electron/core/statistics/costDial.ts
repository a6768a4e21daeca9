// The cost dial: the threshold at which escapes and false rejects together cost least, with how far the choice wanders on other samples.
import type { CostDial, Costs } from '#shared/contract/validation';
import { seededRandom } from './bootstrap.ts';

interface Point { readonly threshold: number; readonly escapes: number; readonly falseRejects: number }

/**
 * A part is rejected where its score is at least the threshold. Cost of a part = defect share * escape rate * cost of an escape
 * + (1 - defect share) * false-reject rate * cost of a false reject, at every threshold that occurs (Elkan 2001). Of equal costs the lowest threshold, which lets fewer defects pass.
 * Null where one kind of part is missing. The interval is the percentile bootstrap over samples: the choice moves in steps, for which BCa is not made.
 */
export function costDial(scores: readonly number[], defective: readonly boolean[], costs: Costs, { confidence = 0.95, resamples = 500, seed = 20250101 }: { confidence?: number; resamples?: number; seed?: number } = {}): CostDial | null {
  const order = scores.map((_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const defects = defective.filter(Boolean).length;
  if (defects === 0 || defects === scores.length) return null;
  const share = costs.defect_share ?? defects / scores.length;
  const price = ({ escapes, falseRejects }: Point) => share * escapes * costs.escape + (1 - share) * falseRejects * costs.false_reject;
  const points = (weights: ArrayLike<number>): Point[] => {
    let bad = 0, good = 0;
    for (let sample = 0; sample < scores.length; sample++) { if (defective[sample]) bad += weights[sample] ?? 0; else good += weights[sample] ?? 0; }
    const out: Point[] = [{ threshold: Number.POSITIVE_INFINITY, escapes: bad === 0 ? 0 : 1, falseRejects: 0 }];
    let caught = 0, alarms = 0;
    order.forEach((sample, rank) => {
      if (defective[sample]) caught += weights[sample] ?? 0; else alarms += weights[sample] ?? 0;
      const next = order[rank + 1];
      if (next !== undefined && scores[next] === scores[sample]) return;
      out.push({ threshold: scores[sample] ?? 0, escapes: bad === 0 ? 0 : 1 - caught / bad, falseRejects: good === 0 ? 0 : alarms / good });
    });
    return out;
  };
  const cheapest = (list: readonly Point[]) => list.reduce((best, point) => (price(point) <= price(best) ? point : best));
  const ones = new Uint8Array(scores.length).fill(1);
  const all = points(ones);
  const chosen = cheapest(all);
  const random = seededRandom(seed);
  const thresholds: number[] = [], prices: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const weights = new Uint32Array(scores.length);
    for (let draw = 0; draw < scores.length; draw++) weights[Math.floor(random() * scores.length)]!++;
    const best = cheapest(points(weights));
    thresholds.push(best.threshold);
    prices.push(price(best));
  }
  const finite = (value: number) => (Number.isFinite(value) ? value : null); // never reject has no number in JSON
  const between = (values: number[]) => {
    const sorted = values.sort((a, b) => a - b);
    const at = (tail: number) => sorted[Math.min(sorted.length - 1, Math.floor(tail * sorted.length))] ?? 0;
    return { low: at((1 - confidence) / 2), high: at(1 - (1 - confidence) / 2) };
  };
  const half = all.filter(({ threshold }) => threshold >= 0.5).at(-1) ?? all[0] ?? chosen;
  const range = between(thresholds), cost = between(prices);
  const step = Math.max(1, Math.ceil(all.length / 200));
  return {
    costs, defectShare: share, samples: scores.length, threshold: finite(chosen.threshold), thresholdLow: finite(range.low), thresholdHigh: finite(range.high),
    escapeRate: chosen.escapes, falseRejectRate: chosen.falseRejects, costPerPart: price(chosen), costInterval: { ...cost, confidence, method: `percentile bootstrap, ${resamples} resamples`, n: scores.length },
    costPerPartAtHalf: price(half),
    curve: all.filter((point, index) => Number.isFinite(point.threshold) && (index % step === 0 || point === chosen)).map((point) => ({ threshold: point.threshold, costPerPart: price(point) })),
  };
}
