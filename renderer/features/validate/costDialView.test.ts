import { expect, it } from 'vitest';
import { costDialAt } from '../../gallery/fixtures/costDial.ts';
import { costDialView, dialInput, untouched } from './costDialView.ts';

it('asks for nothing that was not typed, and for shares as shares', () => {
  expect(dialInput('v', untouched)).toEqual({ id: 'v' });
  expect(dialInput('v', { threshold: 0, positive: 'fold', escapeCost: 0, rejectCost: 2, partsPerDay: 500, defectPercent: 0.3 })).toEqual({ id: 'v', threshold: 0, positive: 'fold', escapeCost: 0, rejectCost: 2, partsPerDay: 500, defectShare: 0.003 });
});
it('shows money a day where the parts a day are known, else a part', () => {
  const day = costDialAt({ threshold: 0.8, partsPerDay: 12_000 }), part = { ...day, dial: { ...day.dial, costs: { ...day.dial.costs, parts_per_day: undefined } } };
  const view = costDialView(day);
  expect(view.unit).toBe('EUR a day');
  expect(view.curve.map(({ y }) => y)).toEqual(view.curve.map((_, at) => day.dial.curve.slice().sort((a, b) => a.threshold - b.threshold)[at]!.costPerPart * 12_000));
  expect(view.curve.map(({ x }) => x)).toEqual(view.curve.map(({ x }) => x).sort((a, b) => a - b));
  expect(costDialView(part).unit).toBe('EUR a part');
});
it('ends the axis where the valley can still be read, and says where the curve goes on', () => {
  const { curve, cutAt } = costDialView(costDialAt({ threshold: 0.6 }));
  expect(cutAt).toBeLessThan(Math.max(...curve.map(({ y }) => y ?? 0)));
  expect(cutAt).toBeGreaterThanOrEqual(Math.min(...curve.map(({ y }) => y ?? 0)));
  expect(costDialView(costDialAt({ threshold: 0.01 })).cutAt).toBeNull();
});
it('says whether the threshold saves or costs against now', () => {
  expect(costDialView(costDialAt({ threshold: 0.5 })).saved).toEqual({ text: 'costs as much as now', tone: 'dim' });
  expect(costDialView(costDialAt({ threshold: 0.95 })).saved).toMatchObject({ tone: 'warn', text: expect.stringContaining('a day more than now') });
  expect(costDialView(costDialAt({})).saved).toMatchObject({ tone: 'ok', text: expect.stringContaining('a day less than now') });
});
it('where rejecting never pays it says so instead of a number', () => {
  const dial = costDialAt({});
  const view = costDialView({ ...dial, at: { ...dial.at, threshold: null }, dial: { ...dial.dial, threshold: null, thresholdHigh: null } });
  expect(view.threshold).toBe(1);
  expect(view.figures[2]).toMatchObject({ range: expect.stringMatching(/; at .* to never reject; /) });
});
