// The receipt that a package was drawn from.
import { validationReceiptSchema, type ValidationReceipt } from '#core/report/receipt';
import { AppError } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { sha256Hex } from './signatures.ts';
import type { ZipEntry } from './zipContainer.ts';

/** @param path of the package, for the sentence. EVIDENCE_INVALID where it holds no receipt that can be read. */
export function receiptIn(entries: readonly ZipEntry[], path: string): { readonly receipt: ValidationReceipt; readonly reportSha256: string } {
  const bytes = entries.find(({ name }) => name === 'receipt.json')?.bytes ?? new Uint8Array();
  const parsed = validationReceiptSchema.safeParse(jsonOrNull(Buffer.from(bytes).toString('utf8')));
  if (!parsed.success) throw new AppError('EVIDENCE_INVALID', `${path} holds no receipt that can be read.`);
  return { receipt: parsed.data, reportSha256: sha256Hex(bytes) };
}
