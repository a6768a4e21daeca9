// What a package cannot say of itself: that it is another one than was made here, that later signatures were cut off, that files beside it were swapped.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Finding } from '#shared/finding';
import { evidenceRecordSchema, type Verification } from '#shared/contract/evidence';
import type { Services } from '../Services.ts';
import { evidenceFileNames, signaturePageNames } from './manifest.ts';
import type { ReportJson } from '#core/report/renderJson';
import { sha256Hex } from './signatures.ts';
import type { ZipEntry } from './zipContainer.ts';

const again = 'Do not use this copy; get the package again from its author, or restore it from a backup.';

/** Against the record of the package at this path; a copy elsewhere of a report that is known here may be older than what was signed since. */
export function compareWithRecord(store: Services['store'], path: string, opened: Pick<Verification, 'signatures'> & { readonly report: ReportJson | null }): Finding[] {
  const records = store.collection('evidence', evidenceRecordSchema).list();
  const here = records.find((record) => resolve(record.paths.zip) === resolve(path));
  if (here && opened.report !== null && opened.report.reportSha256 !== here.reportSha256) {
    return [{ id: 'EVIDENCE_SWAPPED', severity: 'error', place: basename(path), message: `This is another package than the one that was made here: its report hash is ${opened.report.reportSha256}, and that of ${here.id} is ${here.reportSha256}.`, remedy: again }];
  }
  const known = here ?? records.find((record) => record.reportSha256 === opened.report?.reportSha256);
  if (!known || opened.report === null || opened.signatures.length >= known.signatures.length) return [];
  const lost = known.signatures[opened.signatures.length];
  const message = `${known.signatures.length} signatures were given here, and this package holds ${opened.signatures.length}: the first that is missing is that of ${lost?.signer ?? ''} (${lost?.meaning ?? ''}, ${lost?.signedAt ?? ''}).`;
  return [here
    ? { id: 'EVIDENCE_SIGNATURES_CUT', severity: 'error', place: `signature ${opened.signatures.length + 1}`, message: `${message} It was cut off.`, remedy: again }
    : { id: 'EVIDENCE_OLDER_COPY', severity: 'warning', place: `signature ${opened.signatures.length + 1}`, message: `${message} This is an older copy.`, remedy: 'Export the package again.' }];
}

/** Only beside a package of the name that it was written under: elsewhere a report.html may be anybody's. A warning, since the package itself holds the true one. */
export async function compareFilesBeside(path: string, entries: readonly ZipEntry[]): Promise<Finding[]> {
  if (basename(path) !== evidenceFileNames.zip) return [];
  const findings: Finding[] = [];
  const newest = (kind: 'html' | 'pdf') => [...entries].reverse().find((entry) => entry.name.startsWith('signatures/') && entry.name.endsWith(`.${kind}`));
  const pairs = [...Object.values(evidenceFileNames).map((name) => [name, entries.find((entry) => entry.name === name)] as const), [signaturePageNames.html, newest('html')] as const, [signaturePageNames.pdf, newest('pdf')] as const];
  for (const [name, inside] of pairs) {
    if (!inside) continue;
    const bytes = await readFile(join(dirname(path), name)).catch(() => null);
    if (bytes !== null && sha256Hex(bytes) !== sha256Hex(inside.bytes)) findings.push({ id: 'EVIDENCE_BESIDE', severity: 'warning', place: name, message: `The file ${name} beside the package is not the one that was signed: it was changed or swapped.`, remedy: 'Take the file out of the package, and do not use this one.' });
  }
  return findings;
}
