// The receipt of a validation out of its signed package; the one read last is kept.
import { stat } from 'node:fs/promises';
import { evidenceRecordSchema } from '#shared/contract/evidence';
import { AppError } from '#shared/errors';
import type { ValidationReceipt } from '#core/report/receipt';
import { knownKeys } from '../evidence/keyring.ts';
import { receiptIn } from '../evidence/receiptIn.ts';
import { readEvidenceFile, verifyZip } from '../evidence/verifyEvidence.ts';
import { withFileErrors } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import { validationRecords } from './validateModel.ts';

export interface ReadReceipt { /** Changes with the package. */ readonly key: string; readonly receipt: ValidationReceipt; readonly reportSha256: string }
/** By the id of a validation or of its evidence. NOT_FOUND; EVIDENCE_INVALID where the package was changed. */
export type ReceiptReader = (id: string) => Promise<ReadReceipt>;

export function receiptReader(services: Pick<Services, 'store' | 'dataDir'>): ReceiptReader {
  let kept: ReadReceipt | null = null;
  return async (id) => {
    const records = services.store.collection('evidence', evidenceRecordSchema).list();
    const record = records.find((each) => each.validationId === id || each.id === id);
    const validation = validationRecords(services).get(record?.validationId ?? id);
    const path = validation?.report?.zip ?? record?.paths.zip;
    if (path === undefined) throw new AppError('NOT_FOUND', `There is no validation ${id} with a report.`, { hint: 'The ids stand under Attempts, and in the JSON of `millwright validate`.' });
    const { size, mtimeMs } = await withFileErrors(path, 'read', () => stat(path));
    const key = JSON.stringify([path, size, mtimeMs]);
    if (kept?.key === key) return kept;
    const { valid, entries } = verifyZip(await readEvidenceFile(path), knownKeys(services.dataDir));
    if (!valid) throw new AppError('EVIDENCE_INVALID', 'The package that holds the results was changed after it was signed, so nothing is taken from it.', { hint: 'Get the package from a copy that verifies, or validate again.' });
    kept = { key, ...receiptIn(entries, path) };
    return kept;
  };
}
