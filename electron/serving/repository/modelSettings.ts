// The optional millwright.json beside a model's versions: labels, preparation of images, batching, threads.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '#shared/errors';
import { preprocessSchema } from '#core/datasets/datasetYaml';

export const modelSettingsSchema = z.object({
  labels: z.array(z.string()).max(100_000).optional(),
  /** How encoded images become the model's input. */
  preprocess: preprocessSchema.optional(),
  /** False: nobody has said how pictures are prepared for this model, so that they are refused. */
  images: z.boolean().optional(),
  /** Whoever asks may not load or unload it. */
  managed: z.boolean().optional(),
  batching: z.object({ maxBatch: z.number().int().min(1).max(4096), maxDelayMs: z.number().min(0).max(10_000).default(0) }).optional(),
  /** Threads that each hold a session of the model. */
  instances: z.number().int().min(1).max(64).optional(),
  /** Threads of the runtime within one execution. */
  threads: z.number().int().min(1).max(256).optional(),
  /** State inputs by name, each with the output that is its next value; kept for each `sequence_id`. */
  state: z.record(z.string(), z.string()).optional(),
  maxQueue: z.number().int().min(1).max(100_000).optional(),
  warmUp: z.boolean().optional(),
  /** Which versions are served: the highest, all, or these. */
  versions: z.union([z.literal('latest'), z.literal('all'), z.array(z.number().int().min(1)).min(1)]).optional(),
});
export type ModelSettings = z.infer<typeof modelSettingsSchema>;

/** Without a file all is left to the defaults. @throws BAD_INPUT that names file, key and reason. */
export async function readModelSettings(path: string): Promise<ModelSettings> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new AppError('BAD_INPUT', `${path} cannot be read.`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('BAD_INPUT', `${path} is not valid JSON.`, { cause: error });
  }
  const parsed = modelSettingsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('BAD_INPUT', `${path} is not valid: ${issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'it has an unknown fault'}.`);
}
