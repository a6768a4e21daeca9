// A finding is what a checker or planner says of something; it is not an error, and the caller decides what follows from it.
import { z } from 'zod';

export const findingSchema = z.object({
  /** Stable identifier, such as MODEL_NO_OPSET. */
  id: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  /** Where: a node, tensor, sample, column or file. */
  place: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
});
export type Finding = z.infer<typeof findingSchema>;

/** Pass / warn / fail / unknown; unknown is never shown as good. */
export const checkStatusSchema = z.enum(['pass', 'warn', 'fail', 'unknown']);
export type CheckStatus = z.infer<typeof checkStatusSchema>;
