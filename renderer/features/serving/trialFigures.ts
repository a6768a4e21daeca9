// How a version on trial stands against the live one, from the gateway's figures of the same last minutes.
import type { ServingView } from '#shared/contract/serving';
import type { Tone } from '../../ui/Status.tsx';

export type Traffic = ServingView['traffic'][number];

export const trafficOf = (view: ServingView, version: string): Traffic | null => view.traffic.find((each) => each.version === version) ?? null;

/** Null before the first request. */
export const errorShareOf = (traffic: Traffic | null): number | null => (traffic?.recent && traffic.recent.requests > 0 ? traffic.recent.failed / traffic.recent.requests : null);

/** Fewer say little about a version. */
export const enoughRequests = 100;

/** One sentence for a person who has to decide, worst first; it never says more than was counted. */
export function judgeTrial(view: ServingView): { readonly tone: Tone & ('ok' | 'warn' | 'bad' | 'info'); readonly text: string } {
  const tried = view.candidate ?? '';
  const [live, trial] = [trafficOf(view, view.live), trafficOf(view, tried)];
  const { recent } = trial ?? { recent: null };
  if (!recent) return { tone: 'info', text: 'The gateway tells no figures of this trial yet.' };
  if (trial?.breaker === 'open') return { tone: 'bad', text: `${tried} failed five times in a row and is left alone; ${view.live} answers everything. It is tried again every ten seconds.` };
  if (view.shadow && view.shadow.decisionsChanged > 0) return { tone: 'bad', text: `${tried} decided otherwise ${view.shadow.decisionsChanged === 1 ? 'once' : `${view.shadow.decisionsChanged} times`}. Look at those parts before it is promoted.` };
  const [errors, usual] = [errorShareOf(trial) ?? 0, errorShareOf(live) ?? 0];
  if (recent.failed > 0 && errors > usual) return { tone: 'bad', text: `${tried} fails more often than ${view.live}. Read its log before it gets more requests.` };
  if (view.shadow && view.shadow.different > 0) return { tone: 'warn', text: `${tried} decides as ${view.live} does, but some numbers differ by more than a thousandth.` };
  if (recent.requests === 0) return { tone: 'info', text: `No request came to ${tried} in the last five minutes.` };
  if (recent.requests < enoughRequests) return { tone: 'info', text: `Nothing stands against ${tried} yet, but ${recent.requests === 1 ? 'one request says' : `${recent.requests} requests say`} little. Wait for ${enoughRequests}.` };
  return { tone: 'ok', text: `Nothing stands against ${tried} in its last ${recent.requests} requests.` };
}
