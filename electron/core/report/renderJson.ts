// report.json: the report for machines. Its schema is docs/schemas/report.schema.json; the whole receipt is receipt.json.
import { z } from 'zod';
import { limitResultSchema } from '#shared/contract/validation';
import { reportModelSchema, type ReportModel } from './model.ts';
import type { ValidationReceipt } from './receipt.ts';

export const reportJsonSchema = reportModelSchema.extend({
  limits: z.array(limitResultSchema), limitsSha256: z.string().nullable(), limitsLockedAt: z.string().nullable(),
  modelSha256: z.string(), referenceSha256: z.string().nullable(), manifestSha256: z.string(), machineFingerprint: z.string().nullable(),
});
export type ReportJson = z.infer<typeof reportJsonSchema>;

export function renderJson(report: ReportModel, receipt: ValidationReceipt): string {
  const { sections, ...head } = report;
  const json: ReportJson = {
    ...head, limits: receipt.limits, limitsSha256: receipt.lockedLimits?.sha256 ?? null, limitsLockedAt: receipt.lockedLimits?.lockedAt ?? null,
    modelSha256: receipt.model.summary.sha256, referenceSha256: receipt.reference?.summary.sha256 ?? null, manifestSha256: receipt.data.manifestSha256, machineFingerprint: receipt.machine?.fingerprint ?? null,
    sections,
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

/** JSON Schema (2020-12) of report.json. */
export function reportJsonSchemaDocument(): Record<string, unknown> {
  return { ...z.toJSONSchema(reportJsonSchema), title: 'Millwright validation report', description: 'report.json of an evidence package, format 1.' };
}
