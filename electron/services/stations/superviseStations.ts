// Keeps the stations as the store says while a console is open: at its start, when the engine comes back, when something happens to a container, and now and then.
import { isAppError } from '#shared/errors';
import type { Deployment } from '#shared/contract/serving';
import { gatewayOrders } from '#core/stations/gatewayOrders';
import { planStation } from '#core/stations/planStation';
import { openEngine, type Engine } from '../containers/Engine.ts';
import { engineSources } from '../containers/engineSources.ts';
import { emptyStation, observeStations } from '../containers/stationObjects.ts';
import { gatewaySpec } from '../containers/stationSpecs.ts';
import { watchEvents } from '../containers/watchEvents.ts';
import type { Services } from '../Services.ts';
import { changeDeployment, findDeployment, forgetDeployment, getDeployment, isBeingChanged, listDeployments, ownerOf, withLease } from './deployments.ts';
import { reconcileStation, renewOrders, versionHash } from './reconcileStation.ts';

export interface Supervisor { close(): Promise<void> }

const reconnectMs = { least: 1000, most: 4000 };
const everyMs = 30_000;
/** Several events of one cause are answered once. */
const settleMs = 200;
/** Docker tells that a container ended before its list of containers shows it, under load by seconds: after an event, and after it came back, it is looked again for a while. */
const lookAgain = { forMs: 8000, everyMs: 1500 };

export function superviseStations(services: Services): Supervisor {
  const closing = new AbortController();
  const failures = new Map<string, { count: number; againAt: number }>();
  let wake: () => void = () => undefined;
  // Remembered, for what happens during a round must be looked at too.
  let poked = false;
  let lastEventAt = 0;
  const poke = () => { poked = true; wake(); };
  const onEvent = () => { lastEventAt = services.clock(); poke(); };
  const stopListening = services.store.onChange(({ noun }) => { if (noun === 'serving') poke(); });

  const pause = (ms: number) => new Promise<void>((resolve) => {
    const timer = setTimeout(() => end(), ms);
    timer.unref();
    const end = () => { clearTimeout(timer); closing.signal.removeEventListener('abort', end); resolve(); };
    closing.signal.addEventListener('abort', end, { once: true });
    wake = end;
    if (closing.signal.aborted || poked) end();
  });

  async function round(engine: Engine): Promise<void> {
    poked = false;
    const observed = await observeStations(engine, ownerOf(services), closing.signal);
    for (const deployment of listDeployments(services)) {
      if (closing.signal.aborted) return;
      const failure = failures.get(deployment.id);
      if (isBeingChanged(services, deployment) || (failure && failure.againAt > services.clock())) continue;
      try {
        if (needsWork(services, deployment, observed.get(deployment.id) ?? emptyStation)) await putRight(services, engine, deployment.id, closing.signal);
        else await renewOrders(services, deployment, closing.signal);
        failures.delete(deployment.id);
      } catch (error) {
        if (closing.signal.aborted) return;
        if (isAppError(error) && (error.code === 'CONNECTION_LOST' || error.code === 'DOCKER_UNAVAILABLE')) throw error;
        if (isAppError(error) && error.code === 'BUSY') continue;
        const count = (failure?.count ?? 0) + 1;
        failures.set(deployment.id, { count, againAt: services.clock() + Math.min(60_000, 1000 * 2 ** count) });
        services.log.warn('A station could not be put right.', { station: deployment.station, reason: error instanceof Error ? error.message : String(error), tries: count });
      }
    }
  }

  /** While connected: a round for each poke, event or quiet half minute; ends when the engine is gone. */
  async function stay(engine: Engine): Promise<void> {
    const here = new AbortController();
    const leave = () => here.abort();
    closing.signal.addEventListener('abort', leave, { once: true });
    let lost: unknown = null;
    lastEventAt = services.clock();
    const watching = watchEvents(engine, ownerOf(services), onEvent, here.signal).catch((error: unknown) => { lost = error; poke(); });
    try {
      while (!closing.signal.aborted && lost === null) {
        await round(engine);
        if (lost !== null || closing.signal.aborted) break;
        await pause(nextPauseMs());
        await new Promise((resolve) => { setTimeout(resolve, settleMs); });
      }
    } finally {
      closing.signal.removeEventListener('abort', leave);
      here.abort();
      await watching;
    }
  }
  const nextPauseMs = () => Math.max(settleMs, Math.min(services.clock() - lastEventAt < lookAgain.forMs ? lookAgain.everyMs : everyMs, ...[...failures.values()].map(({ againAt }) => againAt - services.clock())));

  async function run(): Promise<void> {
    let waitMs = reconnectMs.least;
    while (!closing.signal.aborted) {
      // Without a station nothing connects anywhere.
      if (listDeployments(services).length === 0) { poked = false; await pause(everyMs); continue; }
      try {
        const engine = await openEngine(engineSources(services));
        waitMs = reconnectMs.least;
        await stay(engine);
      } catch (error) {
        if (!isAppError(error)) services.log.error('The supervision of stations failed.', { error: error instanceof Error ? error.stack ?? error.message : String(error) });
        else services.log.info('The container engine does not answer; stations are looked after when it does.', { reason: error.message });
      }
      if (closing.signal.aborted) return;
      poked = false;
      await pause(waitMs);
      waitMs = Math.min(reconnectMs.most, waitMs * 2);
    }
  }

  const running = run();
  return { async close() { closing.abort(); stopListening(); await running; } };
}

/** A candidate without anyone who changes the station was left by a process that ended in the middle of an update. */
const isAbandoned = ({ candidate, trial }: Deployment): boolean => candidate !== null && trial === null;

export function needsWork(services: Services, deployment: Deployment, observed: Parameters<typeof planStation>[1]): boolean {
  if (deployment.desired === 'removed' || isAbandoned(deployment)) return true;
  const owner = ownerOf(services);
  const specOf = (id: string) => { const version = deployment.versions.find((one) => one.id === id); return version ? versionHash(deployment, version, owner) : ''; };
  return planStation(deployment, observed, { gateway: gatewaySpec(deployment, owner, gatewayOrders(deployment)).hash, model: specOf }).length > 0;
}

/** Under the lease: withdraws an abandoned candidate, does the steps, tells the gateway, and forgets what is removed. */
export async function putRight(services: Services, engine: Engine, stationId: string, signal: AbortSignal): Promise<void> {
  await withLease(services, stationId, 'reconcile', async () => {
    const found = getDeployment(services, stationId);
    // A version that had been live before (a rollback in the middle) stays the one to go back to.
    const deployment = isAbandoned(found) ? changeDeployment(services, stationId, { candidate: null, previous: found.previous ?? (found.versions.at(-1)?.id === found.candidate ? null : found.candidate), revision: found.revision + 1 }) : found;
    const steps = await reconcileStation(services, engine, deployment, { signal });
    if (deployment.desired === 'removed') { forgetDeployment(services, stationId); return; }
    if (steps.length > 0) services.log.info('A station was put right.', { station: deployment.station, steps: steps.map((step) => `${step.do} ${step.name}`) });
    await renewOrders(services, deployment, signal);
  });
  if (findDeployment(services, stationId) === null) services.log.info('A station was removed from the engine.', { stationId });
}
