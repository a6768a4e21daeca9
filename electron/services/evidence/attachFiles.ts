// Puts files to a report that nobody has reviewed yet, or takes them off: the next revision holds them under its signature.
import type { ParsedInputOf, OutputOf } from '#shared/contract/index';
import { attachmentLimits } from '#shared/contract/attachments';
import type { EvidenceRecord } from '#shared/contract/evidence';
import { AppError } from '#shared/errors';
import type { ValidationReceipt } from '#core/report/receipt';
import { formatBytes } from '#core/report/text';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { getEvidence, listEvidence } from './evidenceRecords.ts';
import { readAttachment } from './readAttachment.ts';
import { receiptIn } from './receiptIn.ts';
import { reviseReport } from './reviseReport.ts';
import { readEvidenceFile } from './verifyEvidence.ts';
import { readZip, type ZipEntry } from './zipContainer.ts';

type Attachments = ValidationReceipt['attachments'];
type Context = Pick<JobContext, 'signal' | 'progress' | 'log'>;

/** NOT_FOUND; FORBIDDEN for a report that is no draft; BAD_INPUT for files that cannot be attached; ALREADY_EXISTS for one that is there. */
export async function attachFiles(services: Services, input: ParsedInputOf<'evidence.attach'>, context: Context): Promise<OutputOf<'evidence.attach'>> {
  const record = await draftOf(services, input);
  const by = actorOf(services);
  const read = [];
  for (const file of input.files) {
    context.signal.throwIfAborted();
    context.progress({ stage: `Reading ${file.name ?? file.path}`, done: read.length, total: input.files.length });
    read.push(await readAttachment(file, { at: new Date(services.clock()).toISOString(), by }));
  }
  const added = read.map(({ attachment }) => attachment);
  return revise(services, record, input, { action: 'evidence.attached', words: `Attached: ${added.map(({ name }) => name).join(', ')}.`, entries: read.map(({ entry }) => entry) }, (before) => {
    const all = [...before, ...added];
    const twice = all.find(({ sha256 }, at) => all.findIndex((other) => other.sha256 === sha256) !== at);
    if (twice) throw new AppError('ALREADY_EXISTS', `${twice.name} is attached already, to the byte.`, { hint: 'Take the old one off first to change its caption.' });
    if (all.length > attachmentLimits.files) throw new AppError('BAD_INPUT', `A report has at most ${attachmentLimits.files} attached files; these would be ${all.length}.`, { hint: 'Put pages of one kind together in a PDF.' });
    const bytes = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (bytes > attachmentLimits.totalBytes) throw new AppError('BAD_INPUT', `The attached files of a report have at most ${formatBytes(attachmentLimits.totalBytes)} together; these would have ${formatBytes(bytes)}.`, { hint: 'Make pictures smaller.' });
    return { after: all, changed: added };
  }, context);
}

/** NOT_FOUND for a report or a file that is not there; FORBIDDEN for a report that is no draft. */
export async function detachFiles(services: Services, input: ParsedInputOf<'evidence.detach'>, context: Context): Promise<OutputOf<'evidence.detach'>> {
  const record = await draftOf(services, input);
  const isNamed = ({ name, sha256 }: Attachments[number], wanted: string) => name === wanted || (wanted.length >= 8 && sha256.startsWith(wanted.toLowerCase()));
  return revise(services, record, input, { action: 'evidence.detached', words: `Taken off: ${input.attachments.join(', ')}.`, entries: [] }, (before) => {
    const unknown = input.attachments.find((wanted) => !before.some((one) => isNamed(one, wanted)));
    if (unknown !== undefined) throw new AppError('NOT_FOUND', `No file "${unknown}" is attached to the report.`, { hint: before.length === 0 ? 'Nothing is attached to it.' : `Attached are ${before.map(({ name }) => name).join(', ')}.` });
    const changed = before.filter((one) => input.attachments.some((wanted) => isNamed(one, wanted)));
    return { after: before.filter((one) => !changed.includes(one)), changed };
  }, context);
}

interface Change { readonly action: 'evidence.attached' | 'evidence.detached'; readonly words: string; readonly entries: readonly ZipEntry[] }

async function revise(services: Services, { validationId, id }: EvidenceRecord, { outputDir, force, reason }: { readonly outputDir?: string | undefined; readonly force: boolean; readonly reason?: string | undefined }, { action, words, entries }: Change, change: (before: Attachments) => { readonly after: Attachments; readonly changed: Attachments }, context: Context): Promise<OutputOf<'evidence.attach'>> {
  let result: { readonly after: Attachments; readonly changed: Attachments } = { after: [], changed: [] };
  const record = await reviseReport(services, validationId ?? '', reason === undefined ? words : `${words} ${reason}`, (receipt) => {
    result = change(receipt.attachments);
    return { ...receipt, attachments: result.after };
  }, { outputDir, force, attached: entries }, context);
  const files = result.changed.map(({ name, caption, sizeBytes, sha256 }) => ({ name, caption, sizeBytes, sha256 }));
  services.store.audit.append({ actor: actorOf(services), action, subject: record.id, detail: { ...(action === 'evidence.attached' ? { old: null, new: { files } } : { old: { files }, new: null }), follows: id, reportSha256: record.reportSha256, ...(reason === undefined ? {} : { reason }) } });
  return { evidenceId: record.id, reportSha256: record.reportSha256, zip: record.paths.zip, attachments: record.attachments ?? [] };
}

async function draftOf(services: Services, { id, path }: { readonly id?: string | undefined; readonly path?: string | undefined }): Promise<EvidenceRecord> {
  if ((id === undefined) === (path === undefined)) throw new AppError('BAD_INPUT', 'Name the report by its id or by its package.');
  const record = id === undefined ? await recordOfFile(services, path ?? '') : getEvidence(services, id);
  if (record.state === 'superseded') throw new AppError('FORBIDDEN', `${record.id} is superseded by a later revision.`, { hint: 'Name the latest report; `millwright evidence show` tells its revision.' });
  if (record.state !== 'draft') throw new AppError('FORBIDDEN', `The report is ${record.state === 'review' ? 'reviewed' : 'approved'}: what people have signed stays as it is.`, { hint: 'Validate again, and attach the files before the review.' });
  return record;
}

async function recordOfFile(services: Services, path: string): Promise<EvidenceRecord> {
  const { reportSha256 } = receiptIn(readZip(await readEvidenceFile(path)).entries, path);
  const record = listEvidence(services).find((each) => each.reportSha256 === reportSha256);
  if (!record) throw new AppError('NOT_FOUND', `${path} was not made in this data folder; files are attached only where the report was made.`, { hint: 'Name that folder with --data-dir.' });
  return record;
}
