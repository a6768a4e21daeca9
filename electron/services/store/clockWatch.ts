// Jumps of the wall clock: what it says against clocks that nobody sets, and against the last entry of the audit trail.
import { uptime } from 'node:os';
import { clockJumpSchema, type ClockJump } from '#shared/contract/evidence';
import { jsonOrNull } from '#shared/jsonOrNull';
import type { Database } from './openDatabase.ts';

/** Clocks that run on whatever the wall clock is set to. */
export interface Ticks {
  /** May stand still while the machine is suspended. */
  monotonicMs(): number;
  /** Counts time asleep too; null where the system does not tell. */
  uptimeMs(): number | null;
}

/** Linux (CLOCK_BOOTTIME), macOS and Windows (GetTickCount64) all count sleep in what Node calls the uptime. */
export const systemTicks: Ticks = {
  monotonicMs: () => performance.now(),
  uptimeMs: () => { try { return uptime() * 1000; } catch { return null; } },
};

export interface ClockReading { readonly wallMs: number; readonly monotonicMs: number; readonly uptimeMs: number | null }

/** A time server slews by less; the uptime of some systems has whole seconds. */
export const clockToleranceMs = 5000;
/** Below it the two clocks only tick apart. */
const shortestSleepMs = 1000;

/** Null where the wall clock went on as the other clocks did, asleep or not. */
export function judgeClock(before: ClockReading, now: ClockReading): ClockJump | null {
  const wallMs = now.wallMs - before.wallMs;
  const awakeMs = now.monotonicMs - before.monotonicMs;
  const passedMs = before.uptimeMs === null || now.uptimeMs === null ? null : now.uptimeMs - before.uptimeMs;
  // An uptime that falls behind the monotonic clock (some containers) is none to judge by.
  const trusted = passedMs !== null && passedMs >= awakeMs - clockToleranceMs ? passedMs : null;
  const byMs = Math.round(wallMs - (trusted ?? awakeMs));
  if (Math.abs(byMs) <= clockToleranceMs) return null;
  return jumpTo(now.wallMs, byMs, trusted === null ? 'monotonic' : 'uptime', trusted === null ? null : trusted - awakeMs < shortestSleepMs ? 0 : Math.round(trusted - awakeMs));
}

const jumpTo = (wallMs: number, byMs: number, seen: ClockJump['seen'], suspendedMs: number | null): ClockJump =>
  ({ from: new Date(wallMs - byMs).toISOString(), to: new Date(wallMs).toISOString(), byMs, seen, suspendedMs });

export interface ClockWatch {
  /** A jump that the trail does not have yet; called in the transaction that writes it. @param lastAt time of the last entry */
  missing(lastAt: string | null): ClockJump | null;
  /** From now on only what comes after counts; called once the entry is durable. */
  settle(): void;
}

/** @param ticks null: only the last entry is compared with, as for a clock that a test sets. */
export function clockWatch(database: Database, clock: () => number, ticks: Ticks | null): ClockWatch {
  const read = (): ClockReading | null => (ticks === null ? null : { wallMs: clock(), monotonicMs: ticks.monotonicMs(), uptimeMs: ticks.uptimeMs() });
  const lastSeq = () => Number(database.get('SELECT coalesce(max(seq), 0) AS seq FROM audit')?.['seq'] ?? 0);
  let base = read();
  let baseSeq = lastSeq();
  /** What this or another process wrote down since the last look. */
  const noted = (): number[] => database.all(`SELECT detail FROM audit WHERE seq > ? AND action = 'clock.jump'`, [baseSeq]).flatMap((row) => {
    const jump = clockJumpSchema.safeParse(jsonOrNull(String(row['detail'])));
    return jump.success && jump.data.seen !== 'last entry' ? [jump.data.byMs] : [];
  });
  const isSame = (a: number, b: number) => Math.abs(a - b) <= clockToleranceMs;
  return {
    missing(lastAt) {
      const now = read();
      const jump = base === null || now === null ? null : judgeClock(base, now);
      if (jump !== null && now !== null) {
        const known = noted();
        const sum = known.reduce((total, byMs) => total + byMs, 0);
        if (isSame(jump.byMs, sum) || known.some((byMs) => isSame(byMs, jump.byMs))) return null;
        return jumpTo(now.wallMs, jump.byMs - sum, jump.seen, jump.suspendedMs);
      }
      const wallMs = clock();
      const behindMs = lastAt === null ? 0 : Math.round(wallMs - Date.parse(lastAt));
      return behindMs < -clockToleranceMs ? jumpTo(wallMs, behindMs, 'last entry', null) : null;
    },
    settle() { base = read(); baseSeq = lastSeq(); },
  };
}
