// Runs one probe of the machine so that it can neither hang nor throw: it answers its value or a fallback, and a row that says how it went.
import type { MachineReport } from '#shared/contract/machine';
import { isAppError } from '#shared/errors';

export type ProbeRow = MachineReport['probes'][number];
export interface Probed<T> { readonly value: T; readonly row: ProbeRow }

export async function withDeadline<T>(id: string, deadlineMs: number, fallback: T, probe: () => Promise<T>): Promise<Probed<T>> {
  const startedMs = performance.now();
  const row = (ok: boolean, reason: string): ProbeRow => ({ id, ok, durationMs: Math.round(performance.now() - startedMs), reason });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Probed<T>>((resolve) => {
    timer = setTimeout(() => resolve({ value: fallback, row: row(false, `No answer within ${deadlineMs / 1000} s.`) }), deadlineMs);
  });
  const answered = Promise.resolve().then(probe).then(
    (value) => ({ value, row: row(true, '') }),
    (error: unknown) => ({ value: fallback, row: row(false, isAppError(error) ? error.message : 'The probe failed.') }),
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
