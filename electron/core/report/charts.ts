// The charts of the report: confusion heat map, and lines over an axis.
import { curveStyle, grey, ink, label, legendEntry, line, polyline, rect, rule, type Drawing, type Shape } from './drawing.ts';
import { formatNumber } from './text.ts';
import { say } from './texts/say.ts';

/** Rows are the actual class, columns the predicted one; each cell prints its count and is shaded by its share of the row. */
export function confusionChart(labels: readonly string[], counts: ReadonlyArray<readonly number[]>): Drawing {
  const cell = Math.max(16, Math.min(34, 380 / labels.length));
  const [left, top] = [96, 44];
  const size = cell * labels.length;
  const short = (name: string, max: number) => ([...name].length > max ? `${[...name].slice(0, max - 1).join('')}…` : name);
  const columnChars = Math.max(2, Math.floor(cell / 4.6));
  const shapes: Shape[] = [label(left + size / 2, 12, say('predicted class'), { anchor: 'middle', fill: grey }), label(4, top - 8, say('actual class'), { fill: grey })];
  labels.forEach((name, row) => {
    shapes.push(label(left + (row + 0.5) * cell, top - 8, short(name, columnChars), { anchor: 'middle', size: 7 }), label(left - 6, top + (row + 0.5) * cell + 2.5, short(name, 20), { anchor: 'end', size: 7 }));
    const sum = (counts[row] ?? []).reduce((total, n) => total + n, 0);
    labels.forEach((_, columnIndex) => {
      const n = counts[row]?.[columnIndex] ?? 0;
      const share = sum === 0 ? 0 : n / sum;
      const grade = Math.round(255 - 105 * Math.sqrt(share)); // the square root makes single errors visible; the darkest still bears dark text
      const fill = `#${[grade, Math.min(255, grade + 8), Math.min(255, grade + 30)].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
      shapes.push(rect(left + columnIndex * cell, top + row * cell, cell, cell, fill, row === columnIndex ? ink : rule));
      if (n > 0) shapes.push(label(left + (columnIndex + 0.5) * cell, top + (row + 0.5) * cell + 2.5, String(n), { anchor: 'middle', size: cell < 22 ? 6 : 8}));
    });
  });
  return { width: left + size + 8, height: top + size + 8, description: say('Confusion matrix of {n} classes; the table that follows holds the same counts.', { n: labels.length }), shapes };
}

export interface Curve { readonly name: string; readonly points: ReadonlyArray<readonly [number, number]> }

/** @param legend where the curves leave room for their names: at the right, above or below */
export function lineChart(curves: readonly Curve[], xTitle: string, yTitle: string, legend: 'above' | 'below' = 'above'): Drawing {
  const [width, height, left, bottom, top] = [480, 200, 50, 34, 22];
  const all = curves.flatMap((curve) => curve.points);
  const range = (values: readonly number[]): readonly [number, number] => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
    return high > low ? [low, high] : [low - 0.5, low + 0.5];
  };
  const [xLow, xHigh] = range(all.length > 0 ? all.map((point) => point[0]) : [0]);
  const [yLow, yHigh] = range(all.length > 0 ? all.map((point) => point[1]) : [0]);
  const x = (value: number) => left + ((value - xLow) / (xHigh - xLow)) * (width - left - 12);
  const y = (value: number) => height - bottom - ((value - yLow) / (yHigh - yLow)) * (height - bottom - top);
  const shapes: Shape[] = [line(left, height - bottom, width - 8, height - bottom, grey), line(left, top, left, height - bottom, grey), label(left, 10, yTitle, { size: 7, fill: grey }), label((left + width) / 2, height - 6, xTitle, { anchor: 'middle', size: 7, fill: grey })];
  for (const part of [0, 0.5, 1]) {
    shapes.push(label(left - 4, y(yLow + (yHigh - yLow) * part) + 3, formatNumber(yLow + (yHigh - yLow) * part), { anchor: 'end', size: 7, fill: grey }));
    shapes.push(label(x(xLow + (xHigh - xLow) * part), height - bottom + 11, formatNumber(xLow + (xHigh - xLow) * part), { anchor: part === 0 ? 'start' : part === 1 ? 'end' : 'middle', size: 7, fill: grey }));
  }
  const widest = curves.reduce((most, { name }) => Math.max(most, [...name].length), 0) * 4;
  curves.forEach((curve, index) => {
    const { stroke, dash } = curveStyle(index);
    shapes.push(polyline(curve.points.map(([a, b]) => [x(a), y(b)] as const), stroke, 1.25, dash));
    for (const [a, b] of curve.points.length <= 60 ? curve.points : []) shapes.push(rect(x(a) - 1.5, y(b) - 1.5, 3, 3, stroke));
    if (curves.length > 1) shapes.push(...legendEntry(width - 38 - widest, (legend === 'above' ? top + 4 : height - bottom - 6 - 9 * (curves.length - 1)) + index * 9, curve.name, index));
  });
  return { width, height, description: say('{y} over {x}; {curves}.', { y: yTitle, x: xTitle, curves: curves.map((curve) => say('{name}: {n} points', { name: curve.name, n: curve.points.length })).join(', ') }), shapes };
}
