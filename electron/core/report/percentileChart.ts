// Latency over percentile on the axis of HdrHistogram's plots: each step to the right is one nine more, so that the tail is as wide as the middle.
import type { HdrHistogram } from '#shared/contract/benchmarks';
import { hdrAxisLabel, hdrCurve } from '#shared/hdrHistogram';
import { curveStyle, grey, label, legendEntry, line, polyline, rule, type Drawing, type Shape } from './drawing.ts';
import { formatNumber } from './text.ts';
import { say } from './texts/say.ts';

export interface PercentileCurve { readonly name: string; readonly histogram: HdrHistogram }

export function percentileChart(curves: readonly PercentileCurve[]): Drawing {
  const [width, height, left, bottom, top] = [480, 200, 50, 34, 22];
  const drawn = curves.map(({ name, histogram }) => ({ name, points: hdrCurve(histogram) }));
  const all = drawn.flatMap(({ points }) => points);
  const xHigh = Math.max(1, all.reduce((most, point) => Math.max(most, point.x), 0));
  const yHigh = all.reduce((most, point) => Math.max(most, point.valueMs), 1e-6) * 1.05;
  const x = (value: number) => left + (value / xHigh) * (width - left - 16);
  const y = (value: number) => height - bottom - (value / yHigh) * (height - bottom - top);
  const shapes: Shape[] = [label(left, 10, say('latency in ms'), { size: 7, fill: grey }), label((left + width) / 2, height - 6, say('percentile'), { anchor: 'middle', size: 7, fill: grey })];
  for (let nines = 0; nines <= xHigh + 1e-9; nines++) shapes.push(line(x(nines), top, x(nines), height - bottom, rule, 0.4), label(x(nines), height - bottom + 11, hdrAxisLabel(nines), { anchor: 'middle', size: 7, fill: grey }));
  for (const part of [0, 0.5, 1]) shapes.push(label(left - 4, y(yHigh * part) + 3, formatNumber(yHigh * part), { anchor: 'end', size: 7, fill: grey }));
  shapes.push(line(left, height - bottom, width - 8, height - bottom, grey), line(left, top, left, height - bottom, grey));
  drawn.forEach(({ name, points }, index) => {
    const { stroke, dash } = curveStyle(index);
    shapes.push(polyline(points.map((point) => [x(point.x), y(point.valueMs)] as const), stroke, 1.25, dash));
    if (drawn.length > 1) shapes.push(...legendEntry(left + 8, top + 6 + index * 9, name, index));
  });
  return { width, height, description: say('{y} over {x}; {curves}.', { y: say('latency in ms'), x: say('percentile'), curves: drawn.map(({ name, points }) => say('{name}: {n} points', { name, n: points.length })).join(', ') }), shapes };
}
