// What the list of stations tells of their traffic; null where no gateway tells it: unknown is not zero.
import type { ServingView } from '#shared/contract/serving';

type Told = Pick<ServingView, 'traffic' | 'live' | 'candidate' | 'trial'>;

/** Over all versions, since the gateway started. */
export const sumOf = ({ traffic }: Pick<ServingView, 'traffic'>, what: 'answered' | 'failed' | 'inFlight'): number | null => (traffic.length === 0 ? null : traffic.reduce((sum, each) => sum + each[what], 0));

/** What clients asked in the last minutes; copies to a shadow were asked by nobody. */
export function requestsPerSec({ traffic, candidate, trial }: Told): number | null {
  const rates = traffic.flatMap(({ version, recent }) => (recent === null || recent.seconds <= 0 || (trial?.kind === 'shadow' && version === candidate) ? [] : [recent.requests / recent.seconds]));
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0);
}

/** Of the live version: percentiles of two versions have no sum. */
export const latencyOf = ({ traffic, live }: Told, which: 'p50Ms' | 'p99Ms'): number | null => traffic.find(({ version }) => version === live)?.recent?.[which] ?? null;
