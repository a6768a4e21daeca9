// The keys of this installation against the audit trail: each rotation stands in both, and the present key is the one of the last.
import { z } from 'zod';
import type { Finding } from '#shared/finding';
import type { Services } from '../Services.ts';
import { readAuditHead } from './auditHead.ts';
import { currentKeyId, effectiveRotations, knownKeys } from './keyring.ts';
import { readRotations } from './keyRotations.ts';
import { rotationWaits } from './finishRotation.ts';

export const rotatedDetailSchema = z.object({ oldKeyId: z.string(), newKeyId: z.string() });

export function checkKeys({ dataDir, store }: Pick<Services, 'dataDir' | 'store'>): Finding[] {
  const findings: Finding[] = [];
  const add = (place: string, message: string) => { findings.push({ id: 'KEY_TAMPERED', severity: 'error', place, message, remedy: 'Restore the keys folder from a backup of before the change, and find out who had access.' }); };
  for (const name of readRotations(dataDir).faulty) add(`keys/${name}`, 'The record of this key rotation was changed: the old key did not sign it as it is.');
  const audited = [...store.audit.all()].flatMap((entry) => {
    const detail = entry.action === 'keys.rotated' ? rotatedDetailSchema.safeParse(entry.detail).data : undefined;
    return detail ? [{ seq: entry.seq, ...detail }] : [];
  });
  if (rotationWaits(dataDir)) return findings; // stopped midway: the next start of Millwright finishes it
  const records = effectiveRotations(dataDir);
  const current = currentKeyId(dataDir);
  for (const { seq, oldKeyId, newKeyId } of audited) {
    if (!records.some((record) => record.oldKeyId === oldKeyId && record.newKeyId === newKeyId)) add(`keys/${newKeyId}.rotation.json`, `Entry ${seq} of the audit trail says that ${newKeyId} took the place of ${oldKeyId}; the record of it is missing, or the present key is another.`);
  }
  for (const { oldKeyId, newKeyId } of records) {
    if (!audited.some((entry) => entry.oldKeyId === oldKeyId && entry.newKeyId === newKeyId)) add(`keys/${newKeyId}.rotation.json`, `The key ${newKeyId} took the place of ${oldKeyId}, and the audit trail does not say so.`);
  }
  const last = audited.at(-1);
  if (last && current !== null && last.newKeyId !== current) add('keys/signing-key.pem', `The present key is ${current}, and the audit trail says that it is ${last.newKeyId}.`);
  const { head } = readAuditHead(dataDir, knownKeys(dataDir));
  const retiredAt = audited.find(({ oldKeyId }) => oldKeyId === head?.keyId);
  if (head && retiredAt && head.seq > retiredAt.seq) add('keys/audit-head.json', `The head was signed with the key ${head.keyId} after entry ${retiredAt.seq}, which retired it.`);
  return findings;
}
