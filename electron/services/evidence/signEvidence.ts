// A further signature on a package: appended, replacing the file in one step; the signatures before it stay as they are.
import { basename, dirname, join, resolve } from 'node:path';
import { evidenceRecordSchema, type EvidenceRecord, type Verification } from '#shared/contract/evidence';
import { AppError, isAppError } from '#shared/errors';
import { renderHtml } from '#core/report/renderHtml';
import type { ReportJson } from '#core/report/renderJson';
import { signaturePage, type PageSignature } from '#core/report/signaturePage';
import { blocksApproval, deviationsOf } from '../deviations/deviationRecords.ts';
import type { Services } from '../Services.ts';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import { personOf } from '../people/personOf.ts';
import { knownKeys } from './keyring.ts';
import { openSigningKey } from './keys.ts';
import { evidenceFileNames, laterSignatureName, manifestName, signaturePageNames } from './manifest.ts';
import { signerOf, type SignerInput } from './signerOf.ts';
import { findStation } from '../stations/stationRecords.ts';
import { deployedVersion } from '../stations/deployments.ts';
import { auditedBeforeItsEnd } from './retiredKeys.ts';
import { makeSignature, sha256Hex, type Meaning, type SignaturePayload } from './signatures.ts';
import { renderPdf } from './renderPdf.ts';
import { styleHash } from './evidenceFiles.ts';
import { readEvidenceFile, verifyZip, type OpenedEvidence } from './verifyEvidence.ts';
import { packEntry, storeEntry, writeZip } from './zipContainer.ts';

export interface SignInput extends SignerInput { readonly path: string }

/**
 * EVIDENCE_INVALID when the package does not verify; UNAUTHENTICATED and LOCKED_OUT as the signer's password says; FORBIDDEN when the role may not sign so,
 * who prepared it would review or approve it, the same person signs twice alike, or it is not this signature's turn.
 */
export async function signEvidence(services: Services, input: SignInput): Promise<Verification> {
  const zip = await readEvidenceFile(input.path);
  const known = knownKeys(services.dataDir);
  const isAudited = (payload: SignaturePayload, report: ReportJson | null) => auditedBeforeItsEnd(services.store, payload, report);
  const opened = verifyZip(zip, known, isAudited);
  if (!opened.valid) throw new AppError('EVIDENCE_INVALID', `${input.path} cannot be signed: ${opened.findings.find((finding) => finding.severity === 'error')?.message ?? 'it does not verify.'}`);
  const { signer, role, user, authenticated } = await signerOf(services, input);
  try {
    refuseToSign(services, opened, { signer, user, authenticated, meaning: input.meaning });
  } catch (error) {
    if (isAppError(error)) services.store.audit.append({ actor: signer, action: 'evidence.refused', subject: opened.report?.id ?? input.path, detail: { meaning: input.meaning, reason: error.message, reportSha256: opened.report?.reportSha256 ?? null, authenticated, user, role } });
    throw error;
  }

  const key = await openSigningKey(services);
  const manifest = opened.entries.find((entry) => entry.name === manifestName);
  const previous = opened.entries[opened.entries.length - 1];
  if (!manifest || !previous) throw new AppError('EVIDENCE_INVALID', `${input.path} holds no manifest.`);
  const number = opened.payloads.length + 1;
  const signedAt = new Date(services.clock()).toISOString();
  const pages = await makePages(services, opened, { signer, role, meaning: input.meaning, signedAt, authenticated, keyId: key.keyId });
  const entries = [...opened.entries, ...pages.map(({ kind, bytes }) => packEntry({ name: laterSignatureName(number, input.meaning, kind), bytes }))];
  const signature = makeSignature(key, entries, manifest.bytes, previous.bytes, { signer, role, meaning: input.meaning, signedAt, authenticated });
  const signed = writeZip([...entries, storeEntry({ name: laterSignatureName(number, input.meaning), bytes: signature })]);
  const { entries: _all, report, payloads: _payloads, ...verification } = verifyZip(signed, knownKeys(services.dataDir), isAudited);
  if (!verification.valid) throw new AppError('INTERNAL', 'The signed package does not verify, so the file was left as it was.', { cause: verification.findings });
  await writeFileAtomic(input.path, signed, { force: true });
  const beside = basename(input.path) === evidenceFileNames.zip && pages.length > 0 ? { pdf: join(dirname(input.path), signaturePageNames.pdf), html: join(dirname(input.path), signaturePageNames.html) } : null;
  if (beside) for (const { kind, bytes } of pages) await writeFileAtomic(beside[kind], bytes, { force: true });

  updateRecord(services, report?.reportSha256 ?? '', verification, (record) => (beside && resolve(record.paths.zip) === resolve(input.path) ? { signaturePages: beside } : {}));
  services.store.audit.append({ actor: signer, action: `evidence.${input.meaning}`, subject: report?.id ?? input.path, detail: { reportSha256: report?.reportSha256 ?? null, zipSha256: sha256Hex(signed), keyId: key.keyId, authenticated, user, role } });
  return verification;
}

