// Which audit entries tell of a jump of the clock while a run went on.
import { clockJumpSchema, type AuditEntry, type ClockJump } from '#shared/contract/evidence';

/** Null where the entry is none, or where both sides of the jump lie outside of the run. */
export function clockJumpWithin(entry: AuditEntry, startedAt: string, endedAt: string): ClockJump | null {
  if (entry.action !== 'clock.jump') return null;
  const jump = clockJumpSchema.safeParse(entry.detail);
  if (!jump.success) return null;
  const [from, to] = [Date.parse(jump.data.from), Date.parse(jump.data.to)];
  return Math.max(from, to) >= Date.parse(startedAt) && Math.min(from, to) <= Date.parse(endedAt) ? jump.data : null;
}
