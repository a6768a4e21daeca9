// The report as a tree of plain blocks: what each renderer draws, and what report.json publishes.
import { z } from 'zod';
import { reportLanguages, reportPapers, reportTemplates, verdictSchema } from '#shared/contract/validation';
import { drawingSchema } from './drawing.ts';
import { phrase, say, sayIfKnown, type Phrase } from './texts/say.ts';

/** pass / fail / warn carry a word and a sign as well, so that the report reads in black and white. */
export const toneSchema = z.enum(['pass', 'fail', 'warn', 'muted']);
export type Tone = z.infer<typeof toneSchema>;

export const cellSchema = z.union([z.string(), z.object({ text: z.string(), tone: toneSchema.optional(), mono: z.boolean().optional() })]);
export type Cell = z.infer<typeof cellSchema>;

export const columnSchema = z.object({ title: z.string(), align: z.enum(['left', 'right']), /** Share of the width. */ weight: z.number(), mono: z.boolean() });
export type Column = z.infer<typeof columnSchema>;

export const blockSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('heading'), text: z.string() }),
  z.object({ kind: z.literal('paragraph'), text: z.string(), tone: toneSchema.optional() }),
  z.object({ kind: z.literal('facts'), rows: z.array(z.object({ name: z.string(), value: cellSchema })) }),
  z.object({ kind: z.literal('table'), caption: z.string(), columns: z.array(columnSchema), rows: z.array(z.array(cellSchema)), note: z.string(), /** Points; room for ink. */ minRowHeight: z.number().optional() }),
  z.object({ kind: z.literal('drawing'), caption: z.string(), drawing: drawingSchema }),
  z.object({ kind: z.literal('text'), caption: z.string(), text: z.string() }),
  z.object({ kind: z.literal('image'), caption: z.string(), type: z.enum(['png', 'jpeg']), base64: z.string() }),
  /** A part of a section that was not done. */
  z.object({ kind: z.literal('notPerformed'), what: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('verdict'), verdict: verdictSchema, exploratory: z.boolean() }),
]);
export type Block = z.infer<typeof blockSchema>;

export const sectionSchema = z.object({
  id: z.string(), number: z.string(), title: z.string(),
  /** False: the section prints NOT PERFORMED and the reason, and has no blocks. */
  performed: z.boolean(), reason: z.string().nullable(), blocks: z.array(blockSchema),
});
export type Section = z.infer<typeof sectionSchema>;

export const reportModelSchema = z.object({
  format: z.literal(1),
  /** SHA-256 of receipt.json: the same on each page of the PDF. */
  reportSha256: z.string(),
  language: z.enum(reportLanguages).default('en'), template: z.enum(reportTemplates).default('full'), paper: z.enum(reportPapers).default('a4'),
  generator: z.string(), id: z.string(), title: z.string(), revision: z.number(), takenAt: z.string(),
  station: z.string().nullable(), author: z.string(),
  verdict: verdictSchema, exploratory: z.boolean(), attempt: z.number(),
  sections: z.array(sectionSchema),
});
export type ReportModel = z.infer<typeof reportModelSchema>;

export const column = (title: Phrase, weight = 1, options: { right?: boolean; mono?: boolean } = {}): Column => ({ title: phrase(title), weight, align: options.right ? 'right' : 'left', mono: options.mono ?? false });
/** A number's column under a name from the data. */
export const foreignColumn = (title: string, weight: number): Column => ({ title, weight, align: 'right', mono: false });
export const number = (title: Phrase, weight = 1): Column => column(title, weight, { right: true });
export const mono = (text: string): Cell => ({ text, mono: true });
export const heading = (text: Phrase): Block => ({ kind: 'heading', text: phrase(text) });
export const paragraph = (text: Phrase, tone?: Tone): Block => ({ kind: 'paragraph', text: phrase(text), ...(tone ? { tone } : {}) });
/** A sentence that was recorded with the run, in the words in which it was recorded. */
export const recorded = (text: string, tone?: Tone): Block => ({ kind: 'paragraph', text, ...(tone ? { tone } : {}) });
export const facts = (rows: ReadonlyArray<readonly [Phrase, Cell] | null>): Block => ({ kind: 'facts', rows: rows.flatMap((row) => (row === null ? [] : [{ name: phrase(row[0]), value: row[1] }])) });
export const notPerformed = (what: Phrase, reason: Phrase): Block => ({ kind: 'notPerformed', what: phrase(what), reason: phrase(reason) });

/** A table; rows beyond `max` are counted in the note, with the file that holds them all. */
export function table(caption: Phrase, columns: readonly Column[], rows: ReadonlyArray<readonly Cell[]>, options: { max?: number; allIn?: string; minRowHeight?: number } = {}): Block {
  const { max = 400, allIn = 'receipt.json', minRowHeight } = options;
  const note = rows.length > max ? say('The first {max} of {rows} rows; all are in {file}.', { max, rows: rows.length, file: allIn }) : '';
  return { kind: 'table', caption: phrase(caption), columns: [...columns], rows: rows.slice(0, max).map((row) => [...row]), note, ...(minRowHeight === undefined ? {} : { minRowHeight }) };
}

const verdictTones: Readonly<Record<string, Tone>> = { PASS: 'pass', FAIL: 'fail', pass: 'pass', fail: 'fail', warn: 'warn', error: 'fail', warning: 'warn' };
const signs: Readonly<Record<Tone, string>> = { pass: '✓ ', fail: '✗ ', warn: '! ', muted: '' };

/** A status with its sign and word; unknown words are never shown as good. */
export function status(word: string): Cell {
  const tone = verdictTones[word] ?? 'warn';
  return { text: `${signs[tone]}${sayIfKnown(word)}`, tone };
}
