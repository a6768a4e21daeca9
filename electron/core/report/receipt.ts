// The receipt of a validation: every fact that a report shows, and nothing that a report computes anew. Reports are pure functions of it.
import { z } from 'zod';
import { agreementResultSchema } from '#shared/contract/agreement';
import { attachmentSchema } from '#shared/contract/attachments';
import { benchOutputSchema, soakSchema } from '#shared/contract/benchmarks';
import { courtResultSchema } from '#shared/contract/court';
import { decisionSchema } from '#shared/contract/decision';
import { datasetCheckSchema, purposes, sealSchema } from '#shared/contract/datasets';
import { auditEntrySchema } from '#shared/contract/evidence';
import { machineReportSchema } from '#shared/contract/machine';
import { modelDiffSchema, modelSummarySchema } from '#shared/contract/models';
import { compareOutputSchema, flipSchema, quantizeOutputSchema } from '#shared/contract/optimize';
import { isoTimeSchema, sha256Schema } from '#shared/contract/references';
import { accuracyResultSchema, costDialSchema, explainedSchema, installedFileSchema, intervalSchema, rocCurveSchema, limitResultSchema, limitSchema, lockedLimitsSchema, nearThresholdSchema, regressionResultSchema, repeatabilitySchema, reportLanguages, reportPapers, reportTemplates, robustnessCurveSchema, selfTestSchema, subgroupFigureSchema, taskResultSchema, verdictSchema } from '#shared/contract/validation';
import { runtimeUseSchema } from '#shared/contract/runtimeOptions';
import { sectionTable, type SectionId } from './sections.ts';
import { securitySchema } from './security.ts';

export const receiptFormat = 1;

/** A value that may be left out by the caller; the section that needs it then prints NOT PERFORMED. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);
const list = <T extends z.ZodType>(schema: T) => z.array(schema).default([]);

/** A model as the report names it. Take it from the registry record, or from modelSummary of a file. */
export const modelIdentitySchema = z.object({
  name: z.string(), version: optional(z.string()), summary: modelSummarySchema,
  labels: optional(z.array(z.string())), changes: list(z.string()),
  /** SHA-256 of the file as it came, before changes made by the import. */
  sourceSha256: sha256Schema,
  origin: optional(z.string()), licence: optional(z.string()),
});
export type ModelIdentity = z.infer<typeof modelIdentitySchema>;

/** A data set as used: what it holds, its seal, and each opening up to and including this run. */
export const dataIdentitySchema = z.object({
  name: z.string(), purpose: z.enum(purposes), check: datasetCheckSchema, seal: optional(sealSchema),
  /** Hash over the samples actually used, where the set is not sealed. */
  manifestSha256: sha256Schema, samplesUsed: z.number(),
  source: optional(z.string()), collected: optional(z.string()), labelling: optional(z.string()), labelAgreement: optional(z.string()), exclusions: optional(z.string()),
  preprocess: optional(z.string()),
  openings: list(z.object({ at: isoTimeSchema, by: z.string(), reason: z.string() })),
  overlaps: list(z.object({ name: z.string(), samples: z.number() })),
  /** False where nothing was compared: an empty overlap list then proves nothing. */
  overlapChecked: z.boolean().default(false),
  /** Sets that this very model was tuned on, by calibration or by choice; `samples` is null where its samples were not known to compare with. */
  calibratedOn: list(z.object({ name: z.string(), manifestSha256: sha256Schema, samples: z.number().nullable() })),
  subgroups: list(z.object({ column: z.string(), values: z.array(z.object({ value: z.string(), count: z.number() })) })),
});
export type DataIdentity = z.infer<typeof dataIdentitySchema>;

/** The set that ranges were calibrated on, as the quantizer's receipt names it. */
export const calibrationIdentitySchema = dataIdentitySchema.pick({ name: true, manifestSha256: true, samplesUsed: true });

/** One judged sample, in the order of the set. Regression: label and predicted hold the numbers as text. */
export const sampleResultSchema = z.object({
  sample: z.string(), label: z.string().nullable(), predicted: z.string().nullable(),
  /** Largest output score, where there is one. */
  score: z.number().nullable().default(null), referencePredicted: z.string().nullable().default(null),
  /** Of all classes, in the order of scoreLabels. */
  scores: z.array(z.number()).optional(),
});
export type SampleResult = z.infer<typeof sampleResultSchema>;

/** A picture in print size beside each that is one; the file itself lies in the package. */
export const attachedFileSchema = attachmentSchema.extend({ preview: optional(z.object({ type: z.enum(['png', 'jpeg']), base64: z.string() })) });

