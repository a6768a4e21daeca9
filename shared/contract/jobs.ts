// Jobs: long operations as records that survive a closed window, a dropped socket and a crash.
import { z } from 'zod';
import { progressSchema } from '../progress.ts';
import { query, stream } from './operation.ts';
import { isoTimeSchema } from './references.ts';

export const jobStates = ['queued', 'running', 'cancelling', 'cancelled', 'interrupted', 'failed', 'done'] as const;
export const jobStateSchema = z.enum(jobStates);
export type JobState = z.infer<typeof jobStateSchema>;

export const jobRecordSchema = z.object({
  id: z.string(), op: z.string(), title: z.string(), subject: z.string(), lane: z.enum(['light', 'compute', 'exclusive']), state: jobStateSchema,
  input: z.unknown(), output: z.unknown().optional(), error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  progress: progressSchema.nullable(), attempt: z.number(), resumable: z.boolean(),
  createdAt: isoTimeSchema, startedAt: isoTimeSchema.nullable(), endedAt: isoTimeSchema.nullable(),
});
export type JobRecord = z.infer<typeof jobRecordSchema>;

export const jobsOperations = {
  'jobs.list': query('List jobs', () => z.object({ limit: z.number().int().min(1).max(1000).default(100) }), () => z.array(jobRecordSchema)),
  'jobs.show': query('Show a job', () => z.object({ id: z.string() }), () => jobRecordSchema.extend({ log: z.array(z.object({ at: isoTimeSchema, line: z.string() })) })),
  /** Emits the whole record of each job that changes; with an id only that job, its present state first. */
  'jobs.watch': stream('Watch jobs', () => z.object({ id: z.string().optional() }), () => jobRecordSchema),
  /** First call: finish the unit, checkpoint, stop. Second call, or force: end the worker now. */
  'jobs.cancel': query('Cancel a job', () => z.object({ id: z.string(), force: z.boolean().default(false) }), () => jobRecordSchema),
  'jobs.resume': query('Resume a job', () => z.object({ id: z.string() }), () => jobRecordSchema),
} as const;
