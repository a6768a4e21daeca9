// What the gateway knows of each version: requests under way, counts and its breaker. Kept across changes of the orders.
import type { GatewayConfig, GatewayStatus } from '#shared/gateway';
import { makeBreaker, type Breaker } from './breaker.ts';
import type { Replicas } from './replicas.ts';
import { createRecentWindow, type RecentWindow } from './RecentWindow.ts';

export interface TargetState { inFlight: number; answered: number; failed: number; readonly breaker: Breaker; readonly recent: RecentWindow }

export interface TargetStates {
  of(id: string): TargetState;
  /** Every version that is named now or still has requests under way. */
  list(config: GatewayConfig, nowMs: number): GatewayStatus['targets'];
}

export function makeTargetStates(limits: () => GatewayConfig['breaker'], now: () => number, replicas: Pick<Replicas, 'status'>): TargetStates {
  const states = new Map<string, TargetState>();
  const of = (id: string): TargetState => {
    const known = states.get(id);
    if (known) return known;
    const made: TargetState = { inFlight: 0, answered: 0, failed: 0, breaker: makeBreaker(limits), recent: createRecentWindow(now) };
    states.set(id, made);
    return made;
  };
  return {
    of,
    list(config, nowMs) {
      const named = new Set(config.targets.map(({ id }) => id));
      for (const [id, state] of states) if (!named.has(id) && state.inFlight === 0) states.delete(id);
      for (const id of named) of(id);
      return [...states].map(([id, { inFlight, answered, failed, breaker, recent }]) => ({ id, inFlight, answered, failed, breaker: breaker.state(nowMs), recent: recent.read(), replicas: replicas.status(id) }));
    },
  };
}
