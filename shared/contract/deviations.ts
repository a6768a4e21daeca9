// Deviations: what was found against a validation or a station, who owns it, and how it was closed. None is ever removed.
import { z } from 'zod';
import { query } from './operation.ts';
import { credentialSchema, type Role } from './people.ts';
import { isoTimeSchema } from './references.ts';

export const severities = ['minor', 'major', 'critical'] as const;
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

/** Who closes a deviation; the password is asked for anew. */
export const rolesThatCloseDeviations: readonly Role[] = ['Quality', 'Admin'];

const sentence = z.string().trim().min(1).max(4000);

export const closureSchema = z.object({
  at: isoTimeSchema, by: z.string(), role: z.string(),
  /** True: who closed it gave the password of a user of this name and role. */
  authenticated: z.boolean(),
  cause: z.string(), action: z.string(), /** A document, a report, a measurement: where it can be looked up. */ evidence: z.string(),
});

export const deviationSchema = z.object({
  /** "DEV-0001", counted up in each data folder. */
  id: z.string(), text: z.string(), impact: z.string(), severity: severitySchema, owner: z.string(), dueDate: z.iso.date(), openedAt: isoTimeSchema, openedBy: z.string(),
  /** What it was found against: at least one of the two. */
  validationId: z.string().nullable(), stationId: z.string().nullable(), station: z.string().nullable(),
  limitIds: z.array(z.string()), closure: closureSchema.nullable(),
});
export type Deviation = z.infer<typeof deviationSchema>;

export const deviationsOperations = {
  /** Newest first. */
  'deviations.list': query('List deviations', () => z.object({ validationId: z.string().optional(), stationId: z.string().optional(), open: z.boolean().optional() }), () => z.array(deviationSchema)),
  'deviations.open': query('Open a deviation', () => z.object({
    text: sentence, impact: z.string().trim().max(4000).default(''), severity: severitySchema, owner: z.string().trim().min(1).max(120), dueDate: z.iso.date(),
    validationId: z.string().optional(), stationId: z.string().optional(), limitIds: z.array(z.string().min(1)).max(100).default([]),
  }), () => deviationSchema),
  /** By `by`, whose record gives name and role; `signer` and `role` are for a data folder without users, and are not proven. */
  'deviations.close': query('Close a deviation', () => z.object({
    id: z.string().min(1), cause: sentence, action: sentence, evidence: sentence,
    by: credentialSchema.optional(), signer: z.string().min(1).max(120).optional(), role: z.string().max(120).optional(),
  }), () => deviationSchema),
} as const;
