// Evidence: the signed package of a validation, its verification, and the audit trail.
import { z } from 'zod';
import { findingSchema } from '../finding.ts';
import { attachedSchema, attachInputSchema, attachmentSchema, detachInputSchema } from './attachments.ts';
import { job, query } from './operation.ts';
import { credentialSchema, type Role } from './people.ts';
import { isoTimeSchema, sha256Schema } from './references.ts';
import { limitResultSchema, reportPathsSchema, rerunSectionSchema, verdictSchema } from './validation.ts';

/** Which roles may sign in which meaning; who prepared a package neither reviews nor approves it, whatever the role. */
export const rolesThatSign: Readonly<Record<'prepared' | 'reviewed' | 'approved', readonly Role[]>> = { prepared: ['Engineer', 'Quality', 'Admin'], reviewed: ['Engineer', 'Quality'], approved: ['Quality', 'Admin'] };

export const signatureSchema = z.object({
  keyId: z.string(), signer: z.string(), meaning: z.string(), signedAt: isoTimeSchema,
  /** As it was when signed; empty where none was given. */
  role: z.string().optional(),
  /** True: the signer gave the password of a user of this name and role. Else the name is as it was typed. */
  authenticated: z.boolean().optional(),
});
export const evidenceRecordSchema = z.object({
  id: z.string(), createdAt: isoTimeSchema, title: z.string(), station: z.string().nullable(), verdict: verdictSchema, exploratory: z.boolean(),
  state: z.enum(['draft', 'review', 'approved', 'superseded']), validationId: z.string().nullable(),
  reportSha256: sha256Schema, /** The report that this one replaces once it is approved; absent in older records. */ supersedesSha256: sha256Schema.nullable().optional(), /** The image that the station was served with when it was approved. */ approvedImage: z.string().nullable().optional(), paths: reportPathsSchema, signatures: z.array(signatureSchema),
  /** The newest page that prints the later signatures, beside the package; absent until somebody signed it there. */
  signaturePages: z.object({ pdf: z.string(), html: z.string() }).optional(),
  /** Files that people put to the report; absent in older records, which had none. */
  attachments: z.array(attachmentSchema).optional(),
});
export type EvidenceRecord = z.infer<typeof evidenceRecordSchema>;

export const verificationSchema = z.object({
  valid: z.boolean(), files: z.number(), keyId: z.string().nullable(), knownKey: z.boolean(), signatures: z.array(signatureSchema),
  verdict: verdictSchema.nullable(), title: z.string().nullable(), findings: z.array(findingSchema),
});
export type Verification = z.infer<typeof verificationSchema>;

export const evidenceDetailSchema = z.object({
  verification: verificationSchema,
  /** Null where the package holds no readable report. */
  report: z.object({
    id: z.string(), title: z.string(), revision: z.number(), takenAt: isoTimeSchema, station: z.string().nullable(), author: z.string(), verdict: verdictSchema, exploratory: z.boolean(), attempt: z.number(),
    reportSha256: sha256Schema, modelSha256: sha256Schema, manifestSha256: sha256Schema, machineFingerprint: z.string().nullable(), limitsLockedAt: isoTimeSchema.nullable(),
    limits: z.array(limitResultSchema),
    sections: z.array(z.object({ number: z.string(), title: z.string(), performed: z.boolean(), reason: z.string().nullable() })),
    attachments: z.array(attachmentSchema),
  }).nullable(),
  contents: z.array(z.object({ name: z.string(), sizeBytes: z.number(), sha256: sha256Schema })),
});
export type EvidenceDetail = z.infer<typeof evidenceDetailSchema>;

