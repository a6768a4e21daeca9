// What the cost dial shows of an answer: money a day or a part, the curve, and how far the threshold lies from the cheapest.
import type { CostPoint, TurnedCostDial } from '#shared/contract/validation';
import type { Point } from '../../ui/charts/series.ts';
import { formatCount, formatNumber, formatShare } from '../../ui/format.ts';

/** What an engineer typed; null: as in the limits of the run, or as in the test data. */
export interface DialSetting { readonly threshold: number | null; readonly positive: string | null; readonly escapeCost: number | null; readonly rejectCost: number | null; readonly partsPerDay: number | null; readonly defectPercent: number | null }
export const untouched: DialSetting = { threshold: null, positive: null, escapeCost: null, rejectCost: null, partsPerDay: null, defectPercent: null };

export function dialInput(id: string, { threshold, positive, escapeCost, rejectCost, partsPerDay, defectPercent }: DialSetting) {
  return {
    id, ...(threshold === null ? {} : { threshold }), ...(positive === null ? {} : { positive }), ...(escapeCost === null ? {} : { escapeCost }), ...(rejectCost === null ? {} : { rejectCost }),
    ...(partsPerDay === null ? {} : { partsPerDay }), ...(defectPercent === null ? {} : { defectShare: Number((defectPercent / 100).toPrecision(10)) }),
  };
}

export interface DialFigure { readonly label: string; readonly threshold: string; readonly money: string; readonly range: string }
export interface DialView {
  readonly unit: string;
  readonly figures: readonly [DialFigure, DialFigure, DialFigure];
  /** Against the threshold that decides now. */
  readonly saved: { readonly text: string; readonly tone: 'ok' | 'warn' | 'dim' };
  readonly escapes: { readonly value: string; readonly note: string };
  readonly falseRejects: { readonly value: string; readonly note: string };
  readonly curve: readonly Point[];
  /** Where the axis of the curve ends although the curve goes on; null where all of it is shown. */
  readonly cutAt: number | null;
  readonly threshold: number;
}

/** The ends of the curve, where all or nothing is rejected, would flatten the valley that is looked at: the axis ends at so many times what is compared. */
const shownTimes = 4;
export const thresholdWords = (threshold: number | null): string => (threshold === null ? 'never reject' : threshold.toFixed(3));

export function costDialView({ dial, at, now, cheapest }: TurnedCostDial): DialView {
  const { currency, parts_per_day: parts } = dial.costs;
  const scale = parts ?? 1;
  const money = (perPart: number) => `${formatNumber(perPart * scale, 4)} ${currency}`;
  const range = (low: number, high: number) => `${formatNumber(low * scale, 4)} to ${formatNumber(high * scale, 4)}`;
  const figure = (label: string, point: CostPoint): DialFigure => ({ label, threshold: thresholdWords(point.threshold), money: money(point.costPerPart), range: range(point.costPerPartLow, point.costPerPartHigh) });
  const rate = ({ count, of, rate: share, interval }: CostPoint['escapes']) => ({ value: formatShare(share), note: `${formatCount(count)} of ${formatCount(of)}; ${formatShare(interval.low)} to ${formatShare(interval.high)}, ${interval.method}` });
  const saved = now.costPerPart - at.costPerPart;
  const each = parts === undefined ? 'a part' : 'a day';
  const { low, high, confidence } = dial.costInterval;
  const curve = dial.curve.slice().sort((a, b) => a.threshold - b.threshold).map(({ threshold, costPerPart }) => ({ x: threshold, y: costPerPart * scale }));
  const highest = Math.max(...curve.map(({ y }) => y)), worth = shownTimes * Math.max(at.costPerPart, now.costPerPart) * scale;
  return {
    unit: parts === undefined ? `${currency} a part` : `${currency} a day`,
    figures: [
      figure('At this threshold', at), figure('As it decides now', now),
      { ...figure('Cheapest', cheapest), range: `${range(low, high)}; at ${thresholdWords(dial.thresholdLow)} to ${thresholdWords(dial.thresholdHigh)}; ${formatNumber(confidence * 100, 3)} % bootstrap` },
    ],
    saved: saved === 0 ? { text: 'costs as much as now', tone: 'dim' } : saved > 0 ? { text: `${money(saved)} ${each} less than now`, tone: 'ok' } : { text: `${money(-saved)} ${each} more than now`, tone: 'warn' },
    escapes: rate(at.escapes), falseRejects: rate(at.falseRejects),
    curve, cutAt: worth > 0 && worth < highest ? worth : null,
    threshold: at.threshold ?? 1,
  };
}
