// How operations name a model or a data set: by its id in the registry, or by a path on the host's machine.
import { z } from 'zod';

export const modelRefSchema = z.union([z.object({ id: z.string() }).strict(), z.object({ path: z.string().min(1) }).strict()]);
export type ModelRef = z.infer<typeof modelRefSchema>;

export const dataRefSchema = z.union([z.object({ id: z.string() }).strict(), z.object({ path: z.string().min(1), schema: z.string().optional() }).strict()]);
export type DataRef = z.infer<typeof dataRefSchema>;

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
export const isoTimeSchema = z.string();
/** A dimension: a size, a symbol such as "batch", or null when unknown. */
export const shapeSchema = z.array(z.union([z.number(), z.string(), z.null()]));
export const tensorInfoSchema = z.object({ name: z.string(), type: z.string(), shape: shapeSchema });
export type TensorInfo = z.infer<typeof tensorInfoSchema>;
export const percentSchema = z.number().min(0).max(100);

/** Why a person acts; goes into the audit trail. */
export const reasonSchema = z.string().trim().min(1).max(500).optional();
