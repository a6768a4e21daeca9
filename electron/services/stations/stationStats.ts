// The use of resources of a station's containers, once a second while someone watches.
import type { EventOf } from '#shared/contract/index';
import type { EngineId } from '#shared/engines';
import { isAppError } from '#shared/errors';
import { liveVersion } from '#shared/liveVersion';
import { ratesBetween, readFigures, type EngineFigures } from '#core/engines/readFigures';
import type { ContainerUsage } from '#core/stations/containerUsage';
import { followStats } from '../containers/containerStats.ts';
import { observeStations } from '../containers/stationObjects.ts';
import { pause } from '../pause.ts';
import type { Services } from '../Services.ts';
import { getDeployment, ownerOf } from './deployments.ts';
import { gatewayFigures, versionSamples } from './gatewayClient.ts';
import { makeReplicaFinder } from './findReplicas.ts';
import { openStationEngine } from './stationEngine.ts';

const everyMs = 1000;

export async function stationStats(services: Services, { stationId }: { readonly stationId: string }, emit: (event: EventOf<'serving.stats'>) => void, signal: AbortSignal): Promise<void> {
  await openStationEngine(services, getDeployment(services, stationId)); // says at once where there is none
  const replicasOf = makeReplicaFinder(services);
  const usages = new Map<string, { readonly version: string | null; usage: ContainerUsage | null }>();
  let before: Reading | null = null;
  let ownBefore: OwnReading | null = null;
  while (!signal.aborted) {
    try {
      const engine = await openStationEngine(services, getDeployment(services, stationId));
      const running = ((await observeStations(engine, ownerOf(services), signal)).get(stationId)?.containers ?? []).filter(({ role, state }) => role !== 'filler' && state === 'running');
      for (const { on, name, version } of [...running.map((one) => ({ ...one, on: engine })), ...await replicasOf(engine, getDeployment(services, stationId), signal)]) {
        if (usages.has(name)) continue;
        const entry: { readonly version: string | null; usage: ContainerUsage | null } = { version, usage: null };
        usages.set(name, entry);
        void followStats(on, name, (usage) => { entry.usage = usage; }, signal).catch(() => undefined).finally(() => usages.delete(name));
      }
    } catch (error) {
      if (!signal.aborted && !isAppError(error)) throw error; // an engine that is away is looked for again
    }
    await pause(everyMs, signal);
    if (signal.aborted) return;
    const containers = [...usages].flatMap(([name, { version, usage }]) => (usage === null ? [] : [{ name, version, ...usage }])).sort((a, b) => (a.name < b.name ? -1 : 1));
    const deployment = getDeployment(services, stationId); // an update changes what is live
    const { live, versions } = deployment;
    const [seen, own] = await Promise.all([gatewayFigures(deployment, signal), versionSamples(deployment, live, signal)]);
    if (signal.aborted) return;
    const atMs = services.clock();
    const now: Reading | null = seen && { ...seen, atMs };
    const engineId = liveVersion({ versions, live })?.engine ?? 'millwright';
    const ownNow: OwnReading | null = own && { version: live, engine: engineId, figures: readFigures(engineId, own), atMs };
    emit({ at: new Date(services.clock()).toISOString(), containers, traffic: trafficBetween(before, now), engine: engineBetween(ownBefore, ownNow) });
    before = now;
    ownBefore = ownNow;
  }
}

interface OwnReading { readonly version: string; readonly engine: EngineId; readonly figures: EngineFigures; readonly atMs: number }

/** Null for the first reading of a version, and after a restart of it. */
function engineBetween(before: OwnReading | null, now: OwnReading | null): EventOf<'serving.stats'>['engine'] {
  const rates = before && now && before.version === now.version ? ratesBetween(before.figures, now.figures, (now.atMs - before.atMs) / 1000) : null;
  if (!now || !rates) return null;
  const { requestsPerSec, failuresPerSec, meanLatencyMs, queueMs, inferenceMs } = rates;
  return { engine: now.engine, requestsPerSec, failuresPerSec, meanMs: meanLatencyMs, queueMs, inferenceMs };
}

interface Reading { readonly figures: EngineFigures; readonly inFlight: number; readonly atMs: number }

function trafficBetween(before: Reading | null, now: Reading | null): EventOf<'serving.stats'>['traffic'] {
  const rates = before && now ? ratesBetween(before.figures, now.figures, (now.atMs - before.atMs) / 1000) : null;
  if (!now || !rates) return null;
  const { requestsPerSec, failuresPerSec, meanLatencyMs, p50Ms, p99Ms } = rates;
  return { requestsPerSec, failuresPerSec, meanMs: meanLatencyMs, p50Ms, p99Ms, inFlight: now.inFlight };
}
