// Drawn over a chart: named dashed limits, event markers, a shaded good region, and the cursor's line.
import type { Chart, Plugin } from 'chart.js';
import { chartFont, readColours } from './chartTheme.ts';

export interface LimitLine { readonly axis: 'x' | 'y'; readonly value: number; readonly label: string }
export interface EventMark { readonly x: number; readonly label: string }
export interface Annotations { limits: readonly LimitLine[]; /** Words of a level limit stand at its left end, where rising bars leave room. */ limitWordsLeft?: boolean; events: readonly EventMark[]; /** Shades x from the left edge to this value. */ goodUpToX: number | null; cursorX: number | null }
/** Text with an edge in the card's colour, so that it can be read where it stands on a line or a bar. */
export function outlinedText(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, edge: string): void {
  const { strokeStyle, lineWidth } = ctx;
  ctx.setLineDash([]);
  ctx.lineJoin = 'round';
  ctx.strokeStyle = edge;
  ctx.lineWidth = 4;
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
  Object.assign(ctx, { strokeStyle, lineWidth });
}
export const noAnnotations = (): Annotations => ({ limits: [], events: [], goodUpToX: null, cursorX: null });

interface Place { readonly from: number; readonly to: number; readonly row: number }
/** Where the words of an event at `at` stand: right of its line where they fit, else left of it, in the first row in which nothing stands there. */
export function placeWords(taken: readonly Place[], at: number, width: number, right: number): Place {
  const from = at + 4 + width > right ? at - 4 - width : at + 4;
  const to = from + width;
  let row = 0;
  while (taken.some((each) => each.row === row && each.from < to + 4 && from < each.to + 4)) row += 1;
  return { from, to, row };
}

/** The plugin reads the box at each draw, so that live charts change it without being made again. */
export function annotationsPlugin(box: { current: Annotations }): Plugin {
  return {
    id: 'annotations',
    beforeDatasetsDraw(chart: Chart) {
      const { ctx, chartArea: area, scales } = chart;
      const { goodUpToX } = box.current;
      if (!area || goodUpToX === null || !scales.x) return;
      const right = Math.min(area.right, scales.x.getPixelForValue(goodUpToX));
      if (right <= area.left) return;
      ctx.save();
      ctx.fillStyle = readColours().okTint;
      ctx.fillRect(area.left, area.top, right - area.left, area.bottom - area.top);
      ctx.restore();
    },
    afterDatasetsDraw(chart: Chart) {
      const { ctx, chartArea: area, scales } = chart;
      if (!area || !scales.x || !scales.y) return;
      const colours = readColours();
      const line = (x1: number, y1: number, x2: number, y2: number, colour: string, dash: number[]) => {
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1;
        ctx.setLineDash(dash);
        ctx.beginPath();
        ctx.moveTo(x1, y1);
        ctx.lineTo(x2, y2);
        ctx.stroke();
      };
      ctx.save();
      ctx.font = `${chartFont.size}px ${chartFont.family}`;
      let upright = 0; // words of further upright limits stand lower, so that lines close to each other can both be read
      for (const limit of box.current.limits) {
        const scale = limit.axis === 'y' ? scales.y : scales.x;
        if (limit.value < scale.min || limit.value > scale.max) continue;
        const at = Math.round(scale.getPixelForValue(limit.value)) + 0.5;
        ctx.fillStyle = colours.bad;
        if (limit.axis === 'y') { line(area.left, at, area.right, at, colours.bad, [4, 3]); const left = box.current.limitWordsLeft === true; ctx.textAlign = left ? 'left' : 'right'; outlinedText(ctx, limit.label, left ? area.left + 4 : area.right - 4, at - 5 < area.top + 8 ? at + 12 : at - 5, colours.card); }
        else { line(at, area.top, at, area.bottom, colours.bad, [4, 3]); const nearRight = at > area.right - 90; ctx.textAlign = nearRight ? 'right' : 'left'; outlinedText(ctx, limit.label, at + (nearRight ? -4 : 4), area.top + 10 + 13 * upright++, colours.card); }
      }
      const words: Place[] = [];
      for (const event of box.current.events) {
        if (event.x < scales.x.min || event.x > scales.x.max) continue;
        const at = Math.round(scales.x.getPixelForValue(event.x)) + 0.5;
        line(at, area.top, at, area.bottom, colours.dim, [2, 3]);
        ctx.fillStyle = colours.dim;
        const { width } = ctx.measureText(event.label);
        const place = placeWords(words, at, width, area.right);
        words.push(place);
        ctx.textAlign = 'left';
        outlinedText(ctx, event.label, place.from, area.top + 9 + 12 * place.row, colours.card);
      }
      const { cursorX } = box.current;
      if (cursorX !== null && cursorX >= scales.x.min && cursorX <= scales.x.max) {
        const at = Math.round(scales.x.getPixelForValue(cursorX)) + 0.5;
        line(at, area.top, at, area.bottom, colours.dim, []);
      }
      ctx.restore();
    },
  };
}
