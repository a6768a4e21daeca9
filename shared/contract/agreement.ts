// The operator agreement study: several people judge the same samples without the model's answer, to tell how far people agree at all.
import { z } from 'zod';
import { inputViewSchema } from './inputView.ts';
import { query } from './operation.ts';
import { credentialSchema } from './people.ts';
import { dataRefSchema, isoTimeSchema, sha256Schema } from './references.ts';
import { intervalSchema } from './validation.ts';

export const kappaSchema = z.object({ kappa: z.number().nullable(), interval: intervalSchema.nullable() });
export const agreementResultSchema = z.object({
  /** Cohen for two people, Fleiss for more. */
  method: z.enum(['Cohen', 'Fleiss']), kappa: z.number().nullable(), interval: intervalSchema.nullable(), samples: z.number(),
  raters: z.array(z.object({
    name: z.string(), authenticated: z.boolean(),
    /** Share of equal answers to the same sample, and kappa, where samples were shown twice. */
    self: kappaSchema.extend({ share: z.number(), samples: z.number() }).nullable(),
    /** Against the labels of the data, where there are any. */
    reference: kappaSchema.extend({ share: z.number(), samples: z.number() }).nullable(),
  })),
  disputed: z.array(z.object({ sample: z.string(), label: z.string().nullable(), answers: z.array(z.string()) })),
});
export type AgreementResult = z.infer<typeof agreementResultSchema>;

export const studySchema = z.object({
  id: z.string(), title: z.string(), createdAt: isoTimeSchema, data: dataRefSchema, seed: z.number().int(), samples: z.number(), repeats: z.number(), classes: z.array(z.string()),
  raters: z.array(z.object({ name: z.string(), answered: z.number(), total: z.number() })), result: agreementResultSchema.nullable(), closedAt: isoTimeSchema.nullable(),
});
export type Study = z.infer<typeof studySchema>;
const tally = z.object({ answered: z.number(), total: z.number(), next: z.number().nullable() });
const rater = z.object({ id: z.string(), name: z.string().min(1).max(120) });

export const agreementOperations = {
  'agreement.list': query('List studies', () => z.object({}), () => z.array(studySchema)),
  'agreement.show': query('Show a study', () => z.object({ id: z.string() }), () => studySchema),
  'agreement.create': query('Create a study', () => z.object({
    title: z.string().trim().min(1).max(200), data: dataRefSchema, samples: z.number().int().min(2).max(2000), seed: z.number().int().min(0).max(4294967295).default(1),
    /** How many of the samples each person sees a second time. */
    repeats: z.number().int().min(0).max(2000).default(0), raters: z.array(z.string().trim().min(1).max(120)).min(2).max(50),
  }), () => studySchema),
  /** Starts or goes on; with users in the data folder a rater that is one gives the password. */
  'agreement.begin': query('Begin to rate', () => rater.extend({ by: credentialSchema.optional() }), () => tally.extend({ classes: z.array(z.string()), sitting: z.string() })),
  'agreement.card': query('Show a sample', () => z.object({ sitting: z.string(), position: z.number().int().min(0) }), () => z.object({ position: z.number(), input: inputViewSchema, answer: z.string().nullable() })),
  'agreement.answer': query('Rate a sample', () => z.object({ sitting: z.string(), position: z.number().int().min(0), answer: z.string().min(1).max(200) }), () => tally),
  /** Takes back the last answer. */
  'agreement.undo': query('Take back an answer', () => z.object({ sitting: z.string() }), () => tally),
  'agreement.close': query('Close a study', () => z.object({ id: z.string() }), () => studySchema),
  /** Makes the next revision of a validation's report with the study in it. */
  'agreement.report': query('Report a study', () => z.object({ id: z.string(), validationId: z.string(), outputDir: z.string().optional(), force: z.boolean().default(false) }), () => z.object({ evidenceId: z.string(), reportSha256: sha256Schema, zip: z.string() })),
} as const;
