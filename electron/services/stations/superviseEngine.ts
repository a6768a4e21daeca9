// Keeps the stations of one engine as the store says: when it comes back, when something happens to a container, and now and then.
import { isAppError } from '#shared/errors';
import type { Engine } from '../containers/Engine.ts';
import { emptyStation, observeStations } from '../containers/stationObjects.ts';
import { statusOf } from '../containers/translateDockerError.ts';
import { watchEvents } from '../containers/watchEvents.ts';
import type { Services } from '../Services.ts';
import { isBeingChanged, listDeployments, ownerOf } from './deployments.ts';
import { needsWork, putRight } from './putRight.ts';
import { renewOrders } from './reconcileStation.ts';
import { engineKeyOf, openStationEngine } from './stationEngine.ts';

const reconnectMs = { least: 1000, most: 4000 };
const everyMs = 30_000;
/** Several events of one cause are answered once. */
const settleMs = 200;
/** Docker tells that a container ended before its list of containers shows it, under load by seconds: after an event, and after it came back, it is looked again for a while. */
const lookAgain = { forMs: 8000, everyMs: 1500 };

export interface EngineSupervisor { poke(): void; /** Resolves when `closing` is aborted. */ readonly running: Promise<void> }

/** Told by our own lease. What an engine refuses as a conflict is no sign of that, and stays wrong until a person reads of it. */
export const isChangedByAnother = (error: unknown): boolean => isAppError(error) && error.code === 'BUSY' && statusOf(error.cause) === null;

/** @param key of the engine, as engineKeyOf gives it */
export function superviseEngine(services: Services, key: string, closing: AbortSignal): EngineSupervisor {
  const mine = () => listDeployments(services).filter((deployment) => engineKeyOf(deployment) === key);
  const failures = new Map<string, { count: number; againAt: number }>();
  let wake: () => void = () => undefined;
  // Remembered, for what happens during a round must be looked at too.
  let poked = false;
  // Neither this nor `againAt` is of the wall clock, which may be set back.
  let lastEventAt = Number.NEGATIVE_INFINITY;
  const poke = () => { poked = true; wake(); };
  const onEvent = () => { lastEventAt = performance.now(); poke(); };

  const pause = (ms: number) => new Promise<void>((resolve) => {
    const timer = setTimeout(() => end(), ms);
    timer.unref();
    const end = () => { clearTimeout(timer); closing.removeEventListener('abort', end); resolve(); };
    closing.addEventListener('abort', end, { once: true });
    wake = end;
    if (closing.aborted || poked) end();
  });

  async function round(engine: Engine): Promise<void> {
    poked = false;
    const observed = await observeStations(engine, ownerOf(services), closing);
    for (const deployment of mine()) {
      if (closing.aborted) return;
      const failure = failures.get(deployment.id);
      if (isBeingChanged(services, deployment) || (failure && failure.againAt > performance.now())) continue;
      try {
        if (needsWork(services, deployment, observed.get(deployment.id) ?? emptyStation)) await putRight(services, engine, deployment.id, closing);
        else await renewOrders(services, deployment, closing);
        failures.delete(deployment.id);
      } catch (error) {
        if (closing.aborted) return;
        if (isAppError(error) && (error.code === 'CONNECTION_LOST' || error.code === 'DOCKER_UNAVAILABLE')) throw error;
        if (isChangedByAnother(error)) continue;
        const count = (failure?.count ?? 0) + 1;
        failures.set(deployment.id, { count, againAt: performance.now() + Math.min(60_000, 1000 * 2 ** count) });
        services.log.warn('A station could not be put right.', { station: deployment.station, reason: error instanceof Error ? error.message : String(error), tries: count });
      }
    }
  }

  /** While connected: a round for each poke, event or quiet half minute; ends when the engine is gone. */
  async function stay(engine: Engine): Promise<void> {
    const here = new AbortController();
    const leave = () => here.abort();
    closing.addEventListener('abort', leave, { once: true });
    let lost: unknown = null;
    lastEventAt = performance.now();
    const watching = watchEvents(engine, ownerOf(services), onEvent, here.signal).catch((error: unknown) => { lost = error; poke(); });
    try {
      while (!closing.aborted && lost === null && mine().length > 0) {
        await round(engine);
        if (lost !== null || closing.aborted) break;
        await pause(nextPauseMs());
        await new Promise((resolve) => { setTimeout(resolve, settleMs); });
      }
    } finally {
      closing.removeEventListener('abort', leave);
      here.abort();
      await watching;
    }
  }
  const nextPauseMs = () => Math.max(settleMs, Math.min(performance.now() - lastEventAt < lookAgain.forMs ? lookAgain.everyMs : everyMs, ...[...failures.values()].map(({ againAt }) => againAt - performance.now())));

  async function run(): Promise<void> {
    let waitMs = reconnectMs.least;
    while (!closing.aborted) {
      // Without a station nothing connects anywhere.
      const [first] = mine();
      if (!first) { poked = false; await pause(everyMs); continue; }
      try {
        const engine = await openStationEngine(services, first);
        waitMs = reconnectMs.least;
        await stay(engine);
      } catch (error) {
        if (!isAppError(error)) services.log.error('The supervision of stations failed.', { error: error instanceof Error ? error.stack ?? error.message : String(error) });
        else services.log.info('The container engine does not answer; stations are looked after when it does.', { reason: error.message });
      }
      if (closing.aborted) return;
      poked = false;
      await pause(waitMs);
      waitMs = Math.min(reconnectMs.most, waitMs * 2);
    }
  }

  return { poke, running: run() };
}
