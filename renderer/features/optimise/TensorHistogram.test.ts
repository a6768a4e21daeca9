import { expect, it } from 'vitest';
import { spreadOfLayer } from '../../gallery/fixtures/histogram.ts';
import { axisAround, outlineOf } from '../../ui/charts/RangeHistogram.tsx';
import { modelToLookAt, spreadRows, spreadWords } from './TensorHistogram.tsx';

const [output, input] = spreadOfLayer.tensors;

it('widens the axis until it holds values and range, whichever is larger', () => {
  const bins = [{ from: -1, to: 0, count: 3 }, { from: 0, to: 4, count: 1 }];
  expect(axisAround(bins, { low: -0.5, high: 10 })).toMatchObject({ min: expect.closeTo(-1.33) as number, max: expect.closeTo(10.33) as number });
  expect(axisAround(bins, null).max).toBeCloseTo(4.15);
  const flat = axisAround([{ from: 3, to: 3, count: 4 }], null);
  expect(flat.min).toBeLessThan(3);
  expect(flat.max).toBeGreaterThan(3);
});
it('draws empty bins at the foot, so that a logarithm of nothing is never asked for', () => expect(outlineOf([{ from: 0, to: 1, count: 0 }, { from: 1, to: 2, count: 8 }], 0.5).map(({ y }) => y)).toEqual([0.5, 0.5, 0.5, 8, 8, 0.5]));
it('tells range, extremes, clipping and unused codes as text, and no range where there is none', () => {
  expect(Object.fromEntries(spreadRows(output!))).toMatchObject({ 'Range in the file': '−3.2 to 4.95, uint8', Clipped: '1.25 % of the values', 'Codes never used': '6.3 %' });
  expect(spreadRows(input!).map(([what]) => what)).toEqual(['Values seen', 'Range in the file']);
  expect(spreadWords(input!)).toContain('kept in float');
});
it('is offered for a run with data alone', () => {
  expect(modelToLookAt({ modelId: 'm-1', outputPath: '/m.onnx' }, { id: 'd-1' })).toEqual({ model: { id: 'm-1' }, data: { id: 'd-1' } });
  expect(modelToLookAt({ modelId: null, outputPath: '/m.onnx' }, { id: 'd-1' })).toEqual({ model: { path: '/m.onnx' }, data: { id: 'd-1' } });
  expect(modelToLookAt({ modelId: 'm-1', outputPath: '/m.onnx' }, undefined)).toBeNull();
});
