// Verification of an evidence package out of the zip alone: any changed byte is found, with its place.
import { readFile, stat } from 'node:fs/promises';
import type { Finding } from '#shared/finding';
import type { Verification } from '#shared/contract/evidence';
import { AppError } from '#shared/errors';
import { reportJsonSchema, type ReportJson } from '#core/report/renderJson';
import { withFileErrors } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import { compareFilesBeside, compareWithRecord } from './compareWithRecord.ts';
import { knownKeys, type KnownKeys } from './keyring.ts';
import { auditedBeforeItsEnd, retiredKeyFinding } from './retiredKeys.ts';
import { firstSignatureName, laterSignatureName, manifestName, publicKeyName, readManifest, requiredNames } from './manifest.ts';
import { packedHashes, readSignature, sha256Hex, type SignaturePayload } from './signatures.ts';
import { readZip, zipLimits, type PackedEntry } from './zipContainer.ts';

export interface OpenedEvidence extends Verification {
  readonly entries: readonly PackedEntry[];
  readonly report: ReportJson | null;
  readonly payloads: readonly SignaturePayload[];
}

/** Needs only the file. NOT_FOUND, PERMISSION_DENIED; a file that is no evidence is answered as not valid. */
export async function verifyEvidence(services: EvidenceServices, path: string): Promise<Verification> {
  const { entries: _entries, report: _report, payloads: _payloads, ...verification } = await openEvidence(services, path);
  return verification;
}

export type EvidenceServices = Pick<Services, 'dataDir' | 'store'>;

/** The package by itself, then against what is known here of it, and the files that were written beside it. */
export async function openEvidence(services: EvidenceServices, path: string): Promise<OpenedEvidence> {
  const opened = verifyZip(await readEvidenceFile(path), knownKeys(services.dataDir), (payload, report) => auditedBeforeItsEnd(services.store, payload, report));
  const findings = [...opened.findings, ...compareWithRecord(services.store, path, opened), ...await compareFilesBeside(path, opened.entries)];
  return { ...opened, findings, valid: !findings.some((finding) => finding.severity === 'error') };
}

export async function readEvidenceFile(path: string): Promise<Buffer> {
  const { size } = await withFileErrors(path, 'read', () => stat(path));
  if (size > zipLimits.totalBytes) throw new AppError('BAD_INPUT', `${path} has ${size} bytes; an evidence package never has more than ${zipLimits.totalBytes}.`, { hint: 'Check that this is an evidence package.' });
  return withFileErrors(path, 'read', () => readFile(path));
}

/** @param isAudited whether the audit trail here shows that the signature was made before its key was retired, whatever its time says */
export function verifyZip(zip: Buffer, known: KnownKeys, isAudited: (payload: SignaturePayload, report: ReportJson | null) => boolean = () => false): OpenedEvidence {
  const findings: Finding[] = [];
  const error = (id: string, place: string, message: string) => { findings.push({ id, severity: 'error', place, message, remedy: 'Do not use this copy; get the package again from its author.' }); };
  const { entries, faults } = readZip(zip);
  for (const fault of faults) error('EVIDENCE_ZIP', `${fault.place}, byte ${fault.offset}`, fault.message);

  const split = entries.findIndex((entry) => entry.name === manifestName);
  const content = split === -1 ? entries : entries.slice(0, split);
  const manifest = entries[split];
  const after = split === -1 ? [] : entries.slice(split + 1);
  const signatures = after.filter((entry) => entry.name.endsWith('.sig'));
  checkPages(after, error);
  if (split === -1 || !manifest) error('EVIDENCE_NO_MANIFEST', manifestName, 'There is no manifest, so nothing says what belongs to the package.');
  else checkManifest(content, manifest, error);

  const payloads = checkSignatures(entries, signatures, content, manifest, error);
  const report = checkReport(content, error);
  for (const payload of payloads) {
    if (!known.has(payload.keyId)) findings.push({ id: 'EVIDENCE_UNKNOWN_KEY', severity: 'warning', place: payload.keyId, message: `The key of ${payload.signer} (${payload.meaning}) is not known here: the package is unchanged since it was signed, but by whom is not shown.`, remedy: 'Compare the key id with the signer by telephone or on paper, then put the public key into keys/trusted.' });
    const key = known.get(payload.keyId);
    if (key?.until) findings.push(retiredKeyFinding(payload, key, key.until, () => isAudited(payload, report)));
  }
  const valid = !findings.some((finding) => finding.severity === 'error');
  return {
    valid, files: entries.length, keyId: payloads[0]?.keyId ?? null, knownKey: payloads.length > 0 && payloads.every((payload) => known.has(payload.keyId)),
    signatures: payloads.map(({ keyId, signer, role, meaning, signedAt, authenticated }) => ({ keyId, signer, role, meaning, signedAt, authenticated: authenticated ?? false })),
    verdict: report?.verdict ?? null, title: report?.title ?? null, findings, entries, report, payloads,
  };
}

type Report = (id: string, place: string, message: string) => void;

