// The use of resources of a station's containers, once a second while someone watches.
import type { EventOf } from '#shared/contract/index';
import { isAppError } from '#shared/errors';
import type { ContainerUsage } from '#core/stations/containerUsage';
import { followStats } from '../containers/containerStats.ts';
import { openEngine } from '../containers/Engine.ts';
import { observeStations } from '../containers/stationObjects.ts';
import type { Services } from '../Services.ts';
import { getDeployment, ownerOf } from './deployments.ts';

const everyMs = 1000;

export async function stationStats(services: Services, { stationId }: { readonly stationId: string }, emit: (event: EventOf<'serving.stats'>) => void, signal: AbortSignal): Promise<void> {
  getDeployment(services, stationId);
  await openEngine(); // says at once where there is none
  const usages = new Map<string, { readonly version: string | null; usage: ContainerUsage | null }>();
  while (!signal.aborted) {
    try {
      const engine = await openEngine();
      const running = ((await observeStations(engine, ownerOf(services), signal)).get(stationId)?.containers ?? []).filter(({ role, state }) => role !== 'filler' && state === 'running');
      for (const { name, version } of running) {
        if (usages.has(name)) continue;
        const entry: { readonly version: string | null; usage: ContainerUsage | null } = { version, usage: null };
        usages.set(name, entry);
        void followStats(engine, name, (usage) => { entry.usage = usage; }, signal).catch(() => undefined).finally(() => usages.delete(name));
      }
    } catch (error) {
      if (!signal.aborted && !isAppError(error)) throw error; // an engine that is away is looked for again
    }
    await new Promise<void>((resolve) => { const timer = setTimeout(resolve, everyMs); signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true }); });
    if (signal.aborted) return;
    const containers = [...usages].flatMap(([name, { version, usage }]) => (usage === null ? [] : [{ name, version, ...usage }])).sort((a, b) => (a.name < b.name ? -1 : 1));
    emit({ at: new Date(services.clock()).toISOString(), containers });
  }
}
