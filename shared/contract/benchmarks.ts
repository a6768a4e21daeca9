// Benchmarks: latency, throughput and memory over batch, threads and concurrency; and one inference with its profile.
import { z } from 'zod';
import { job, query } from './operation.ts';
import { runtimeUseSchema, runtimeWishSchema } from './runtimeOptions.ts';
import { dataRefSchema, isoTimeSchema, modelRefSchema, sha256Schema } from './references.ts';

export const latencySummarySchema = z.object({ p50: z.number(), p90: z.number(), p95: z.number(), p99: z.number(), p999: z.number(), max: z.number(), mean: z.number(), samples: z.number() });
export type LatencySummary = z.infer<typeof latencySummarySchema>;

/** Latencies in log-linear buckets, as in HdrHistogram with 3 significant digits over 1 ns to `highest`; only buckets that hold something, as [lowest value, count], ascending. */
export const hdrHistogramSchema = z.object({ unit: z.literal('ns'), significantDigits: z.literal(3), highest: z.number(), total: z.number(), buckets: z.array(z.tuple([z.number(), z.number()])) });
export type HdrHistogram = z.infer<typeof hdrHistogramSchema>;
/** What was measured; and the same with the waits of parts that would have come every `intervalMs` (coordinated omission), where a takt was given. */
export const latencyHistogramsSchema = z.object({ raw: hdrHistogramSchema, corrected: hdrHistogramSchema.nullable(), intervalMs: z.number().nullable() });
export type LatencyHistograms = z.infer<typeof latencyHistogramsSchema>;

export const benchPointSchema = z.object({
  provider: z.string(), batch: z.number(), threads: z.number(), concurrency: z.number(),
  latencyMs: latencySummarySchema, throughputPerSec: z.number(), stable: z.boolean(), peakRssBytes: z.number(),
  /** Peak memory against the estimate made before the model was loaded; `ratio` is measured over estimated. Only for the processor; absent in benchmarks of earlier versions. */
  memory: z.object({ estimatedBytes: z.number(), ratio: z.number(), /** Values whose size could not be told. */ unknownValues: z.number() }).optional(),
  /** Absent in `best`, which is one of the points, and in benchmarks of earlier versions. */
  histograms: latencyHistogramsSchema.optional(),
});
export type BenchPoint = z.infer<typeof benchPointSchema>;

export const providerShareSchema = z.object({ provider: z.string(), nodes: z.number(), nodeShare: z.number(), timeMs: z.number(), timeShare: z.number() });
export type ProviderShare = z.infer<typeof providerShareSchema>;

/** Judged at p99.9; the longest run, and the runs of point and soak that took longer than the takt, are observations. `samples` is behind p99.9; both are absent in benchmarks of earlier versions. */
export const taktVerdictSchema = z.object({ samples: z.number().optional(), overTakt: z.object({ runs: z.number(), of: z.number() }).optional(), verdict: z.enum(['PASS', 'FAIL']), taktMs: z.number(), cameraMs: z.number(), plcMs: z.number(), p999Ms: z.number(), maxMs: z.number(), driftMsPerMin: z.number().nullable() });

/** A long run of one point in windows of time; slopes by Theil and Sen, null where the system tells no temperature or clock. */
export const soakSchema = z.object({
  durationS: z.number(), driftMsPerMin: z.number(), temperatureSlopeCPerMin: z.number().nullable().default(null), clockSlopeMHzPerMin: z.number().nullable().default(null),
  points: z.array(z.object({ atS: z.number(), p99Ms: z.number(), temperatureC: z.number().nullable(), clockMHz: z.number().nullable() })),
  /** Of every run of the soak; absent in benchmarks of earlier versions. */
  histograms: latencyHistogramsSchema.optional(),
});
export type Soak = z.infer<typeof soakSchema>;

export const benchOutputSchema = z.object({
  modelSha256: sha256Schema, takenAt: isoTimeSchema, machineFingerprint: z.string(),
  /** Of every point but for what the point itself names; absent in benchmarks of earlier versions. */
  runtime: runtimeUseSchema.optional(),
  points: z.array(benchPointSchema), best: benchPointSchema.nullable(), taktVerdict: taktVerdictSchema.nullable(),
  coldStartMs: z.number(), providerShares: z.array(providerShareSchema),
  /** Absent where none was asked for. */
  soak: soakSchema.nullable().optional(),
  /** Points left out because the deadline came, and other remarks. */
  remarks: z.array(z.string()),
});
export type BenchOutput = z.infer<typeof benchOutputSchema>;

type Setting = Pick<BenchPoint, 'provider' | 'batch' | 'threads' | 'concurrency'>;
/** A benchmark measures each setting once: it names the point. */
export const sameSetting = (one: Setting, other: Setting): boolean => one.provider === other.provider && one.batch === other.batch && one.threads === other.threads && one.concurrency === other.concurrency;

/** Histograms of the best point, which `best` itself leaves out; null in benchmarks of earlier versions. */
export function bestHistograms({ best, points }: BenchOutput): LatencyHistograms | null {
  return points.find((point) => best !== null && sameSetting(point, best))?.histograms ?? null;
}

export const benchInputSchema = z.object({
  model: modelRefSchema,
  batch: z.array(z.number().int().min(1)).default([1]), threads: z.array(z.number().int().min(1)).optional(), concurrency: z.array(z.number().int().min(1)).default([1]),
  /** As threads: without it that of the station which serves the model, else the processor. */
  providers: z.array(z.string()).min(1).optional(),
  /** How the runtime is set beside what the points vary. */
  runtime: runtimeWishSchema.pick({ interOpThreads: true, executionMode: true, optimization: true }).optional(),
  /** The station whose options are taken where none are named. */
  station: z.string().optional(),
  taktMs: z.number().positive().optional(), cameraMs: z.number().min(0).default(0), plcMs: z.number().min(0).default(0),
  durationS: z.number().positive().max(3600).default(5), soakS: z.number().min(0).max(86_400).default(0),
  data: dataRefSchema.optional(),
});
export type BenchInput = z.infer<typeof benchInputSchema>;

export const benchmarksOperations = {
  'benchmarks.run': job('Benchmark', 'exclusive', () => benchInputSchema, () => benchOutputSchema),
  'models.run': query('Run a model once', () => z.object({ model: modelRefSchema, inputs: z.record(z.string(), z.string()), outputDir: z.string().optional(), force: z.boolean().default(false), profile: z.boolean().default(false) }), () => z.object({
    outputs: z.array(z.object({ name: z.string(), type: z.string(), shape: z.array(z.number()), path: z.string().nullable(), preview: z.array(z.union([z.number(), z.string()])) })),
    durationMs: z.number(), providerShares: z.array(providerShareSchema),
  })),
} as const;
