// Transfer: a station's model and evidence in one folder for the way to another machine, and the check of such a folder on arrival.
import { z } from 'zod';
import { findingSchema } from '../finding.ts';
import { job, query } from './operation.ts';
import { isoTimeSchema, sha256Schema } from './references.ts';
import { signatureSchema } from './evidence.ts';
import { verdictSchema } from './validation.ts';

/** station.json of a carried folder: what a person and the next machine need to know of the files beside it. */
export const carriedStationSchema = z.object({
  format: z.literal('millwright-station/1'), packedAt: isoTimeSchema, packedBy: z.string(), version: z.string(),
  station: z.object({ name: z.string(), line: z.string(), description: z.string(), taktMs: z.number().nullable() }),
  model: z.object({ file: z.string(), name: z.string(), sha256: sha256Schema, precision: z.string(), recipe: z.string().nullable(), labels: z.array(z.string()).nullable(), licence: z.string().nullable() }),
  evidence: z.object({ file: z.string(), id: z.string(), reportSha256: sha256Schema, verdict: verdictSchema }),
});
export type CarriedStation = z.infer<typeof carriedStationSchema>;

export const packedSchema = z.object({ path: z.string(), totalBytes: z.number(), modelSha256: sha256Schema, files: z.array(z.object({ name: z.string(), sizeBytes: z.number(), sha256: sha256Schema })) });
export type Packed = z.infer<typeof packedSchema>;

export const arrivalSchema = z.object({
  /** Every listed file is there and unchanged, the evidence holds, and it speaks of this model. */
  valid: z.boolean(), path: z.string(), files: z.number(), findings: z.array(findingSchema),
  carried: carriedStationSchema.nullable(), modelPath: z.string().nullable(),
  /** From the signed evidence, not from station.json. */
  verdict: verdictSchema.nullable(), signatures: z.array(signatureSchema), knownKey: z.boolean(),
});
export type Arrival = z.infer<typeof arrivalSchema>;

export const transferOperations = {
  /** Makes a new folder inside `folder`; whole or not at all. */
  'transfer.pack': job('Pack a station', 'light', () => z.object({ stationId: z.string(), folder: z.string().min(1) }), () => packedSchema),
  'transfer.check': query('Check a carried station', () => z.object({ path: z.string().min(1) }), () => arrivalSchema),
} as const;