export const validationReceiptSchema = z.object({
  format: z.literal(receiptFormat).default(receiptFormat),
  /** Of the report that is drawn from it. */
  language: z.enum(reportLanguages).default('en'), template: z.enum(reportTemplates).default('full'), paper: z.enum(reportPapers).default('a4'),
  /** The validation's id, and the report's. */
  id: z.string().min(1), title: z.string().min(1), revision: z.number().int().min(1).default(1),
  /** End of the run, ISO 8601 with zone. Every date that the renderers print comes from the receipt. */
  takenAt: isoTimeSchema, startedAt: optional(isoTimeSchema),
  /** Seconds that the run of each section took; those carried over from an earlier report are left out. */
  sectionSeconds: optional(z.record(z.string(), z.number())),
  productVersion: z.string(), runtimeVersion: optional(z.string()),
  site: z.string().default(''), station: optional(z.object({ id: z.string().nullable(), name: z.string(), line: z.string(), description: z.string() })),
  author: z.object({ name: z.string(), role: z.string() }),
  supersedes: optional(z.object({ reportSha256: sha256Schema, id: z.string(), reason: z.string() })),

  verdict: verdictSchema, exploratory: z.boolean(), attempt: z.number().int().min(1),
  /** Every run on these limits and this model, this one included, first to last; failed ones stay listed. */
  attempts: list(z.object({ id: z.string(), takenAt: isoTimeSchema, verdict: verdictSchema, exploratory: z.boolean(), note: z.string().default('') })),

  intendedUse: optional(z.object({ task: z.string(), decisionEffect: z.string(), inputSpace: z.string(), exclusions: z.string() })),
  system: optional(z.object({ interfaces: z.string(), dataFlow: z.string() })),
  risks: list(z.object({ id: z.string(), hazard: z.string(), severity: z.string(), control: z.string(), limitIds: z.array(z.string()) })),

  lockedLimits: optional(lockedLimitsSchema),
  /** As the limits file had them, where they were not locked: a report on them shows their reasons all the same. */
  givenLimits: list(limitSchema),
  limits: z.array(limitResultSchema),
  baseline: optional(z.string()),

  model: modelIdentitySchema, reference: optional(modelIdentitySchema),
  transformation: optional(z.object({ receipt: quantizeOutputSchema.omit({ outputPath: true, modelId: true }), calibration: optional(calibrationIdentitySchema), diff: optional(modelDiffSchema), settings: z.record(z.string(), z.string()).default({}) })),
  data: dataIdentitySchema,

  machine: optional(machineReportSchema),
  installedFiles: list(installedFileSchema),
  /** Of the installation qualification: who may work here, what serves the station, and whom the program spoke with. */
  accounts: optional(z.array(z.object({ user: z.string(), printedName: z.string(), role: z.string(), disabledAt: isoTimeSchema.nullable() }))),
  container: optional(z.object({ version: z.string(), imageId: z.string() })),
  offline: optional(z.object({ telemetryOff: z.boolean(), /** "address:port" beyond this machine; null where the system does not tell. */ peers: z.array(z.string()).nullable() })),
  selfTests: list(selfTestSchema),

  /** How the runtime was set in every run on the samples and in the benchmark. */
  runtime: optional(runtimeUseSchema),
  /** What turned scores into decisions. */
  decision: optional(decisionSchema),

  accuracy: optional(accuracyResultSchema), referenceAccuracy: optional(accuracyResultSchema), regression: optional(regressionResultSchema),
  /** Other measured rates with their intervals: escape rate per class, calibration error, AUC … */
  rates: list(z.object({ name: z.string(), value: z.number(), interval: optional(intervalSchema), note: z.string().default('') })),
  /** Receipts of earlier versions have the accuracy alone. */
  subgroups: list(subgroupFigureSchema.extend({ accuracy: z.number().optional(), interval: optional(intervalSchema) })),
  roc: optional(z.object({ positive: z.string(), auc: z.number(), points: z.array(z.object({ falsePositiveRate: z.number(), truePositiveRate: z.number(), threshold: z.number().nullable() })), threshold: z.number().nullable(), interval: optional(intervalSchema) })),
  nearThreshold: optional(nearThresholdSchema),
  /** Of more than two classes, the worst first. */
  rocCurves: list(rocCurveSchema),
  /** Classes in the order of each sample's scores; how they were made probabilities. */
  scoreLabels: list(z.string()), scoresAre: z.enum(['given', 'softmax']).default('given'),

  compare: optional(compareOutputSchema),
  adjudications: list(flipSchema.pick({ sample: true }).extend({ decision: z.string(), by: z.array(z.string()), note: z.string().default('') })),
  court: optional(courtResultSchema), taskResult: optional(taskResultSchema), costDial: optional(costDialSchema),
  repeatability: optional(repeatabilitySchema),
  robustness: list(robustnessCurveSchema),

  bench: optional(benchOutputSchema),
  soak: optional(soakSchema),

  agreementStudy: optional(z.object({ title: z.string(), seed: z.number(), closedAt: isoTimeSchema, result: agreementResultSchema })),
  explained: optional(explainedSchema),
  security: optional(securitySchema),
  deviations: list(z.object({ id: z.string(), severity: z.string().default(''), dueDate: z.string().default(''), description: z.string(), impact: z.string(), rootCause: z.string(), action: z.string(), owner: z.string(), closure: z.string().nullable(), limitIds: z.array(z.string()).default([]) })),
  operationPlan: optional(z.object({ monitoring: z.string(), challenge: z.string(), drift: z.string(), retest: z.string(), rollback: z.string(), retention: z.string() })),
  validUntil: optional(isoTimeSchema),

  samples: list(sampleResultSchema), log: list(z.object({ at: isoTimeSchema, line: z.string() })), audit: list(auditEntrySchema),
  attachments: list(attachedFileSchema),
  remarks: list(z.string()),
  /** Why a section has no content; a reason left out falls back to the section's own sentence. */
  notPerformed: z.partialRecord(z.enum(sectionTable.map((section) => section.id) as [SectionId, ...SectionId[]]), z.string()).default({}),
});

/** What renderers read: every default filled in. */
export type ValidationReceipt = z.output<typeof validationReceiptSchema>;
/** What callers of makeEvidence build: optional parts may be left out. */
export type ValidationReceiptInput = z.input<typeof validationReceiptSchema>;