/** FORBIDDEN, with the reason; whoever tried stands in the audit trail. */
function refuseToSign(services: Services, { report, signatures }: OpenedEvidence, { signer, user, authenticated, meaning }: { readonly signer: string; readonly user: string | null; readonly authenticated: boolean; readonly meaning: Meaning }): void {
  // The author of a run is named by the settings or the system, which may hold the user name.
  const names = [signer, ...(user === null ? [] : [user])].map(personOf);
  const own = signatures.filter((signature) => names.includes(personOf(signature.signer)));
  if (meaning !== 'prepared' && own.some((signature) => signature.meaning === 'prepared')) throw new AppError('FORBIDDEN', `${signer} prepared this package and cannot sign it as ${meaning}.`, { hint: 'Let another person review and approve it.' });
  // A name that nobody proved does not keep its owner from signing.
  if (own.some((signature) => signature.meaning === meaning && (!authenticated || signature.authenticated === true))) throw new AppError('FORBIDDEN', `${signer} signed this package as ${meaning} already.`, { hint: 'Nothing more is needed from this person.' });
  refuseOutOfTurn(signatures, meaning, authenticated);
  if (meaning === 'approved') refuseWhileBlocked(services, report);
}

/** Prepared, reviewed, approved: an approval closes the list. Where the approver proved who it is, those before must have done so too; a name alone could be anybody's. */
function refuseOutOfTurn(signatures: Verification['signatures'], meaning: Meaning, authenticated: boolean): void {
  if (meaning !== 'approved') {
    if (signatures.some((signature) => signature.meaning === 'approved' && (!authenticated || signature.authenticated === true))) throw new AppError('FORBIDDEN', `This package was approved already; nobody signs it as ${meaning} after that.`, { hint: 'Validate again: the new report follows this one, and takes its place when it is approved.' });
    return;
  }
  for (const before of ['prepared', 'reviewed'] as const) {
    const signed = signatures.filter((signature) => signature.meaning === before);
    if (signed.some((signature) => !authenticated || signature.authenticated === true)) continue;
    throw new AppError('FORBIDDEN', `This package is not signed as ${before} ${signed.length > 0 ? 'by a user with a password' : 'yet'}, so it cannot be approved.`, { hint: `Let the person who ${before} it sign first: \`millwright evidence sign FILE --user NAME --meaning ${before}\`.` });
  }
}

/** The page that shows the new signature with those before it, as HTML and PDF. */
async function makePages(services: Services, { report, payloads }: OpenedEvidence, signature: PageSignature): Promise<ReadonlyArray<{ readonly kind: 'html' | 'pdf'; readonly bytes: Uint8Array }>> {
  if (report === null) return [];
  const open = deviationsOf(services, { validationIds: [report.id], station: report.station }).filter(({ closure }) => closure === null);
  const page = signaturePage(report, [...payloads.map(({ authenticated, ...payload }) => ({ ...payload, authenticated: authenticated ?? false })), signature], open);
  return [{ kind: 'html', bytes: Buffer.from(renderHtml(page, styleHash), 'utf8') }, { kind: 'pdf', bytes: await renderPdf(page, services.resourcesDir) }];
}

/** FORBIDDEN while a critical deviation of the run or its station is open. */
function refuseWhileBlocked(services: Services, report: ReportJson | null): void {
  if (report === null) return;
  const open = deviationsOf(services, { validationIds: [report.id], station: report.station }).filter(blocksApproval);
  if (open.length > 0) throw new AppError('FORBIDDEN', `It cannot be approved while ${open.length === 1 ? 'a critical deviation is' : 'critical deviations are'} open: ${open.map(({ id, owner }) => `${id} (${owner})`).join(', ')}.`, { hint: 'Close them with cause, action and evidence: `millwright deviation close`.' });
}

/** What serves the station at this moment, so that another image makes the approval stale. */
function imageOf(services: Services, station: string | null): string | null {
  const found = station === null ? null : findStation(services, station);
  return found === null ? null : deployedVersion(services, found.id)?.imageId ?? null;
}

const states: Readonly<Record<Meaning, EvidenceRecord['state']>> = { prepared: 'draft', reviewed: 'review', approved: 'approved' };
const order: ReadonlyArray<EvidenceRecord['state']> = ['draft', 'review', 'approved'];

/** `pages` answers what a record of the package that was signed gets beside its signatures. */
function updateRecord(services: Services, reportSha256: string, verification: Verification, pages: (record: EvidenceRecord) => Pick<EvidenceRecord, 'signaturePages'>): void {
  const records = services.store.collection('evidence', evidenceRecordSchema);
  for (const record of records.list().filter((candidate) => candidate.reportSha256 === reportSha256)) {
    const reached = verification.signatures.map((signature) => order.indexOf(states[signature.meaning as Meaning])); // the meanings of a verified package
    const state = record.state === 'superseded' ? 'superseded' : order[Math.max(0, ...reached)] ?? 'draft';
    records.put({ ...record, state, signatures: verification.signatures, ...pages(record), ...(state === 'approved' && record.state !== 'approved' ? { approvedImage: imageOf(services, record.station) } : {}) });
    // An approved report stays in force until the one that follows it is approved too.
    const old = state === 'approved' && record.supersedesSha256 ? records.list().find((candidate) => candidate.reportSha256 === record.supersedesSha256 && candidate.id !== record.id) : undefined;
    if (old && old.state !== 'superseded') records.put({ ...old, state: 'superseded' });
  }
}
