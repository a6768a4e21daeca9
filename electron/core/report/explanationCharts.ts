// Figures of the explanations, to be read in black and white: a picture beside its map of losses, and the importance of columns as bars.
import type { ColumnImportance } from '#shared/contract/validation';
import { grey, ink, label, line, rect, rule, type Drawing, type Shape } from './drawing.ts';
import type { Explained } from '#shared/contract/validation';
import { formatNumber } from './text.ts';
import { say } from './texts/say.ts';

type Map = Explained['maps'][number];
const side = 132, steps = 5, darkest = 60; // the darkest still shows the mark of a changed decision

const levels = ({ losses }: Pick<Map, 'losses'>) => losses.flat();
export const greatestLoss = (map: Pick<Map, 'losses'>): number => levels(map).reduce((most, loss) => Math.max(most, loss), 0);
/** Row and column of the cell that loses most, counted from 1; null where nothing is lost. */
export function strongestCell({ losses }: Pick<Map, 'losses'>): { readonly row: number; readonly column: number } | null {
  const most = greatestLoss({ losses });
  if (most <= 0) return null;
  const row = losses.findIndex((line_) => line_.includes(most));
  return { row: row + 1, column: (losses[row]?.indexOf(most) ?? 0) + 1 };
}

const gray = (share: number) => { const level = Math.round(255 - (255 - darkest) * Math.max(0, Math.min(1, share))).toString(16).padStart(2, '0'); return `#${level}${level}${level}`; };

/** Left the picture as the model is given it, with the cells framed that lose at least half of the most; right the losses, darker for more. */
export function occlusionDrawing(map: Map, scoreName: string): Drawing {
  const { losses, changes, height, width, cellPixels } = map;
  const scale = side / Math.max(height, width);
  const [w, h, cell] = [width * scale, height * scale, cellPixels * scale];
  const [left, right, top] = [0.5, side + 24, 14];
  const most = greatestLoss(map);
  const shapes: Shape[] = [
    label(left, 9, say('what the model is given, in gray'), { size: 7, fill: grey }), label(right, 9, say('loss where it is covered'), { size: 7, fill: grey }),
    { kind: 'image', x: left, y: top, width: Math.round(w * 100) / 100, height: Math.round(h * 100) / 100, pngBase64: map.pngBase64 },
  ];
  const box = (row: number, column: number, from: number) => [from + column * cell, top + row * cell, Math.min(cell, w - column * cell), Math.min(cell, h - row * cell)] as const;
  losses.forEach((line_, row) => line_.forEach((loss, column) => {
    const [x, y, boxWidth, boxHeight] = box(row, column, right);
    shapes.push(rect(x, y, boxWidth, boxHeight, gray(most > 0 ? loss / most : 0), rule));
    if (most > 0 && loss >= most / 2) frame(shapes, box(row, column, left));
    if (changes[row]?.[column] === true) shapes.push(line(x + boxWidth * 0.25, y + boxHeight * 0.25, x + boxWidth * 0.75, y + boxHeight * 0.75, '#ffffff', 2.6), line(x + boxWidth * 0.25, y + boxHeight * 0.75, x + boxWidth * 0.75, y + boxHeight * 0.25, '#ffffff', 2.6), line(x + boxWidth * 0.25, y + boxHeight * 0.25, x + boxWidth * 0.75, y + boxHeight * 0.75, ink, 1.1), line(x + boxWidth * 0.25, y + boxHeight * 0.75, x + boxWidth * 0.75, y + boxHeight * 0.25, ink, 1.1));
  }));
  frame(shapes, [left, top, w, h], grey);
  frame(shapes, [right, top, w, h], grey);
  scaleBar(shapes, right + side + 16, top, most);
  const told = right + side + 80;
  const facts: string[] = [
    say('label: {label}', { label: map.label ?? say('none') }), say('answer: {answer}', { answer: map.predicted }), `${scoreName}: ${formatNumber(map.score)}`,
    say('greatest loss: {loss}', { loss: formatNumber(most) }), say('a cell is {n} × {n} pixels', { n: cellPixels }),
  ];
  facts.forEach((text, at) => shapes.push(label(told, top + 8 + at * 12, text, { size: 7.5 })));
  return { width: 480, height: top + Math.max(h, 90) + 6, description: say('Map of losses of {sample}: {rows} × {columns} cells, greatest loss {loss}.', { sample: map.sample, rows: losses.length, columns: losses[0]?.length ?? 0, loss: formatNumber(most) }), shapes };
}

/** White under dark, so that it is seen on any picture. */
function frame(shapes: Shape[], [x, y, width, height]: readonly [number, number, number, number], stroke = ink): void {
  const edges = [[x, y, x + width, y], [x, y + height, x + width, y + height], [x, y, x, y + height], [x + width, y, x + width, y + height]] as const;
  if (stroke === ink) for (const [x1, y1, x2, y2] of edges) shapes.push(line(x1, y1, x2, y2, '#ffffff', 2));
  for (const [x1, y1, x2, y2] of edges) shapes.push(line(x1, y1, x2, y2, stroke, stroke === ink ? 0.9 : 0.6));
}

function scaleBar(shapes: Shape[], x: number, top: number, most: number): void {
  const height = 90 / steps;
  for (let step = 0; step < steps; step++) {
    const share = 1 - step / (steps - 1);
    shapes.push(rect(x, top + step * height, 12, height, gray(share), grey), label(x + 16, top + step * height + height / 2 + 2.5, most > 0 ? formatNumber(most * share, 3) : step === steps - 1 ? '0' : '', { size: 7 }));
  }
}

const mostBars = 20;

/** The most needed columns, with one standard deviation to both sides. */
export function importanceDrawing({ columns, metric }: ColumnImportance): Drawing {
  const bars = [...columns].sort((a, b) => b.mean - a.mean).slice(0, mostBars);
  const [width, left, rowHeight, top] = [480, 150, 14, 20];
  const low = Math.min(0, ...bars.map(({ mean, deviation }) => mean - (deviation ?? 0))), high = Math.max(0, ...bars.map(({ mean, deviation }) => mean + (deviation ?? 0)));
  const x = (value: number) => left + ((value - low) / (high > low ? high - low : 1)) * (width - left - 60);
  const bottom = top + bars.length * rowHeight;
  const shapes: Shape[] = [label(left, 10, metric === 'mae' ? say('error gained where the column is shuffled') : say('accuracy lost where the column is shuffled'), { size: 7, fill: grey })];
  bars.forEach(({ name, mean, deviation }, at) => {
    const y = top + at * rowHeight;
    const short = [...name].length > 30 ? `${[...name].slice(0, 29).join('')}…` : name;
    shapes.push(label(left - 6, y + 9.5, short, { anchor: 'end', size: 7 }), rect(Math.min(x(0), x(mean)), y + 3, Math.abs(x(mean) - x(0)), rowHeight - 6, '#9aa5b4', grey));
    if (deviation !== null && deviation > 0) shapes.push(line(x(mean - deviation), y + rowHeight / 2, x(mean + deviation), y + rowHeight / 2, ink, 0.9), ...[mean - deviation, mean + deviation].map((end) => line(x(end), y + 4, x(end), y + rowHeight - 4, ink, 0.9)));
    shapes.push(label(x(Math.max(mean + (deviation ?? 0), 0)) + 5, y + 9.5, formatNumber(mean, 3), { size: 7 }));
  });
  shapes.push(line(x(0), top, x(0), bottom, grey, 0.9));
  return { width, height: bottom + 6, description: say('Importance of {n} columns; the table that follows holds the same figures.', { n: bars.length }), shapes };
}
