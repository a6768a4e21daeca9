// Stations: places on a line with a model, its limits, its data and its evidence; and the main job that puts one into service.
import { z } from 'zod';
import { thresholdSchema } from './decision.ts';
import { job, query } from './operation.ts';
import { dataRefSchema, isoTimeSchema, modelRefSchema, reasonSchema } from './references.ts';
import { limitResultSchema, reportLanguages, reportPapers, reportTemplates, verdictSchema } from './validation.ts';

export const stationRecordSchema = z.object({
  id: z.string(), name: z.string(), line: z.string(), description: z.string(), createdAt: isoTimeSchema,
  status: z.enum(['new', 'commissioned', 'failed']), verdict: verdictSchema.nullable(),
  modelId: z.string().nullable(), candidateModelId: z.string().nullable(),
  calibrationId: z.string().nullable(), testId: z.string().nullable(), challengeId: z.string().nullable(),
  limitsId: z.string().nullable(), taktMs: z.number().nullable(),
  /** From which score on the station decides; null where the largest score does, or dataset.yaml says. */
  threshold: thresholdSchema.nullable().default(null),
  evidenceId: z.string().nullable(), sample: z.boolean(),
});
export type StationRecord = z.infer<typeof stationRecordSchema>;

export const commissionSteps = ['machine', 'import', 'seal', 'quantize', 'compare', 'validate', 'bench', 'evidence'] as const;
export type CommissionStep = (typeof commissionSteps)[number];

export const commissionOutputSchema = z.object({
  station: z.string(), stationId: z.string(), verdict: verdictSchema, limits: z.array(limitResultSchema),
  steps: z.array(z.object({ step: z.enum(commissionSteps), status: z.enum(['done', 'warn', 'failed', 'skipped']), durationMs: z.number(), summary: z.string() })),
  evidence: z.object({ zip: z.string(), html: z.string(), pdf: z.string(), json: z.string(), junit: z.string() }),
  modelId: z.string(), candidateModelId: z.string().nullable(), evidenceId: z.string(),
});
export type CommissionOutput = z.infer<typeof commissionOutputSchema>;

export const stationsOperations = {
  'stations.list': query('List stations', () => z.object({}), () => z.array(stationRecordSchema)),
  'stations.get': query('Get a station', () => z.object({ id: z.string() }), () => stationRecordSchema),
  'stations.create': query('Create a station', () => z.object({ name: z.string().min(1).max(120), line: z.string().max(120).default(''), description: z.string().max(2000).default(''), taktMs: z.number().positive().nullable().default(null) }), () => stationRecordSchema),
  'stations.update': query('Change a station', () => z.object({ id: z.string(), change: stationRecordSchema.pick({ name: true, line: true, description: true, modelId: true, candidateModelId: true, calibrationId: true, testId: true, challengeId: true, limitsId: true, taktMs: true, threshold: true }).partial(), reason: reasonSchema }), () => stationRecordSchema),
  'stations.remove': query('Remove a station', () => z.object({ id: z.string(), reason: reasonSchema }), () => z.object({})),
  /** Imports the bundled model, data sets and limits and makes the sample station. */
  'stations.openSample': job('Open the sample station', 'light', () => z.object({}), () => stationRecordSchema),
  'stations.commission': job('Commission', 'exclusive', () => z.object({
    model: modelRefSchema.optional(), data: dataRefSchema.optional(), calibration: dataRefSchema.optional(), limitsPath: z.string().optional(), station: z.string().optional(), stationId: z.string().optional(),
    outputDir: z.string().optional(), force: z.boolean().default(false), maxDropPercent: z.number().min(0).max(100).default(1), sample: z.boolean().default(false),
    /** Of the report, as `validation.run` has them. */
    template: z.enum(reportTemplates).optional(), language: z.enum(reportLanguages).optional(), paper: z.enum(reportPapers).optional(),
  }), () => commissionOutputSchema),
} as const;
