// The words and tones of what is served.
import type { ServingView } from '#shared/contract/serving';
import { inferPath } from '#shared/engines';
import type { JobRecord } from '#shared/contract/jobs';
import type { Tone } from '../../ui/Status.tsx';

export const servingWords: Readonly<Record<ServingView['state'], string>> = { serving: 'Serving', starting: 'Starting', degraded: 'Needs a look', failed: 'Does not serve', stopped: 'Stopped', unknown: 'Unknown' };
export const servingTones: Readonly<Record<ServingView['state'], Tone>> = { serving: 'ok', starting: 'busy', degraded: 'warn', failed: 'bad', stopped: 'paused', unknown: 'dim' };

export const liveVersion = ({ versions, live }: ServingView) => versions.find(({ id }) => id === live);
export const inferAddress = (view: ServingView): string => `${view.address}${inferPath(liveVersion(view)?.engine ?? 'millwright', liveVersion(view)?.servedName ?? '')}`;
export const sumOf = (view: ServingView, what: 'answered' | 'failed' | 'inFlight'): number => view.traffic.reduce((sum, each) => sum + each[what], 0);

/** A job of this station that is under way. */
export const isAbout = (stationId: string) => ({ input, state }: JobRecord): boolean =>
  typeof input === 'object' && input !== null && 'stationId' in input && input.stationId === stationId && (state === 'queued' || state === 'running' || state === 'cancelling');
