// The flip court: two people judge blind every decision that the optimised model changed; a third, or both together, decide where they differ.
import { z } from 'zod';
import { inputViewSchema } from './inputView.ts';
import { query } from './operation.ts';
import { credentialSchema } from './people.ts';
import { isoTimeSchema, sha256Schema } from './references.ts';
import { intervalSchema } from './validation.ts';

/** What a judge says about the answers A and B, whose order is shuffled for each judge. */
export const courtVerdicts = ['a', 'b', 'both', 'neither', 'unsure'] as const;
export type CourtVerdict = (typeof courtVerdicts)[number];
export const courtVerdictSchema = z.enum(courtVerdicts);
/** The same with the models named: which of them is right. */
export const courtOutcomes = ['original', 'optimised', 'both', 'neither', 'unsure'] as const;
export type CourtOutcome = (typeof courtOutcomes)[number];
export const courtOutcomeSchema = z.enum(courtOutcomes);

export const courtResultSchema = z.object({
  flips: z.number(),
  /** The optimised model alone is right. */
  repairs: z.number(),
  /** The original model alone is right. */
  regressions: z.number(),
  /** Both answers are acceptable. */
  harmless: z.number(),
  bothWrong: z.number(), undecided: z.number(),
  /** Flips on which the two judges agreed, and those that were adjudicated. */
  agreed: z.number(), adjudicated: z.number(),
  /** Cohen's kappa of the two judges; null where chance alone would make them agree. */
  kappa: z.number().nullable(), interval: intervalSchema.nullable(),
  judges: z.array(z.string()), adjudicators: z.array(z.string()), closedAt: isoTimeSchema, closedBy: z.string(),
  decisions: z.array(z.object({ sample: z.string(), verdicts: z.array(courtOutcomeSchema), outcome: courtOutcomeSchema, adjudicated: z.boolean() })),
});
export type CourtResult = z.infer<typeof courtResultSchema>;

export const docketStates = ['judging', 'disputed', 'decided', 'closed'] as const;
export const docketSchema = z.object({
  id: z.string(), title: z.string(), source: z.enum(['validation', 'comparison']), createdAt: isoTimeSchema, state: z.enum(docketStates), flips: z.number(),
  judges: z.array(z.object({ user: z.string(), printedName: z.string(), judged: z.number() })),
  /** Null until both judges are done. */
  disputed: z.number().nullable(), adjudicated: z.number(), adjudicators: z.array(z.string()),
  /** Null until the docket is closed: nobody learns a verdict before. */
  result: courtResultSchema.nullable(),
  /** The report that holds the result, once it was made. */
  reportSha256: sha256Schema.nullable(),
});
export type Docket = z.infer<typeof docketSchema>;

export const sittingSchema = z.object({ sitting: z.string(), docketId: z.string(), role: z.enum(['judge', 'adjudicator']), names: z.array(z.string()), judged: z.number(), total: z.number() });
export type Sitting = z.infer<typeof sittingSchema>;
export const courtCardSchema = z.object({
  /** Place in this judge's own order, from 0. */
  position: z.number(), judged: z.number(), total: z.number(), input: inputViewSchema,
  answers: z.object({ a: z.string(), b: z.string() }), verdict: courtVerdictSchema.nullable(),
});
export type CourtCard = z.infer<typeof courtCardSchema>;
const tally = z.object({ judged: z.number(), total: z.number(), /** The next card without a verdict; null where there is none. */ next: z.number().nullable() });

export const courtOperations = {
  'court.list': query('List dockets', () => z.object({}), () => z.array(docketSchema)),
  'court.show': query('Show a docket', () => z.object({ id: z.string() }), () => docketSchema),
  /** From a validation with a reference, or from a finished comparison (the id of its job). */
  'court.open': query('Open a docket', () => z.union([z.object({ validationId: z.string() }).strict(), z.object({ jobId: z.string() }).strict()]), () => docketSchema),
  /** A person sits down, proven by the password: the first two become judges, `with` lets both adjudicate together. The sitting ends by itself when it is not used. */
  'court.sit': query('Sit down to judge', () => z.object({ id: z.string(), by: credentialSchema, with: credentialSchema.optional() }), () => sittingSchema.extend({ next: z.number().nullable() })),
  'court.card': query('Show a card', () => z.object({ sitting: z.string(), position: z.number().int().min(0) }), () => courtCardSchema),
  'court.judge': query('Judge a card', () => z.object({ sitting: z.string(), position: z.number().int().min(0), verdict: courtVerdictSchema }), () => tally),
  /** Takes back the last verdict of this person; `next` is its card. */
  'court.undo': query('Take back a verdict', () => z.object({ sitting: z.string() }), () => tally),
  'court.leave': query('Leave the court', () => z.object({ sitting: z.string() }), () => z.object({})),
  'court.close': query('Close a docket', () => z.object({ id: z.string(), by: credentialSchema }), () => docketSchema),
  /** Makes the next revision of the validation's report with the result in it. */
  'court.report': query('Report the verdicts', () => z.object({ id: z.string(), outputDir: z.string().optional(), force: z.boolean().default(false) }), () => z.object({ evidenceId: z.string(), reportSha256: sha256Schema, zip: z.string() })),
} as const;
