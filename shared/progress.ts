// The one shape of progress: which stage, how far; total 0 means that the end is not known.
import { z } from 'zod';

export const progressSchema = z.object({ stage: z.string(), done: z.number(), total: z.number() });
export type Progress = z.infer<typeof progressSchema>;
