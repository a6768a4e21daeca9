// Files that a person puts to a report: photos, screenshots, papers of instruments. They travel in the package, under its manifest and signature.
import { z } from 'zod';
import { isoTimeSchema, sha256Schema } from './references.ts';

export const attachmentKinds = ['png', 'jpeg', 'webp', 'pdf', 'text'] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];

export const attachmentLimits = { fileBytes: 20 * 2 ** 20, totalBytes: 100 * 2 ** 20, files: 50 } as const;

export const attachmentSchema = z.object({
  /** In the package: "attachments/0f3a….png", named after its hash. */
  file: z.string(),
  /** As the file was called. */
  name: z.string(), caption: z.string(), kind: z.enum(attachmentKinds), sizeBytes: z.number(), sha256: sha256Schema,
  addedAt: isoTimeSchema, addedBy: z.string(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** A report that was made here, by its id or its package. */
const reportRef = { id: z.string().min(1).optional(), path: z.string().min(1).optional() };
const target = { outputDir: z.string().min(1).optional(), force: z.boolean().default(false) };
const reason = z.string().trim().min(1).max(500).optional();

export const attachInputSchema = z.object({ ...reportRef, files: z.array(z.object({ path: z.string().min(1), /** As the file is to be called; else as it is. */ name: z.string().min(1).max(200).optional(), caption: z.string().trim().max(300).default('') })).min(1).max(attachmentLimits.files), reason, ...target });
export const detachInputSchema = z.object({ ...reportRef, /** File names, or the beginning of their SHA-256. */ attachments: z.array(z.string().min(1)).min(1).max(attachmentLimits.files), reason, ...target });
export const attachedSchema = z.object({ evidenceId: z.string(), reportSha256: sha256Schema, zip: z.string(), attachments: z.array(attachmentSchema) });