function checkManifest(content: readonly PackedEntry[], manifest: PackedEntry, error: Report): void {
  const rows = readManifest(manifest.bytes);
  if (rows === null) return error('EVIDENCE_MANIFEST', manifestName, 'The manifest is not in its form.');
  const listed = new Map(rows);
  if (listed.size !== rows.length) error('EVIDENCE_MANIFEST', manifestName, 'The manifest lists a file twice.');
  for (const entry of content) {
    const hash = listed.get(entry.name);
    if (hash === undefined) error('EVIDENCE_EXTRA_FILE', entry.name, 'The file is not in the manifest: it was added or renamed.');
    else if (hash !== sha256Hex(entry.bytes)) error('EVIDENCE_CHANGED', entry.name, 'The file was changed: its SHA-256 is not the one in the manifest.');
  }
  const present = new Set(content.map((entry) => entry.name));
  for (const [name] of rows) if (!present.has(name)) error('EVIDENCE_MISSING_FILE', name, 'The file is in the manifest, but not in the package.');
  for (const name of requiredNames) if (!listed.has(name)) error('EVIDENCE_MISSING_FILE', name, 'An evidence package always holds this file.');
  if (rows.map(([name]) => name).join('\n') !== content.map((entry) => entry.name).join('\n') && rows.length === content.length && rows.every(([name]) => present.has(name))) error('EVIDENCE_ORDER', manifestName, 'The files are not in the order of the manifest.');
}

/** A page of signatures stands right before the signature that it shows, and so is signed by it; nothing else is among the signatures. */
function checkPages(after: readonly PackedEntry[], error: Report): void {
  after.forEach((entry, index) => {
    if (entry.name.endsWith('.sig')) return;
    const next = after.slice(index + 1).find((each) => each.name.endsWith('.sig'));
    const kind = /\.(?:html|pdf)$/.exec(entry.name);
    if (kind === null) error('EVIDENCE_EXTRA_FILE', entry.name, 'The file is not in the manifest and no signature: it was added.');
    else if (next === undefined || next.name !== `${entry.name.slice(0, kind.index)}.sig`) error('EVIDENCE_EXTRA_FILE', entry.name, 'The page of a signature does not stand before that signature: it was added, or the signature was removed.');
  });
}

/** The payloads of the signatures that hold, first to last; each signs all before it. */
function checkSignatures(entries: readonly PackedEntry[], signatures: readonly PackedEntry[], content: readonly PackedEntry[], manifest: PackedEntry | undefined, error: Report): SignaturePayload[] {
  const payloads: SignaturePayload[] = [];
  if (signatures.length === 0) error('EVIDENCE_UNSIGNED', firstSignatureName, 'The package is not signed.');
  const pem = content.find((entry) => entry.name === publicKeyName);
  signatures.forEach((entry, index) => {
    const bad = (message: string) => error('EVIDENCE_SIGNATURE', entry.name, message);
    const { payload, fault } = readSignature(entry.bytes);
    if (fault !== null) bad(fault);
    if (payload === null) return;
    const name = index === 0 ? firstSignatureName : laterSignatureName(index + 1, payload.meaning);
    if (entry.name !== name) bad(`A signature of this place and meaning is named ${name}.`);
    if (index === 0 && payload.meaning !== 'prepared') bad('The first signature is not that of who prepared it.');
    if (index === 0 && (!pem || Buffer.from(pem.bytes).toString('utf8') !== payload.publicKey)) bad(`Its key is not the one in ${publicKeyName}.`);
    if (manifest && payload.manifestSha256 !== sha256Hex(manifest.bytes)) bad('It signs another manifest.');
    const previous = index === 0 ? null : signatures[index - 1] ?? null;
    if (payload.previousSha256 !== (previous === null ? null : sha256Hex(previous.bytes))) bad('It does not follow the signature before it: one was removed, added or changed.');
    const packed = packedHashes(entries.slice(0, entries.indexOf(entry)));
    const differs = packed.findIndex(([packedName, hash], at) => payload.packed[at]?.[0] !== packedName || payload.packed[at]?.[1] !== hash);
    if (differs !== -1) error('EVIDENCE_PACKED', packed[differs]?.[0] ?? entry.name, `The packed bytes of this file are not those that ${payload.signer} signed.`);
    else if (payload.packed.length !== packed.length) bad('It signs more files than there are.');
    if (fault === null) payloads.push(payload);
  });
  return payloads;
}

function checkReport(content: readonly PackedEntry[], error: Report): ReportJson | null {
  const find = (name: string) => content.find((entry) => entry.name === name);
  const [report, receipt] = [find('report.json'), find('receipt.json')];
  if (!report || !receipt) return null; // reported as missing
  try {
    const parsed = reportJsonSchema.safeParse(JSON.parse(Buffer.from(report.bytes).toString('utf8')));
    if (!parsed.success) { error('EVIDENCE_REPORT', 'report.json', 'It is not a report of a format that is known here.'); return null; }
    if (parsed.data.reportSha256 !== sha256Hex(receipt.bytes)) error('EVIDENCE_REPORT', 'report.json', 'Its report hash is not the SHA-256 of receipt.json.');
    return parsed.data;
  } catch {
    error('EVIDENCE_REPORT', 'report.json', 'It is not JSON.');
    return null;
  }
}
