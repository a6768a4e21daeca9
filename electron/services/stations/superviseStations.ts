// Keeps the stations as the store says while a console is open: one watch for each engine that has some.
import type { Services } from '../Services.ts';
import { listDeployments } from './deployments.ts';
import { engineKeyOf } from './stationEngine.ts';
import { superviseEngine, type EngineSupervisor } from './superviseEngine.ts';

export interface Supervisor { close(): Promise<void> }

export function superviseStations(services: Services): Supervisor {
  const closing = new AbortController();
  const engines = new Map<string, EngineSupervisor>();
  const look = () => {
    for (const key of new Set(listDeployments(services).map(engineKeyOf))) if (!engines.has(key)) engines.set(key, superviseEngine(services, key, closing.signal));
    for (const { poke } of engines.values()) poke();
  };
  const stopListening = services.store.onChange(({ noun }) => { if (noun === 'serving') look(); });
  look();
  return { async close() { closing.abort(); stopListening(); await Promise.all([...engines.values()].map(async ({ running }) => running)); } };
}
