// Models: imported files with their structure, findings, lineage and differences.
import { z } from 'zod';
import { findingSchema } from '../finding.ts';
import { job, query } from './operation.ts';
import { isoTimeSchema, modelRefSchema, reasonSchema, sha256Schema, tensorInfoSchema } from './references.ts';

/** Peak memory of a session before it is loaded: `totalBytes` = `processBytes` + `loadBytes` + `runBytes`. Weights are as stored; activations are the most that live at once. */
export const memoryEstimateSchema = z.object({
  totalBytes: z.number(), processBytes: z.number(), loadBytes: z.number(), runBytes: z.number(), weightBytes: z.number(), activationBytes: z.number(), batch: z.number(),
  /** Open dimensions and the size that was taken for each. */
  assumed: z.array(z.object({ input: z.string(), axis: z.number(), size: z.number() })),
  /** Values whose size could not be told; they count nothing, so the estimate is then too low. */
  unknownValues: z.number(), unknownOperators: z.array(z.string()),
});
export type MemoryEstimate = z.infer<typeof memoryEstimateSchema>;

/** `freeBytes`: what a new process may take now; `totalBytes`: of the machine, or the limit of the container or group. */
export const modelFitSchema = z.object({ verdict: z.enum(['fits', 'tight', 'does not fit']), estimate: memoryEstimateSchema, freeBytes: z.number(), totalBytes: z.number() });
export type ModelFit = z.infer<typeof modelFitSchema>;

export const modelSummarySchema = z.object({
  format: z.literal('onnx'), sha256: sha256Schema, sizeBytes: z.number(), irVersion: z.number(), producer: z.string(),
  opset: z.record(z.string(), z.number()),
  inputs: z.array(tensorInfoSchema), outputs: z.array(tensorInfoSchema),
  nodes: z.number(), operators: z.record(z.string(), z.number()), parameters: z.number(), subgraphs: z.number(),
  /** float32, float16, int8, mixed …: what most weight bytes are stored as. */
  precision: z.string(),
  metadata: z.record(z.string(), z.string()),
  findings: z.array(findingSchema),
});
export type ModelSummary = z.infer<typeof modelSummarySchema>;

const modelVersionSchema = z.string().trim().min(1).max(120);

export const modelRecordSchema = z.object({
  id: z.string(), name: z.string(), importedAt: isoTimeSchema, path: z.string(),
  summary: modelSummarySchema,
  /** Class names in output order where they are known; from ZipMap, metadata or the user. */
  labels: z.array(z.string()).nullable(),
  /** What the import changed, one sentence each. */
  changes: z.array(z.string()),
  /** SHA-256 of the file as it came, before changes. */
  sourceSha256: sha256Schema,
  /** The model that this one was made from, and the recipe. */
  derivedFrom: z.object({ modelId: z.string().nullable(), sha256: sha256Schema, recipe: z.string() }).nullable(),
  runnable: z.object({ ok: z.boolean(), reason: z.string() }),
  licence: z.string().nullable(),
  /** As its maker or the plant counts it; null where nobody stated one. */
  version: modelVersionSchema.nullable().default(null),
});
export type ModelRecord = z.infer<typeof modelRecordSchema>;

const countsSchema = z.object({ added: z.number(), removed: z.number(), changed: z.number() });
export const modelDiffSchema = z.object({
  identical: z.boolean(),
  nodes: countsSchema.extend({ entries: z.array(z.object({ kind: z.enum(['added', 'removed', 'changed']), node: z.string(), operator: z.string(), detail: z.string() })) }),
  initializers: countsSchema.extend({ entries: z.array(z.object({ kind: z.enum(['added', 'removed', 'changed']), name: z.string(), detail: z.string() })) }),
  opset: z.record(z.string(), z.object({ before: z.number().nullable(), after: z.number().nullable() })),
  inputs: z.array(z.string()), outputs: z.array(z.string()),
});
export type ModelDiff = z.infer<typeof modelDiffSchema>;

export const modelsOperations = {
  'models.import': job('Import a model', 'light', () => z.object({ path: z.string().min(1), name: z.string().optional(), labels: z.array(z.string()).optional(), licence: z.string().optional(), version: modelVersionSchema.optional() }), () => modelRecordSchema),
  'models.list': query('List models', () => z.object({}), () => z.array(modelRecordSchema)),
  'models.get': query('Get a model', () => z.object({ id: z.string() }), () => modelRecordSchema),
  'models.remove': query('Remove a model', () => z.object({ id: z.string(), reason: reasonSchema }), () => z.object({})),
  'models.rename': query('Rename a model', () => z.object({ id: z.string(), name: z.string().min(1).max(200), reason: reasonSchema }), () => modelRecordSchema),
  /** Null takes it back. */
  'models.setVersion': query('Change the version of a model', () => z.object({ id: z.string(), version: modelVersionSchema.nullable(), reason: reasonSchema }), () => modelRecordSchema),
  'models.show': query('Show a model', () => z.object({ model: modelRefSchema }), () => modelSummarySchema),
  'models.fit': query('Does a model fit this machine', () => z.object({ model: modelRefSchema, batch: z.number().int().min(1).max(4096).default(1), openSize: z.number().int().min(1).max(100_000).default(640) }), () => modelFitSchema),
  'models.check': query('Check a model', () => z.object({ model: modelRefSchema }), () => z.object({ findings: z.array(findingSchema) })),
  'models.diff': query('Compare the structure of two models', () => z.object({ a: modelRefSchema, b: modelRefSchema }), () => modelDiffSchema),
  'models.graph': query('Graph of a model', () => z.object({ model: modelRefSchema }), () => z.object({
    nodes: z.array(z.object({ name: z.string(), operator: z.string(), domain: z.string(), inputs: z.array(z.string()), outputs: z.array(z.string()), depth: z.number() })),
  })),
} as const;
