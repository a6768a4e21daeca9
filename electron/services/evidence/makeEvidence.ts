// From a receipt to a signed evidence package, beside its files as a person or a CI system opens them.
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import { evidenceRecordSchema, type EvidenceRecord } from '#shared/contract/evidence';
import { validationReceiptSchema, type ValidationReceipt, type ValidationReceiptInput } from '#core/report/receipt';
import { safeLine } from '#core/report/text';
import type { JobContext, Services } from '../Services.ts';
import { refuseOverwrite } from '../files/writeFileAtomic.ts';
import { renderEvidence } from './evidenceFiles.ts';
import { onlyKey } from './keyring.ts';
import { openSigningKey } from './keys.ts';
import { evidenceFileNames, firstSignatureName, makeManifest, manifestName } from './manifest.ts';
import { makeSignature, sha256Hex } from './signatures.ts';
import { verifyZip } from './verifyEvidence.ts';
import { writeFilesTogether } from './writeFilesTogether.ts';
import { packEntry, storeEntry, writeZip, type PackedEntry, type ZipEntry } from './zipContainer.ts';

export interface MakeEvidenceOptions {
  /** Where the files go; without it a folder of the data directory, named after the evidence. */
  readonly outputDir?: string | undefined;
  readonly force?: boolean | undefined;
  /** Where the files that the receipt calls attached are found, among others. */
  readonly attached?: readonly ZipEntry[] | undefined;
}

/**
 * Refuses early what makeEvidence would refuse after hours of work: call it before a long run.
 * ALREADY_EXISTS when a file of the package is in `outputDir` and `force` is not set.
 */
export async function checkEvidenceTarget(options: MakeEvidenceOptions): Promise<void> {
  if (options.outputDir === undefined) return;
  for (const name of Object.values(evidenceFileNames)) await refuseOverwrite(join(options.outputDir, name), options.force ?? false);
}

/**
 * Renders, signs ("prepared", in the author's name) and stores the package and its record. The zip appears last.
 * ALREADY_EXISTS, PERMISSION_DENIED, DISK_FULL, CANCELLED.
 */
export async function makeEvidence(services: Services, receiptInput: ValidationReceiptInput, options: MakeEvidenceOptions, context: Pick<JobContext, 'signal' | 'progress' | 'log'>): Promise<{ record: EvidenceRecord; paths: EvidenceRecord['paths']; directory: string }> {
  const receipt = checkReceipt(receiptInput);
  await checkEvidenceTarget(options);
  const key = await openSigningKey(services);
  const signedAt = new Date(services.clock()).toISOString();
  const [signer, role] = [safeLine(receipt.author.name, 120), safeLine(receipt.author.role, 120)];
  const steps = 9;
  let done = 0;
  const rendered = await renderEvidence(receipt, options.attached ?? [], { keyId: key.keyId, signer, role, signedAt }, key.publicPem, services.resourcesDir, (file) => {
    context.signal.throwIfAborted();
    context.progress({ stage: `Writing ${file}`, done: Math.min(done++, steps), total: steps });
  });
  const zip = packageFiles(rendered.files, (before, manifest) => makeSignature(key, before, manifest, null, { signer, role, meaning: 'prepared', signedAt, authenticated: false }));
  const check = verifyZip(zip, onlyKey(key));
  if (!check.valid) throw new AppError('INTERNAL', 'The package that was just made does not verify, so it was not written.', { cause: check.findings });

  const id = `evidence-${rendered.reportSha256.slice(0, 12)}`;
  const directory = options.outputDir ?? join(services.dataDir, 'evidence', id);
  const path = (name: string) => join(directory, name);
  const content = new Map(rendered.files.map((file) => [file.name, file.bytes]));
  const beside = [evidenceFileNames.pdf, evidenceFileNames.html, evidenceFileNames.json, evidenceFileNames.junit, evidenceFileNames.csv, evidenceFileNames.bom].map((name) => ({ path: path(name), bytes: content.get(name) ?? new Uint8Array() }));
  context.signal.throwIfAborted();
  // The same receipt made again into the data directory is the same evidence: it replaces itself.
  await writeFilesTogether([...beside, { path: path(evidenceFileNames.zip), bytes: zip }], options.force ?? options.outputDir === undefined);

  const record: EvidenceRecord = {
    id, createdAt: signedAt, title: receipt.title, station: receipt.station?.name ?? null, verdict: receipt.verdict, exploratory: receipt.exploratory, state: 'draft', validationId: receipt.id,
    reportSha256: rendered.reportSha256, supersedesSha256: receipt.supersedes?.reportSha256 ?? null, paths: { zip: path(evidenceFileNames.zip), html: path(evidenceFileNames.html), pdf: path(evidenceFileNames.pdf), json: path(evidenceFileNames.json), junit: path(evidenceFileNames.junit) },
    signatures: [{ keyId: key.keyId, signer, role, meaning: 'prepared', signedAt, authenticated: false }],
    attachments: receipt.attachments.map(({ preview: _preview, ...attachment }) => attachment),
  };
  store(services, record, receipt);
  services.store.audit.append({ actor: signer, action: 'evidence.prepared', subject: id, detail: { reportSha256: rendered.reportSha256, zipSha256: sha256Hex(zip), verdict: receipt.verdict, exploratory: receipt.exploratory, attempt: receipt.attempt, keyId: key.keyId } });
  context.progress({ stage: 'Evidence signed', done: steps, total: steps });
  return { record, paths: record.paths, directory };
}

function checkReceipt(input: ValidationReceiptInput): ValidationReceipt {
  const parsed = validationReceiptSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError('INTERNAL', `The receipt of the validation is not complete: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`, { cause: parsed.error });
}

/** The zip of files, manifest and first signature. */
export function packageFiles(files: ReadonlyArray<{ readonly name: string; readonly bytes: Uint8Array }>, sign: (before: readonly PackedEntry[], manifest: Uint8Array) => Uint8Array): Buffer {
  const manifest = makeManifest(files);
  const before = [...files, { name: manifestName, bytes: manifest }].map(packEntry);
  return writeZip([...before, storeEntry({ name: firstSignatureName, bytes: sign(before, manifest) })]);
}

/** The record, and the one that it supersedes marked so; one that is approved stays in force until this one is approved. */
function store(services: Services, record: EvidenceRecord, receipt: ValidationReceipt): void {
  const records = services.store.collection('evidence', evidenceRecordSchema);
  if (receipt.supersedes) {
    for (const old of records.list()) if (old.reportSha256 === receipt.supersedes.reportSha256 && old.id !== record.id && old.state !== 'approved') records.put({ ...old, state: 'superseded' });
  }
  records.put(record);
}
