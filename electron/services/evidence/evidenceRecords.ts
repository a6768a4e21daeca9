// Evidence that was made here: its records, what a package holds, and copies of it.
import { copyFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { attachmentSchema, type Attachment } from '#shared/contract/attachments';
import { evidenceRecordSchema, type EvidenceDetail, type EvidenceRecord } from '#shared/contract/evidence';
import { withFileErrors } from '../files/translateFileError.ts';
import { openAtomicTarget } from '../files/writeFileAtomic.ts';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { sha256Hex } from './signatures.ts';
import { openEvidence } from './verifyEvidence.ts';
import type { ZipEntry } from './zipContainer.ts';

const collection = (services: Services) => services.store.collection('evidence', evidenceRecordSchema);

export const listEvidence = (services: Services): EvidenceRecord[] => collection(services).list();

export function getEvidence(services: Services, id: string): EvidenceRecord {
  const record = collection(services).get(id);
  if (record === null) throw new AppError('NOT_FOUND', `There is no evidence with the id ${id}.`);
  return record;
}

/** Whole or not at all. ALREADY_EXISTS; NOT_FOUND when the package was moved away. */
export async function exportEvidence(services: Services, input: { id: string; outputPath: string; force: boolean }): Promise<{ path: string }> {
  const record = getEvidence(services, input.id);
  await withFileErrors(record.paths.zip, 'read', () => stat(record.paths.zip));
  const target = await openAtomicTarget(input.outputPath, { force: input.force });
  try {
    await withFileErrors(input.outputPath, 'write', () => copyFile(record.paths.zip, target.tempPath));
    await target.commit();
  } catch (error) {
    await target.discard();
    throw error;
  }
  services.store.audit.append({ actor: actorOf(services), action: 'evidence.exported', subject: record.id, detail: { path: input.outputPath } });
  return { path: input.outputPath };
}

/** None where the receipt cannot be read: then the package is not valid, and says so. */
function attachmentsIn(entries: readonly ZipEntry[]): Attachment[] {
  const receipt = z.object({ attachments: z.array(attachmentSchema).default([]) }).safeParse(jsonOrNull(Buffer.from(entries.find(({ name }) => name === 'receipt.json')?.bytes ?? []).toString('utf8')));
  return receipt.success ? receipt.data.attachments : [];
}

/** BAD_INPUT where the file is no package at all; a damaged one is shown as far as it can be read. */
export async function showEvidence(services: Services, path: string): Promise<EvidenceDetail> {
  const { entries, report, payloads: _payloads, ...verification } = await openEvidence(services, path);
  if (entries.length === 0) throw new AppError('BAD_INPUT', `${path} is not an evidence package: ${verification.findings[0]?.message ?? 'it holds nothing.'}`, { hint: 'Name the evidence.zip that a validation wrote; `millwright evidence verify` checks one that was damaged.' });
  return {
    verification,
    report: report && {
      id: report.id, title: report.title, revision: report.revision, takenAt: report.takenAt, station: report.station, author: report.author, verdict: report.verdict, exploratory: report.exploratory, attempt: report.attempt,
      reportSha256: report.reportSha256, modelSha256: report.modelSha256, manifestSha256: report.manifestSha256, machineFingerprint: report.machineFingerprint, limitsLockedAt: report.limitsLockedAt, limits: report.limits,
      sections: report.sections.map(({ number, title, performed, reason }) => ({ number, title, performed, reason })),
      attachments: attachmentsIn(entries),
    },
    contents: entries.map((entry) => ({ name: entry.name, sizeBytes: entry.bytes.length, sha256: sha256Hex(entry.bytes) })),
  };
}
