// Circuit breaker: a version that fails again and again is left alone for a while, then tried with one request.
import type { GatewayConfig, GatewayStatus } from '#shared/gateway';

export type BreakerState = GatewayStatus['targets'][number]['breaker'];

export interface Breaker {
  state(nowMs: number): BreakerState;
  /** Whether a request may be sent now; in the half-open state true for one request only. */
  admits(nowMs: number): boolean;
  succeeded(): void;
  failed(nowMs: number): void;
  /** The trial ended without telling anything (the client went away): the next request may try. */
  released(): void;
}

/** Opens after `failures` failures in a row, for `openMs`; a success closes it. */
export function makeBreaker(limits: () => GatewayConfig['breaker']): Breaker {
  let row = 0;
  let openedAtMs: number | null = null;
  let trial = false;
  const state = (nowMs: number): BreakerState => (openedAtMs === null ? 'closed' : nowMs - openedAtMs >= limits().openMs ? 'half-open' : 'open');
  return {
    state,
    admits(nowMs) {
      const now = state(nowMs);
      if (now === 'closed') return true;
      if (now === 'open' || trial) return false;
      trial = true;
      return true;
    },
    succeeded() { row = 0; openedAtMs = null; trial = false; },
    failed(nowMs) {
      row += 1;
      if (trial || row >= limits().failures) openedAtMs = nowMs;
      trial = false;
    },
    released() { trial = false; },
  };
}