export const staleDifferenceSchema = z.object({ part: z.enum(['processor', 'memory', 'system', 'driver', 'runtime', 'session', 'image', 'model', 'preprocessing', 'threshold', 'limits']), approved: z.string(), now: z.string() });
export type StaleDifference = z.infer<typeof staleDifferenceSchema>;
/** A report against what is there now. */
export const stalenessSchema = z.object({
  evidenceId: z.string().nullable(), reportSha256: sha256Schema, state: z.enum(['draft', 'review', 'approved', 'superseded']).nullable(), validUntil: isoTimeSchema.nullable(),
  stale: z.boolean(), /** The date until which it is valid has passed. */ expired: z.boolean(),
  differences: z.array(staleDifferenceSchema),
  /** What has to be run again; the other sections hold. */
  sections: z.array(rerunSectionSchema),
});
export type Staleness = z.infer<typeof stalenessSchema>;

export const auditEntrySchema = z.object({ seq: z.number(), at: isoTimeSchema, actor: z.string(), action: z.string(), subject: z.string(), detail: z.unknown(), prevHash: z.string(), hash: z.string() });
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** The detail of an audit entry `clock.jump`. */
export const clockJumpSchema = z.object({
  /** What the wall clock would have said, and what it said. */
  from: isoTimeSchema, to: isoTimeSchema,
  /** Below zero: it was set back. Seen against the last entry it is at least so much. */
  byMs: z.number(),
  /** uptime: against a clock that counts time asleep too. monotonic: against one that may not, so that a jump forward may be a machine that slept. last entry: earlier than the entry before. */
  seen: z.enum(['uptime', 'monotonic', 'last entry']),
  /** How long the machine slept meanwhile, which is no part of the jump; null where the system does not tell. */
  suspendedMs: z.number().nullable(),
});
export type ClockJump = z.infer<typeof clockJumpSchema>;

export const evidenceOperations = {
  'evidence.list': query('List evidence', () => z.object({}), () => z.array(evidenceRecordSchema)),
  'evidence.get': query('Get evidence', () => z.object({ id: z.string() }), () => evidenceRecordSchema),
  'evidence.verify': query('Verify evidence', () => z.object({ path: z.string().min(1) }), () => verificationSchema),
  /** What a package holds, whether or not it verifies. */
  'evidence.show': query('Show evidence', () => z.object({ path: z.string().min(1) }), () => evidenceDetailSchema),
  /** By `by`, whose record gives name and role; `signer` and `role` are for a data folder without users, and are not proven. */
  'evidence.sign': query('Sign evidence', () => z.object({ path: z.string().min(1), by: credentialSchema.optional(), signer: z.string().min(1).max(120).optional(), role: z.string().max(120).optional(), meaning: z.enum(['prepared', 'reviewed', 'approved']) }), () => verificationSchema),
  /** What a report was made for against this machine and, where its station is here, what the station runs now. */
  'evidence.staleness': query('Check whether evidence is stale', () => z.union([z.object({ id: z.string() }).strict(), z.object({ path: z.string().min(1) }).strict()]), () => stalenessSchema),
  /** Puts files to a draft, which makes its next revision. What was reviewed stays as it is. */
  'evidence.attach': job('Attach files', 'compute', () => attachInputSchema, () => attachedSchema),
  'evidence.detach': job('Take attachments off', 'compute', () => detachInputSchema, () => attachedSchema),
  'evidence.export': query('Export evidence', () => z.object({ id: z.string(), outputPath: z.string().min(1), force: z.boolean().default(false) }), () => z.object({ path: z.string() })),
  'audit.show': query('Show the audit trail', () => z.object({ limit: z.number().int().min(1).max(10_000).default(200) }), () => z.object({ entries: z.array(auditEntrySchema), total: z.number() })),
  /** Writes all entries as JSON Lines, the signed head last. */
  'audit.export': query('Export the audit trail', () => z.object({ outputPath: z.string().min(1), force: z.boolean().default(false) }), () => z.object({ path: z.string(), entries: z.number() })),
  'audit.verify': query('Verify the audit trail', () => z.object({}), () => z.object({ intact: z.boolean(), entries: z.number(), head: z.string().nullable(), findings: z.array(findingSchema) })),
} as const;
