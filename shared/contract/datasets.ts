// Data sets: what they hold, whether they are sound, and their seal.
import { z } from 'zod';
import { findingSchema } from '../finding.ts';
import { job, query } from './operation.ts';
import { dataRefSchema, isoTimeSchema, reasonSchema, sha256Schema } from './references.ts';

export const purposes = ['calibration', 'test', 'challenge'] as const;
export const tasks = ['classification', 'multilabel', 'regression', 'detection', 'segmentation', 'anomaly', 'embedding'] as const;
export const layouts = ['images', 'arrays', 'csv', 'parquet', 'jsonl'] as const;
/** What samples are judged by: a class, a number, any of several labels, a class for each pixel, boxes; for an anomaly a class and perhaps a mask. */
export const labelKinds = ['class', 'number', 'label set', 'mask', 'class and mask', 'boxes'] as const;
export type LabelKind = (typeof labelKinds)[number];
export type Task = (typeof tasks)[number];
export type Layout = (typeof layouts)[number];

const wordsSchema = z.string().trim().min(1).max(2000);
const daySchema = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'It must be a date such as 2026-03-01').refine((text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text), 'It must be a date that there is');

/** What a person states in dataset.yaml of where the samples come from; each part may be left out. */
export const statedFacts = {
  collected: z.object({ from: daySchema, to: daySchema }).strict().refine(({ from, to }) => from <= to, 'It must end on the day that it begins, or later'),
  /** By whom, by what rule, and how far those who labelled agreed, such as "Cohen's kappa 0.92 on 200 samples". */
  labelling: z.object({ who: wordsSchema, how: wordsSchema, agreement: wordsSchema.optional() }).strict(),
  exclusions: z.array(z.object({ what: wordsSchema, why: wordsSchema }).strict()).min(1).max(200),
} as const;
export const statedSchema = z.object(statedFacts).partial();
export type Stated = z.infer<typeof statedSchema>;

export const datasetCheckSchema = z.object({
  layout: z.enum(layouts), task: z.enum(tasks), samples: z.number(), labelled: z.boolean(),
  /** Samples of each class; boxes of each where the labels are boxes, images that show it where they are masks. */
  classes: z.array(z.object({ name: z.string(), count: z.number() })),
  /** Null without labels; missing in records of earlier versions. */
  labelKind: z.enum(labelKinds).nullable().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), missing: z.number(), min: z.number().nullable(), max: z.number().nullable() })),
  findings: z.array(findingSchema),
  /** Missing where dataset.yaml states nothing. */
  stated: statedSchema.optional(),
});
export type DatasetCheck = z.infer<typeof datasetCheckSchema>;

export const sealSchema = z.object({ manifestSha256: sha256Schema, samples: z.number(), sealedAt: isoTimeSchema });
export type Seal = z.infer<typeof sealSchema>;

export const datasetRecordSchema = z.object({
  id: z.string(), name: z.string(), path: z.string(), purpose: z.enum(purposes), addedAt: isoTimeSchema,
  check: datasetCheckSchema, seal: sealSchema.nullable(),
  /** Every use of the sealed set, first to last. */
  openings: z.array(z.object({ at: isoTimeSchema, by: z.string(), reason: z.string() })),
  /** Samples that are also in another registered set. */
  overlaps: z.array(z.object({ datasetId: z.string(), name: z.string(), samples: z.number() })),
});
export type DatasetRecord = z.infer<typeof datasetRecordSchema>;

export const datasetsOperations = {
  'datasets.add': job('Add a data set', 'light', () => z.object({ path: z.string().min(1), name: z.string().optional(), purpose: z.enum(purposes) }), () => datasetRecordSchema),
  'datasets.list': query('List data sets', () => z.object({}), () => z.array(datasetRecordSchema)),
  'datasets.get': query('Get a data set', () => z.object({ id: z.string() }), () => datasetRecordSchema),
  'datasets.remove': query('Remove a data set', () => z.object({ id: z.string(), reason: reasonSchema }), () => z.object({})),
  'datasets.check': query('Check a data set', () => z.object({ data: dataRefSchema }), () => datasetCheckSchema),
  'datasets.seal': job('Seal a data set', 'light', () => z.object({ data: dataRefSchema }), () => sealSchema),
  /** A page of samples; `thumbnail` is a small PNG or SVG data URL for images, else null. */
  'datasets.samples': query('Show samples', () => z.object({ id: z.string(), offset: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(200).default(60), label: z.string().optional() }), () => z.object({
    total: z.number(), samples: z.array(z.object({ index: z.number(), name: z.string(), label: z.string().nullable(), thumbnail: z.string().nullable() })),
  })),
  /** How many samples prove a rate, and what a count proves (exact one-sided binomial bound). */
  /** Without a rate: only what the samples prove; samplesNeeded is null then. One of both has to be given. */
  'datasets.plan': query('Plan the sample size', () => z.object({ maxRate: z.number().gt(0).lt(1).optional(), confidence: z.number().gt(0.5).lt(1).default(0.95), failures: z.number().int().min(0).default(0), samples: z.number().int().min(0).optional() }), () => z.object({ samplesNeeded: z.number().nullable(), provenRate: z.number().nullable(), sentence: z.string() })),
} as const;
