// Looks at the clock at the start of a host and every ten seconds, so that a jump is in the audit trail also where nothing else is written.
import type { Services } from '../Services.ts';

const everyMs = 10_000;

export function watchClock({ store, log }: Pick<Services, 'store' | 'log'>): { stop(): void } {
  const look = () => {
    try {
      const entry = store.audit.checkClock();
      if (entry !== null) log.warn('The clock of this machine jumped.', { detail: entry.detail });
    } catch (error) {
      log.warn('A jump of the clock could not be looked for.', { reason: error instanceof Error ? error.message : String(error) });
    }
  };
  look();
  const timer = setInterval(look, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
