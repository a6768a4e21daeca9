// How a session of ONNX Runtime is set: one type from the container that serves to the report that says what was measured.
import { z } from 'zod';

export const executionModes = ['sequential', 'parallel'] as const;
export const optimizationLevels = ['disabled', 'basic', 'extended', 'all'] as const;
export type OptimizationLevel = (typeof optimizationLevels)[number];

const threadsSchema = z.number().int().min(0).max(256);

export const runtimeOptionsSchema = z.object({
  /** Execution provider in the runtime's short form: cpu, cuda, dml … The processor stays behind every other one. */
  provider: z.string().min(1).max(40),
  /** Threads within an operator; 0 lets the runtime choose. */
  threads: threadsSchema,
  /** Threads between operators; they count only where operators run in parallel. */
  interOpThreads: threadsSchema,
  executionMode: z.enum(executionModes),
  /** Of the graph, before the first run. */
  optimization: z.enum(optimizationLevels),
  /** Samples in one execution at the most. */
  batch: z.number().int().min(1).max(4096),
});
export type RuntimeOptions = z.infer<typeof runtimeOptionsSchema>;
/** What a person sets; the rest is as the station serves. */
export const runtimeWishSchema = runtimeOptionsSchema.partial();
export type RuntimeWish = z.infer<typeof runtimeWishSchema>;

/** Options in use, and where they come from. */
export const runtimeUseSchema = runtimeOptionsSchema.extend({
  /** station: as the station serves · default: as the serving runtime would choose here · given: named for this run, in part at least. */
  origin: z.enum(['station', 'default', 'given']),
  /** The station whose options they are. */
  station: z.string().nullable().default(null),
  /** Why they are not those of the station, in one sentence. */
  note: z.string().nullable().default(null),
});
export type RuntimeUse = z.infer<typeof runtimeUseSchema>;

/** What the serving runtime does where it is told only how many processors it has: one thread a processor, one request at a time. */
export const servedOptions = (cpus: number, provider = 'cpu'): RuntimeOptions => ({ provider, threads: Math.max(1, Math.floor(cpus)), interOpThreads: 1, executionMode: 'sequential', optimization: 'all', batch: 1 });

/** One line that is equal exactly where the options are: what stale stamps compare, and what a person reads. */
export const describeRuntime = ({ provider, threads, interOpThreads, executionMode, optimization, batch }: RuntimeOptions): string =>
  `${provider}, ${threads === 0 ? 'threads as the runtime chooses' : `${threads} ${threads === 1 ? 'thread' : 'threads'}`}, ${interOpThreads} between operators, ${executionMode}, graph optimization ${optimization}, batch ${batch}`;
