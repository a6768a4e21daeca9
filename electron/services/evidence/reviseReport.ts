// The next revision of a report: the receipt in its package with more facts, which supersedes it by hash.
import type { ValidationReceipt } from '#core/report/receipt';
import { AppError } from '#shared/errors';
import type { EvidenceRecord } from '#shared/contract/evidence';
import type { JobContext, Services } from '../Services.ts';
import { makeEvidence, type MakeEvidenceOptions } from './makeEvidence.ts';
import { listEvidence } from './evidenceRecords.ts';
import { receiptIn } from './receiptIn.ts';
import { openEvidence } from './verifyEvidence.ts';
import type { ZipEntry } from './zipContainer.ts';

/** The newest package made for the validation. NOT_FOUND where there is none, EVIDENCE_INVALID where it does not verify. */
export async function reviseReport(services: Services, validationId: string, reason: string, change: (receipt: ValidationReceipt) => ValidationReceipt, options: MakeEvidenceOptions, context: Pick<JobContext, 'signal' | 'progress' | 'log'>): Promise<EvidenceRecord> {
  const { record, receipt, entries } = await readReceipt(services, validationId);
  const revised: ValidationReceipt = { ...change(receipt), revision: receipt.revision + 1, supersedes: { reportSha256: record.reportSha256, id: receipt.id, reason } };
  return (await makeEvidence(services, revised, { ...options, attached: [...entries, ...options.attached ?? []] }, context)).record;
}

async function readReceipt(services: Services, validationId: string): Promise<{ record: EvidenceRecord; receipt: ValidationReceipt; entries: readonly ZipEntry[] }> {
  const record = listEvidence(services).find((each) => each.validationId === validationId && each.state !== 'superseded');
  if (!record) throw new AppError('NOT_FOUND', 'No report of this validation is in the data folder.', { hint: 'Reports are made by validations; a comparison alone has none.' });
  const opened = await openEvidence(services, record.paths.zip);
  if (!opened.valid) throw new AppError('EVIDENCE_INVALID', `${record.paths.zip} does not verify, so no revision is made from it.`);
  return { record, receipt: receiptIn(opened.entries, record.paths.zip).receipt, entries: opened.entries };
}
