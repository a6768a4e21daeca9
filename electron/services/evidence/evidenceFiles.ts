// Every file of a package out of a receipt: pure but for the fonts that the PDF embeds.
import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors';
import { buildReport, type ReportIdentity } from '#core/report/buildReport';
import type { ReportModel } from '#core/report/model';
import type { ValidationReceipt } from '#core/report/receipt';
import { renderBom, uuidOfHash } from '#core/report/renderBom';
import { renderCsv } from '#core/report/renderCsv';
import { hgrmFiles } from '#core/report/renderHgrm';
import { renderHtml, reportStyle } from '#core/report/renderHtml';
import { renderJson } from '#core/report/renderJson';
import { renderJunit } from '#core/report/renderJunit';
import { canonicalJson } from '../store/canonicalJson.ts';
import { howToVerify, publicKeyName } from './manifest.ts';
import { renderPdf } from './renderPdf.ts';
import { sha256Hex } from './signatures.ts';
import type { ZipEntry } from './zipContainer.ts';

export const styleHash = createHash('sha256').update(reportStyle).digest('base64');
export const encodeReceipt = (receipt: ValidationReceipt): Buffer => Buffer.from(`${canonicalJson(receipt)}\n`, 'utf8');

export interface RenderedEvidence { readonly report: ReportModel; readonly reportSha256: string; readonly files: readonly ZipEntry[] }

/** In the order of the zip. `progress` is told each file's name before it is made; it may throw to stop. */
export async function renderEvidence(receipt: ValidationReceipt, attached: readonly ZipEntry[], signer: Omit<ReportIdentity, 'reportSha256' | 'bomSha256'>, publicPem: string, resourcesDir: string, progress: (file: string) => void): Promise<RenderedEvidence> {
  const receiptBytes = encodeReceipt(receipt);
  const reportSha256 = sha256Hex(receiptBytes);
  const bom = renderBom(receipt, uuidOfHash(reportSha256));
  const report = buildReport(receipt, { ...signer, reportSha256, bomSha256: sha256Hex(Buffer.from(bom, 'utf8')) });
  const files: ZipEntry[] = [];
  const add = async (name: string, make: () => Promise<Uint8Array> | string | Uint8Array) => {
    progress(name);
    const content = await make();
    files.push({ name, bytes: typeof content === 'string' ? Buffer.from(content, 'utf8') : content });
  };
  await add('report.pdf', () => renderPdf(report, resourcesDir));
  await add('report.html', () => renderHtml(report, styleHash));
  await add('report.json', () => renderJson(report, receipt));
  await add('junit.xml', () => renderJunit(receipt, reportSha256));
  await add('results.csv', () => renderCsv(receipt));
  for (const { name, text } of hgrmFiles(receipt)) await add(name, () => text);
  for (const attachment of receipt.attachments) await add(attachment.file, () => attachedBytes(attachment, attached));
  await add('bom.cdx.json', () => bom);
  await add('receipt.json', () => receiptBytes);
  if (receipt.lockedLimits) await add('limits.yaml', () => receipt.lockedLimits?.text ?? '');
  await add(publicKeyName, () => publicPem);
  await add('how-to-verify.txt', () => howToVerify);
  return { report, reportSha256, files };
}

function attachedBytes({ file, name, sha256 }: ValidationReceipt['attachments'][number], attached: readonly ZipEntry[]): Uint8Array {
  const bytes = attached.find((entry) => entry.name === file)?.bytes;
  if (bytes === undefined || sha256Hex(bytes) !== sha256) throw new AppError('INTERNAL', `The attached file ${name} is not at hand, so the report was not made.`);
  return bytes;
}
