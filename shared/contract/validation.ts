// Validation against limits that were locked before the run.
import { z } from 'zod';
import { checkStatusSchema } from '../finding.ts';
import { benchOutputSchema } from './benchmarks.ts';
import { decisionSchema, thresholdSchema } from './decision.ts';
import { compareOutputSchema } from './optimize.ts';
import { job, query } from './operation.ts';
import { runtimeUseSchema, runtimeWishSchema } from './runtimeOptions.ts';
import { dataRefSchema, isoTimeSchema, modelRefSchema, reasonSchema, sha256Schema } from './references.ts';

/** Of the tasks beside classification and regression. */
export const taskMetrics = ['subset_accuracy', 'hamming_loss', 'micro_f1', 'macro_f1', 'mean_iou', 'mean_dice', 'pixel_accuracy', 'auroc', 'average_precision', 'pro', 'recall_at_1', 'recall_at_5', 'recall_at_10', 'mean_cosine', 'map_50', 'map_50_95', 'map_small', 'map_medium', 'map_large', 'box_escape_rate', 'image_escape_rate', 'image_false_reject_rate', 'false_alarms_per_image'] as const;
export type TaskMetric = (typeof taskMetrics)[number];
/** Of a classification as a whole, beside its accuracy. */
export const classFigureMetrics = ['precision', 'recall', 'f1', 'kappa', 'calibration_error', 'auroc', 'auroc_weighted', 'auroc_one_vs_one'] as const;
export type ClassFigureMetric = (typeof classFigureMetrics)[number];
export const metrics = ['accuracy', 'accuracy_drop', 'precision', 'recall', 'f1', 'kappa', 'calibration_error', 'auroc_weighted', 'auroc_one_vs_one', 'escape_rate', 'false_reject_rate', 'flips', 'sqnr_db', 'cosine', 'max_abs_error', 'latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'latency_p999_ms', 'takt_ms', 'throughput_per_s', 'cold_start_ms', 'latency_drift_ms_per_min', 'temperature_slope_c_per_min', 'clock_slope_mhz_per_min', 'provider_share', 'peak_rss_mb', 'memory_estimate_ratio', 'size_mb', 'mae', 'rmse', 'r2', ...taskMetrics] as const;
export type Metric = (typeof metrics)[number];

export const limitSchema = z.object({
  id: z.string().min(1), metric: z.enum(metrics), min: z.number().optional(), max: z.number().optional(),
  reason: z.string().optional(), confidence: z.number().gt(0.5).lt(1).optional(),
  positive: z.string().optional(), provider: z.string().optional(), camera_ms: z.number().min(0).optional(), plc_ms: z.number().min(0).optional(),
  /** The figure on samples that are disturbed so, at that severity. */
  disturbance: z.string().min(1).max(40).optional(), severity: z.number().positive().optional(),
  /** Judged on the worst group of that column of the data's subgroups; crossed ones are named "shift × camera". */
  subgroup: z.string().min(1).max(200).optional(),
}).strict();
export type Limit = z.infer<typeof limitSchema>;

const sentence = z.string().min(1).max(4000);

/** What wrong decisions cost, for the choice of the threshold. */
export const costsSchema = z.object({
  positive: z.string().min(1), escape: z.number().min(0), false_reject: z.number().min(0), currency: z.string().min(1).max(12).default('EUR'),
  /** Of the parts on the line; without it as in the test data. */
  defect_share: z.number().gt(0).lt(1).optional(), parts_per_day: z.number().positive().optional(),
}).strict();
export type Costs = z.infer<typeof costsSchema>;

/** What a person writes about the station beside its limits, and what is locked together with them. All of it may be left out. */
export const protocolSchema = z.object({
  intended_use: z.object({ task: sentence, decision_effect: sentence, input_space: sentence, exclusions: sentence }).strict().optional(),
  system: z.object({ interfaces: sentence, data_flow: sentence }).strict().optional(),
  risks: z.array(z.object({ id: z.string().min(1).max(40), hazard: sentence, severity: z.string().min(1).max(40), control: sentence, limits: z.array(z.string()).default([]) }).strict()).max(200).default([]),
  baseline: sentence.optional(),
  costs: costsSchema.optional(),
  operation: z.object({ monitoring: sentence, challenge: sentence, drift: sentence, retest: sentence, rollback: sentence, retention: sentence }).strict().optional(),
  valid_until: z.iso.date().optional(),
}).strict();
export type Protocol = z.infer<typeof protocolSchema>;

export const intervalSchema = z.object({ low: z.number(), high: z.number(), confidence: z.number(), method: z.string(), n: z.number() });
export type Interval = z.infer<typeof intervalSchema>;

export const verdictSchema = z.enum(['PASS', 'PASS WITH DEVIATIONS', 'FAIL', 'INCOMPLETE']);
export type Verdict = z.infer<typeof verdictSchema>;

export const limitResultSchema = z.object({
  id: z.string(), metric: z.enum(metrics), limit: z.string(), value: z.number().nullable(), interval: intervalSchema.nullable(),
  /** NOT MEASURED makes the whole verdict INCOMPLETE. */
  verdict: z.enum(['PASS', 'FAIL', 'NOT MEASURED']), reason: z.string(),
  /** Of a limit on subgroups: the group whose bound is the worst. */
  subgroup: z.string().optional(),
});
export type LimitResult = z.infer<typeof limitResultSchema>;

export const lockedLimitsSchema = z.object({ id: z.string(), sha256: sha256Schema, lockedAt: isoTimeSchema, text: z.string(), limits: z.array(limitSchema) });
export type LockedLimits = z.infer<typeof lockedLimitsSchema>;

export const confusionSchema = z.object({ labels: z.array(z.string()), /** counts[actual][predicted] */ counts: z.array(z.array(z.number())) });
export const countedRateSchema = z.object({ count: z.number(), of: z.number(), rate: z.number(), interval: intervalSchema });
export type CountedRate = z.infer<typeof countedRateSchema>;
export const classMetricSchema = z.object({
  label: z.string(), support: z.number(), precision: z.number().nullable(), recall: z.number().nullable(), f1: z.number().nullable(),
  precisionInterval: intervalSchema.nullable().optional(), recallInterval: intervalSchema.nullable().optional(), f1Interval: intervalSchema.nullable().optional(),
  /** Area under the ROC curve of the class against the rest; null where it cannot be told. */
  auroc: z.number().nullable().optional(), aurocInterval: intervalSchema.nullable().optional(),
  /** Of its samples, those called something else; of the others, those called so. */
  escapes: countedRateSchema.nullable().optional(), falseRejects: countedRateSchema.nullable().optional(),
});

/** Samples whose decision was near: a distance is half of the lead in probability over the next class, for two classes that from 0.5. */
export const nearThresholdSchema = z.object({
  samples: z.number(), positive: z.string().nullable(), /** Where one is set; without it 0.5 of two classes. */ threshold: z.number().optional(),
  bands: z.array(z.object({ width: z.number(), samples: z.number(), wrong: z.number(), /** Where a class is positive. */ escapes: z.number().optional(), falseRejects: z.number().optional() })),
  nearest: z.array(z.object({ sample: z.string(), label: z.string(), predicted: z.string(), next: z.string(), distance: z.number() })),
});
export type NearThreshold = z.infer<typeof nearThresholdSchema>;

/** A class against the rest: rates from 0 to 1 at falling thresholds; null is above every score. */
export const rocCurveSchema = z.object({ label: z.string(), positives: z.number(), auc: z.number(), interval: intervalSchema.nullable(), points: z.array(z.object({ falsePositiveRate: z.number(), truePositiveRate: z.number(), threshold: z.number().nullable() })) });
export type RocCurve = z.infer<typeof rocCurveSchema>;

export const accuracyResultSchema = z.object({
  samples: z.number(), correct: z.number(), accuracy: z.number(), interval: intervalSchema,
  confusion: confusionSchema, classes: z.array(classMetricSchema),
  /** Over all classes; those that the answers do not tell are left out. */
  figures: z.array(z.object({ metric: z.enum(classFigureMetrics), value: z.number(), interval: intervalSchema.nullable(), note: z.string().optional() })).optional(),
});
export type AccuracyResult = z.infer<typeof accuracyResultSchema>;
export const regressionResultSchema = z.object({ samples: z.number(), mae: z.number(), rmse: z.number(), r2: z.number().nullable() });

/** The threshold at which wrong decisions cost least; null is "never reject". */
export const costDialSchema = z.object({
  costs: costsSchema, defectShare: z.number(), samples: z.number(), threshold: z.number().nullable(), thresholdLow: z.number().nullable(), thresholdHigh: z.number().nullable(),
  escapeRate: z.number(), falseRejectRate: z.number(), costPerPart: z.number(), costInterval: intervalSchema, costPerPartAtHalf: z.number(),
  curve: z.array(z.object({ threshold: z.number(), costPerPart: z.number() })),
});
export type CostDial = z.infer<typeof costDialSchema>;

/** One threshold (null: never reject) on the judged samples, and what it costs. */
export const costPointSchema = z.object({ threshold: z.number().nullable(), escapes: countedRateSchema, falseRejects: countedRateSchema, costPerPart: z.number(), costPerPartLow: z.number(), costPerPartHigh: z.number(), costPerDay: z.number().nullable() });
export type CostPoint = z.infer<typeof costPointSchema>;

export const turnedCostDialSchema = z.object({
  validationId: z.string(), reportSha256: sha256Schema, classes: z.array(z.string()), dial: costDialSchema,
  /** At the threshold asked for, at 0.5 as the model decides now, and at the cheapest. */
  at: costPointSchema, now: costPointSchema, cheapest: costPointSchema,
  /** Whether the limits of the run stated costs. */
  stated: z.boolean(),
  /** The costs as lines of a limits file. */
  limitsText: z.string(),
});
export type TurnedCostDial = z.infer<typeof turnedCostDialSchema>;

/** Figures of a task beside classification and regression, and a table of its classes. */
export const taskResultSchema = z.object({
  task: z.enum(['multilabel', 'segmentation', 'anomaly', 'embedding', 'detection']), samples: z.number(),
  figures: z.array(z.object({ metric: z.enum(taskMetrics), value: z.number(), interval: intervalSchema.nullable(), /** Why there is no interval, or what it cannot say. */ note: z.string().optional() })),
  columns: z.array(z.string()), rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  /** How the answers of the model were read, where that can be set. */
  settings: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
});
export type TaskResult = z.infer<typeof taskResultSchema>;

/** The main figures of the task on the samples of one group. */
export const subgroupFigureSchema = z.object({
  column: z.string(), value: z.string(), samples: z.number(),
  /** Fewer than limits on subgroups are judged on. */
  few: z.boolean().default(false),
  figures: z.array(z.object({ metric: z.enum(metrics), value: z.number(), interval: intervalSchema.nullable() })).default([]),
});
export type SubgroupFigure = z.infer<typeof subgroupFigureSchema>;

/** How the figure of the task changes as samples are disturbed more and more. */
export const robustnessCurveSchema = z.object({
  kind: z.string(), unit: z.string(), metric: z.enum(metrics),
  /** The figure on the same samples without the disturbance. */
  undisturbed: z.number().optional(),
  /** Why there is no curve: what is disturbed has no meaning for the task. */
  notPerformed: z.string().optional(),
  points: z.array(z.object({ severity: z.number(), value: z.number(), samples: z.number(), interval: intervalSchema.nullable().default(null) })),
  /** The least severity from which on the rule is broken; null where it never is. */
  breakPoint: z.number().nullable(), breakRule: z.string(),
});
export type RobustnessCurve = z.infer<typeof robustnessCurveSchema>;

/** The same samples again, in one process and in fresh ones. */
export const repeatabilitySchema = z.object({ runs: z.number(), restarts: z.number(), samples: z.number(), bitExact: z.boolean(), maxAbsError: z.number() });
export type Repeatability = z.infer<typeof repeatabilitySchema>;

/** How much the model's score loses where a part of the picture is covered; see core/explain/occlusion.ts. */
export const occlusionMapSchema = z.object({
  sample: z.string(), label: z.string().nullable(), predicted: z.string(), why: z.enum(['wrong', 'close call', 'drawn']),
  /** Of the whole picture: probability of the predicted class, or the predicted number. */
  score: z.number(),
  /** Of the model's input, and of a cell of the map, in pixels. */
  height: z.number(), width: z.number(), cellPixels: z.number(),
  /** By cell, row by row: the mean loss of probability (below zero: covering it helped), or the mean change of the number without its sign. */
  losses: z.array(z.array(z.number())),
  /** Whether a patch centred on the cell changed the decision. */
  changes: z.array(z.array(z.boolean())),
});
export type OcclusionMap = z.infer<typeof occlusionMapSchema>;

/** What the figure loses where a column is shuffled among the samples; see core/explain/permutation.ts. */
export const importanceSchema = z.object({
  metric: z.enum(['accuracy', 'mae']), undisturbed: z.number(), samples: z.number(), repeats: z.number(),
  columns: z.array(z.object({ name: z.string(), mean: z.number(), deviation: z.number().nullable(), least: z.number(), greatest: z.number() })),
});
export type ColumnImportance = z.infer<typeof importanceSchema>;

/** Maps for pictures, importance of columns for tables. */
export const explanationsSchema = z.object({ seed: z.number(), maps: z.array(occlusionMapSchema), importance: importanceSchema.nullable() });
export type Explanations = z.infer<typeof explanationsSchema>;
/** With the pictures beside the maps: what the model was given, in gray. */
export const explainedSchema = explanationsSchema.extend({ maps: z.array(occlusionMapSchema.extend({ pngBase64: z.string() })) });
export type Explained = z.infer<typeof explainedSchema>;

/** One self-test of the tool: what had to happen and what did. */
export const selfTestSchema = z.object({ id: z.string(), title: z.string(), expected: z.string(), actual: z.string(), status: checkStatusSchema, evidence: z.string().nullable().default(null) });
export type SelfTest = z.infer<typeof selfTestSchema>;

export const installedFileSchema = z.object({ path: z.string(), sha256: sha256Schema, sizeBytes: z.number(), status: checkStatusSchema });
export type InstalledFile = z.infer<typeof installedFileSchema>;

export const reportPathsSchema = z.object({ zip: z.string(), html: z.string(), pdf: z.string(), json: z.string(), junit: z.string() });

export const validationOutputSchema = z.object({
  id: z.string(), takenAt: isoTimeSchema, verdict: verdictSchema,
  /** Limits that were not locked before the run make it exploratory. */
  exploratory: z.boolean(), attempt: z.number(),
  limits: z.array(limitResultSchema),
  /** How the runtime was set in every run on the samples and in the benchmark; null in runs of earlier versions. */
  runtime: runtimeUseSchema.nullable().default(null),
  /** What turned scores into decisions; null where no threshold could, and in runs of earlier versions. */
  decision: decisionSchema.nullable().default(null),
  modelSha256: sha256Schema, referenceSha256: sha256Schema.nullable(), manifestSha256: sha256Schema, limitsSha256: sha256Schema, limitsLockedAt: isoTimeSchema.nullable(), machineFingerprint: z.string(),
  accuracy: accuracyResultSchema.nullable(), referenceAccuracy: accuracyResultSchema.nullable(), regression: regressionResultSchema.nullable(),
  compare: compareOutputSchema.nullable(), bench: benchOutputSchema.nullable(), robustness: z.array(robustnessCurveSchema).default([]),
  repeatability: repeatabilitySchema.nullable().default(null), selfTests: z.array(selfTestSchema).default([]),
  report: reportPathsSchema.nullable(),
  taskResult: taskResultSchema.nullable().default(null),
  /** By the columns that dataset.yaml names; the largest groups first. */
  subgroups: z.array(subgroupFigureSchema).default([]),
  explanations: explanationsSchema.nullable().default(null),
  /** What it was measured on, so that its samples can be shown again. */
  data: dataRefSchema.nullable().default(null),
});
export type ValidationOutput = z.infer<typeof validationOutputSchema>;

/** Sections of the report that can be run again by themselves. */
export const rerunSections = ['iq', 'oq', 'accuracy', 'parity', 'robustness', 'performance'] as const;
export const rerunSectionSchema = z.enum(rerunSections);
export type RerunSection = z.infer<typeof rerunSectionSchema>;

export const reportTemplates = ['short', 'full', 'gmp'] as const;
export type ReportTemplate = (typeof reportTemplates)[number];
export const reportLanguages = ['en', 'de'] as const;
export type ReportLanguage = (typeof reportLanguages)[number];
/** Of the PDF. */
export const reportPapers = ['a4', 'letter'] as const;
export type ReportPaper = (typeof reportPapers)[number];

export const validationOperations = {
  'validation.run': job('Validate', 'exclusive', () => z.object({
    model: modelRefSchema, reference: modelRefSchema.optional(), data: dataRefSchema, limitsPath: z.string().optional(), limitsId: z.string().optional(),
    outputDir: z.string().optional(), force: z.boolean().default(false), samples: z.number().int().min(1).optional(), station: z.string().optional(),
    /** Run the model on disturbed samples as well. */
    robustness: z.boolean().default(true),
    /** Explain decisions. Left out: where it takes no longer than half a minute. */
    explain: z.boolean().optional(),
    /** How often samples are run again, in one process and in fresh ones; every answer must be the first one. */
    repeat: z.object({ runs: z.number().int().min(1).max(1000).default(3), restarts: z.number().int().min(0).max(100).default(1) }).optional(),
    /** How the runtime is set; what is left out is as the station serves, else as the serving runtime would choose here. */
    runtime: runtimeWishSchema.optional(),
    /** From which score on is decided; without it as the station has it. */
    threshold: thresholdSchema.optional(),
    /** Seconds for which the model is run on, for drift with temperature and clock. */
    soakS: z.number().min(0).max(86_400).optional(),
    /** Of the report: which sections it prints, and in which language. Without them full and English. */
    template: z.enum(reportTemplates).optional(), language: z.enum(reportLanguages).optional(), /** Without it A4. */ paper: z.enum(reportPapers).optional(),
    /** Why it is run again, in a person's words: into the audit trail, and beside what changed in § 0.2. */
    reason: reasonSchema,
    /** Run only these sections again; the others are carried over from this evidence, of the same model, data and reference. */
    rerun: z.object({ evidenceId: z.string(), sections: z.array(rerunSectionSchema).min(1) }).optional(),
  }), () => validationOutputSchema),
  /** Computed from the scores in the signed report; changes neither it nor any limits. What is left out is as in the limits of the run, else 100 and 1. */
  'validation.costDial': query('Turn the cost dial', () => z.object({
    /** Of the validation or its evidence. */
    id: z.string().min(1), positive: z.string().min(1).optional(), escapeCost: z.number().min(0).max(1e12).optional(), rejectCost: z.number().min(0).max(1e12).optional(), currency: z.string().min(1).max(12).optional(),
    partsPerDay: z.number().positive().max(1e12).optional(), defectShare: z.number().gt(0).lt(1).optional(), threshold: z.number().min(0).max(1).optional(),
  }), () => turnedCostDialSchema),
  /** The explanations of a run with their pictures, from its signed package; null where none were made. */
  'validation.explanations': query('Show explanations', () => z.object({ id: z.string().min(1) }), () => explainedSchema.nullable()),
  'validation.list': query('List validations', () => z.object({}), () => z.array(validationOutputSchema)),
  'validation.lockLimits': query('Lock limits', () => z.object({ path: z.string().optional(), text: z.string().optional() }), () => lockedLimitsSchema),
  'validation.listLimits': query('List locked limits', () => z.object({}), () => z.array(lockedLimitsSchema)),
  'validation.checkLimits': query('Check a limits text', () => z.object({ text: z.string(), fileName: z.string().optional() }), () => z.object({ limits: z.array(limitSchema) })),
} as const;
