// Puts one station or all right when asked, as a timer or a person would where no console is open.
import type { Deployment, ServingView } from '#shared/contract/serving';
import { AppError, isAppError } from '#shared/errors';
import type { ObservedStation } from '#core/stations/planStation';
import type { Engine } from '../containers/Engine.ts';
import { emptyStation, observeStations } from '../containers/stationObjects.ts';
import type { JobContext, Services } from '../Services.ts';
import { awaitReady } from './awaitReady.ts';
import { getDeployment, isBeingChanged, listDeployments, ownerOf } from './deployments.ts';
import { renewOrders } from './reconcileStation.ts';
import { needsWork, putRight } from './putRight.ts';
import { byEngine, openStationEngine } from './stationEngine.ts';
import { viewStations } from './viewStation.ts';

const readyWithinMs = 60_000;

/** What fails at one station or engine leaves the others their turn, and is told at the end. */
export async function reconcileStations(services: Services, { stationId }: { readonly stationId?: string | undefined }, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<ServingView[]> {
  const wanted = stationId === undefined ? listDeployments(services) : [getDeployment(services, stationId)];
  let done = 0;
  const failures: AppError[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try { return await work(); } catch (error) {
      signal.throwIfAborted();
      if (!isAppError(error)) throw error;
      failures.push(error);
      return null;
    }
  };
  for (const together of byEngine(wanted)) {
    const found = await attempt(async () => {
      const engine = await openStationEngine(services, together[0]);
      return { engine, observed: await observeStations(engine, ownerOf(services), signal) };
    });
    for (const deployment of together) {
      progress({ stage: deployment.station, done: done++, total: wanted.length });
      if (found === null || isBeingChanged(services, deployment)) continue;
      await attempt(() => putOneRight(services, found.engine, deployment, found.observed.get(deployment.id) ?? emptyStation, signal));
    }
  }
  const [first, ...more] = failures;
  if (first && more.length === 0) throw first;
  if (first) throw new AppError(first.code, failures.map(({ message }) => message).join(' '), { hint: first.hint, cause: first });
  const views = await viewStations(services, signal);
  return stationId === undefined ? views : views.filter((view) => view.stationId === stationId);
}

async function putOneRight(services: Services, engine: Engine, deployment: Deployment, observed: ObservedStation, signal: AbortSignal): Promise<void> {
  if (!needsWork(services, deployment, observed)) return renewOrders(services, deployment, signal);
  await putRight(services, engine, deployment.id, signal);
  if (deployment.desired === 'running') await awaitReady(engine, deployment, deployment.live, { withinMs: readyWithinMs, signal });
}
