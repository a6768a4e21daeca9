// Alarm: a rule of the product is broken in a trial folder; it must fire, be recorded in the audit trail and be told by its check.
import { clockJumpSchema } from '#shared/contract/evidence';
import { verifyAuditChain } from '../evidence/verifyAudit.ts';
import type { Services } from '../Services.ts';
import { Mismatch } from './Trial.ts';
import { inTrialFolder } from './trialFolder.ts';

const hourMs = 3_600_000;

/** The clock of the folder is set back by an hour between two looks; by less than the rule allows nothing may fire. @throws Mismatch */
export function tryAlarm(services: Services, folder: string): Promise<string> {
  return inTrialFolder(services, folder, 'alarm', async ({ store }, clock) => {
    store.audit.append({ actor: 'Millwright', action: 'selftest', subject: 'alarm', detail: {} });
    clock.shiftMs = -1000;
    if (store.audit.checkClock() !== null) throw new Mismatch('The alarm fired within the tolerance.');
    clock.shiftMs = -hourMs;
    const entry = store.audit.checkClock();
    const jump = clockJumpSchema.safeParse(entry?.detail).data;
    if (entry === null || jump === undefined || Math.abs(jump.byMs + hourMs) > 60_000) throw new Mismatch('The clock was set back by an hour, and no alarm was recorded.');
    const told = verifyAuditChain(store.audit.all(), { head: null, fault: null }).findings.find(({ id }) => id === 'AUDIT_CLOCK');
    if (told === undefined) throw new Mismatch('The alarm is recorded, but the check of the audit trail does not tell it.');
    return Promise.resolve(`${entry.action} in entry ${entry.seq}: ${Math.round(jump.byMs / 1000)} s; the check of the audit trail tells it as ${told.id}.`);
  });
}
