// The live figures of each station over the last eight hours, kept for whoever comes back to its page; older ones are drawn together, so that memory stays bounded.
import { createContext } from 'react';
import type { EventOf } from '#shared/contract/index';

export type Reading = EventOf<'serving.stats'>;
export interface Readings { push(reading: Reading): void; all(): readonly Reading[]; subscribe(listener: () => void): () => void }

const keepMs = 8 * 3600_000;
/** So long each reading is kept as it is; after that one stands for so many milliseconds. */
const wholeMs = 300_000;
export const slotMs = 10_000;
const tidyEvery = 60;

/** Clients that were served well: failed requests are counted by the gateway, too. */
export const answeredPerSec = ({ traffic }: Reading): number | null => (traffic === null ? null : Math.max(0, traffic.requestsPerSec - traffic.failuresPerSec));

const mean = (values: readonly (number | null)[]): number | null => { const known = values.filter((value) => value !== null); return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length; };
const most = (values: readonly (number | null)[]): number | null => { const known = values.filter((value) => value !== null); return known.length === 0 ? null : Math.max(...known); };

/** Rates are means; the slowest p99 and the most under way stay, for a spike is what is looked for. Containers are those of the last. */
function together(slice: readonly [Reading, ...Reading[]]): Reading {
  const last = slice.at(-1) ?? slice[0];
  const told = slice.flatMap(({ traffic }) => (traffic === null ? [] : [traffic]));
  if (told.length === 0) return last;
  return { ...last, traffic: { requestsPerSec: mean(told.map((each) => each.requestsPerSec)) ?? 0, failuresPerSec: mean(told.map((each) => each.failuresPerSec)) ?? 0, meanMs: mean(told.map((each) => each.meanMs)), p50Ms: mean(told.map((each) => each.p50Ms)), p99Ms: most(told.map((each) => each.p99Ms)), inFlight: most(told.map((each) => each.inFlight)) ?? 0 } };
}

function tidy(readings: readonly Reading[]): Reading[] {
  const now = Date.parse(readings.at(-1)?.at ?? '');
  const slots = new Map<number, [Reading, ...Reading[]]>();
  const whole: Reading[] = [];
  for (const reading of readings) {
    const at = Date.parse(reading.at);
    const slot = Math.floor(at / slotMs);
    if (at < now - keepMs) continue;
    // A slot is drawn together once all of it is old: half of it would weigh as much as the rest.
    if ((slot + 1) * slotMs > now - wholeMs) whole.push(reading);
    else { const slice = slots.get(slot); if (slice) slice.push(reading); else slots.set(slot, [reading]); }
  }
  return [...Array.from(slots.values(), together), ...whole];
}

export function createReadings(): Readings {
  let readings: readonly Reading[] = [];
  let pushed = 0;
  const listeners = new Set<() => void>();
  return {
    push(reading) {
      pushed += 1;
      readings = [...readings, reading];
      if (pushed % tidyEvery === 0) readings = tidy(readings);
      listeners.forEach((listener) => listener());
    },
    all: () => readings,
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
  };
}

/** Of each station the page has looked at. */
export function createReadingsOfStations(): (stationId: string) => Readings {
  const known = new Map<string, Readings>();
  return (stationId) => { const found = known.get(stationId) ?? createReadings(); known.set(stationId, found); return found; };
}

export const ReadingsContext = createContext(createReadingsOfStations());
