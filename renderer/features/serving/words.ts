// The words and tones of what is served.
import type { ServingView } from '#shared/contract/serving';
import { inferPath } from '#shared/engines';
import type { JobRecord } from '#shared/contract/jobs';
import { isActive } from '../../api/jobStore.ts';
import { liveVersion } from '#shared/liveVersion';
import type { Tone } from '../../ui/Status.tsx';

const servingWords: Readonly<Record<ServingView['state'], string>> = { serving: 'Serving', starting: 'Starting', degraded: 'Needs a look', failed: 'Does not serve', stopped: 'Stopped', unknown: 'Unknown' };
const servingTones: Readonly<Record<ServingView['state'], Tone>> = { serving: 'ok', starting: 'busy', degraded: 'warn', failed: 'bad', stopped: 'paused', unknown: 'dim' };

/** Word and tone of what a station does for its clients: one that is held answers nobody, whatever its containers do. */
export const stateOf = ({ state, hold, desired }: ServingView): { readonly word: string; readonly tone: Tone } => (hold && desired === 'running' ? { word: 'Acceptance stop', tone: 'bad' } : { word: servingWords[state], tone: servingTones[state] });

type Breaker = ServingView['traffic'][number]['breaker'];
export const breakerWords: Readonly<Record<Breaker, string>> = { 'closed': 'Closed: gets requests', 'open': 'Open: left alone', 'half-open': 'Half open: one request' };
export const breakerTones: Readonly<Record<Breaker, Tone>> = { 'closed': 'ok', 'open': 'bad', 'half-open': 'warn' };

/** What a version is to the station. */
export function roleOf({ live, candidate, previous, trial }: ServingView, version: string): { readonly word: string; readonly tone: Tone } {
  if (version === live) return { word: 'Live', tone: 'ok' };
  if (version === candidate) return { word: trial === null ? 'Being started' : `${trial.kind === 'canary' ? 'Canary' : 'Shadow'}, ${trial.percent} %`, tone: trial === null ? 'busy' : 'info' };
  return version === previous ? { word: 'Previous', tone: 'info' } : { word: 'Earlier', tone: 'dim' };
}

export const inferAddress = (view: ServingView): string => `${view.address}${inferPath(liveVersion(view)?.engine ?? 'millwright', liveVersion(view)?.servedName ?? '')}`;

export const isOf = (stationId: string, input: unknown): boolean => typeof input === 'object' && input !== null && 'stationId' in input && input.stationId === stationId;

/** Its gateway cannot be told anything just now. */
export const isClosed = ({ operation, desired }: ServingView): boolean => operation !== null || desired !== 'running';

/** A job of this station that is under way. */
export const isAbout = (stationId: string) => (job: JobRecord): boolean => isOf(stationId, job.input) && isActive(job);

/** A deployment that is under way: of this station, or any where none is meant, so that it is found again by who comes back to the screen. */
export const isDeploying = (stationId: string | undefined) => (job: JobRecord): boolean => isActive(job) && (stationId === undefined || isOf(stationId, job.input));

/** A measurement of how this model serves best that is under way. */
export const isMeasuring = (modelId: string) => (job: JobRecord): boolean => isActive(job) && modelIdOf(job.input) === modelId;

function modelIdOf(input: unknown): unknown {
  const model: unknown = typeof input === 'object' && input !== null && 'model' in input ? input.model : null;
  return typeof model === 'object' && model !== null && 'id' in model ? model.id : null;
}
