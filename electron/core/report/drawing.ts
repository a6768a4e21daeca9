// Charts as a short list of shapes in points, drawn alike as SVG in the HTML and as vectors in the PDF.
import { z } from 'zod';

export const shapeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rect'), x: z.number(), y: z.number(), width: z.number(), height: z.number(), fill: z.string(), stroke: z.string().optional() }),
  z.object({ kind: z.literal('line'), x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number(), stroke: z.string(), width: z.number(), dashed: z.boolean() }),
  z.object({ kind: z.literal('polyline'), points: z.array(z.tuple([z.number(), z.number()])), stroke: z.string(), width: z.number(), /** Lengths of stroke and gap in points; a whole line without. */ dash: z.array(z.number()).optional() }),
  /** Each pixel of the picture stays a square, however large it is drawn. */
  z.object({ kind: z.literal('image'), x: z.number(), y: z.number(), width: z.number(), height: z.number(), pngBase64: z.string() }),
  /** y is the baseline. */
  z.object({ kind: z.literal('text'), x: z.number(), y: z.number(), text: z.string(), size: z.number(), anchor: z.enum(['start', 'middle', 'end']), fill: z.string() }),
]);
export type Shape = z.infer<typeof shapeSchema>;

export const drawingSchema = z.object({ width: z.number(), height: z.number(), /** What a reader who cannot see it is told. */ description: z.string(), shapes: z.array(shapeSchema) });
export type Drawing = z.infer<typeof drawingSchema>;

export const ink = '#1a2332';
export const grey = '#5b6675';
export const rule = '#c5ccd6';
export const bar = '#3d6ea8';
export const alarm = '#9b1c1c';

export const rect = (x: number, y: number, width: number, height: number, fill: string, stroke?: string): Shape => ({ kind: 'rect', x: round(x), y: round(y), width: round(width), height: round(height), fill, ...(stroke ? { stroke } : {}) });
export const line = (x1: number, y1: number, x2: number, y2: number, stroke = rule, width = 0.75, dashed = false): Shape => ({ kind: 'line', x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), stroke, width, dashed });
export const label = (x: number, y: number, text: string, options: { size?: number; anchor?: 'start' | 'middle' | 'end'; fill?: string } = {}): Shape => ({ kind: 'text', x: round(x), y: round(y), text, size: options.size ?? 8, anchor: options.anchor ?? 'start', fill: options.fill ?? ink });
export const polyline = (points: ReadonlyArray<readonly [number, number]>, stroke = bar, width = 1.25, dash: readonly number[] = []): Shape => ({ kind: 'polyline', points: points.map(([x, y]) => [round(x), round(y)]), stroke, width, ...(dash.length > 0 ? { dash: [...dash] } : {}) });

/** How the curves of one chart differ: in colour, and in black and white by their dashes. */
const curveStyles: ReadonlyArray<{ readonly stroke: string; readonly dash: readonly number[] }> = [{ stroke: bar, dash: [] }, { stroke: alarm, dash: [5, 2.5] }, { stroke: ink, dash: [1.5, 2] }, { stroke: grey, dash: [7, 2, 1.5, 2] }];
export const curveStyle = (index: number) => curveStyles[index % curveStyles.length] ?? { stroke: ink, dash: [] };

/** A name in the legend with a piece of its line before it. @param y the baseline of the name; x is the left end of the piece */
export function legendEntry(x: number, y: number, name: string, index: number): Shape[] {
  const { stroke, dash } = curveStyle(index);
  return [polyline([[x, y - 2.5], [x + 22, y - 2.5]], stroke, 1.25, dash), label(x + 26, y, name, { size: 7, fill: ink })];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
