// Verification of the audit trail: edits, gaps, reordering, and a cut-off end.
import { clockJumpSchema, type AuditEntry, type ClockJump } from '#shared/contract/evidence';
import type { Finding } from '#shared/finding';
import { auditGenesisHash, auditHash } from '../store/auditTrail.ts';
import type { Services } from '../Services.ts';
import { readAuditHead, type AuditHead } from './auditHead.ts';
import { checkKeys } from './checkKeys.ts';
import { knownKeys } from './keyring.ts';

export interface AuditVerification { readonly intact: boolean; readonly entries: number; readonly head: string | null; readonly findings: Finding[] }

const maxFindings = 100;
const clockRemedy = 'Find out who or what set the clock; times of entries around it are to be read with this in mind.';

function jumpSentence({ seq }: AuditEntry, { from, to, byMs, seen, suspendedMs }: ClockJump): string {
  const seconds = Math.round(Math.abs(byMs) / 1000);
  const by = { uptime: '', monotonic: byMs > 0 ? ' This system does not tell a clock that was set from a machine that slept.' : '', 'last entry': ' It was seen against the last entry, so it may be more.' }[seen];
  const slept = suspendedMs !== null && suspendedMs > 0 ? ` The machine also slept for ${Math.round(suspendedMs / 1000)} s, which is no part of this.` : '';
  return `The clock went ${byMs < 0 ? 'back' : 'forward'} by ${seen === 'last entry' ? 'at least ' : ''}${seconds} s, from ${from} to ${to}; entry ${seq} (clock.jump) records it.${by}${slept}`;
}

/** The chain, its signed head, and every record of the store against its seal. */
export async function verifyAudit(services: Pick<Services, 'store' | 'dataDir'>): Promise<AuditVerification> {
  const chain = verifyAuditChain(services.store.audit.all(), readAuditHead(services.dataDir, knownKeys(services.dataDir)));
  const more = [...checkKeys(services), ...services.store.checkRecords()];
  return { ...chain, intact: chain.intact && !more.some(({ severity }) => severity === 'error'), findings: [...chain.findings, ...more] };
}

/** @param entries in stored order. @param signed the signed head, or why there is none. */
export function verifyAuditChain(entries: Iterable<AuditEntry>, signed: { readonly head: AuditHead | null; readonly fault: string | null }): AuditVerification {
  const findings: Finding[] = [];
  const tell = (finding: Finding) => { if (findings.length < maxFindings) findings.push(finding); };
  const add = (id: string, place: string, message: string) => {
    tell({ id, severity: 'error', place, message, remedy: 'Restore the data folder from a backup of before the change, and find out who had access.' });
  };
  let count = 0;
  let previous: AuditEntry | null = null;
  let atHead: string | null = null;
  for (const entry of entries) {
    count += 1;
    const expectedSeq: number = previous === null ? 1 : previous.seq + 1;
    if (entry.seq !== expectedSeq) add('AUDIT_GAP', `entry ${expectedSeq}`, entry.seq > expectedSeq ? `Entries ${expectedSeq} to ${entry.seq - 1} are missing.` : `Entry ${entry.seq} comes after entry ${expectedSeq - 1}: the order was changed.`);
    if (entry.prevHash !== (previous?.hash ?? auditGenesisHash)) add('AUDIT_CHAIN', `entry ${entry.seq}`, `Entry ${entry.seq} does not follow from the entry before it: one of the two was changed, added, moved or removed.`);
    if (auditHash(entry) !== entry.hash) add('AUDIT_CHANGED', `entry ${entry.seq}`, `Entry ${entry.seq} was changed: its content does not have its hash.`);
    const jump = entry.action === 'clock.jump' ? clockJumpSchema.safeParse(entry.detail).data ?? null : null;
    if (jump !== null) tell({ id: 'AUDIT_CLOCK', severity: 'warning', place: `entry ${entry.seq}`, message: jumpSentence(entry, jump), remedy: clockRemedy });
    const behindMs = previous === null ? 0 : Date.parse(previous.at) - Date.parse(entry.at);
    if (behindMs > 2_000 && !(jump !== null && jump.byMs < 0)) tell({ id: 'AUDIT_CLOCK', severity: 'warning', place: `entry ${entry.seq}`, message: `The clock was ${Math.round(behindMs / 1000)} s earlier at entry ${entry.seq} than at the entry before: it was set back, and no entry clock.jump records it.`, remedy: clockRemedy });
    if (entry.action === 'store.tampered') add('RECORD_TAMPERED', `${entry.subject}, noted in entry ${entry.seq}`, `When the record was written next, at ${entry.at}, it was not as Millwright had left it.`);
    if (entry.seq === signed.head?.seq) atHead = entry.hash;
    previous = entry;
  }
  if (signed.fault !== null) add('AUDIT_HEAD', 'keys/audit-head.json', signed.fault);
  else if (signed.head === null) {
    if (count > 0) add('AUDIT_NO_HEAD', 'keys/audit-head.json', 'The chain has no signed head, so entries cut off its end would not show.');
  } else if (previous === null || previous.seq < signed.head.seq) {
    add('AUDIT_CUT', `entry ${(previous?.seq ?? 0) + 1}`, `The end is cut off: ${signed.head.seq - (previous?.seq ?? 0)} entries up to number ${signed.head.seq} were signed and are missing.`);
  } else if (atHead !== signed.head.hash) {
    add('AUDIT_REWRITTEN', `entry ${signed.head.seq}`, `Entry ${signed.head.seq} is not the one that was signed: the chain was written anew.`);
  }
  return { intact: !findings.some((finding) => finding.severity === 'error'), entries: count, head: previous?.hash ?? null, findings };
}
