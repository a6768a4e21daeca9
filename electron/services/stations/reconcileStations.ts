// Puts one station or all right when asked, as a timer or a person would where no console is open.
import type { ServingView } from '#shared/contract/serving';
import { emptyStation, observeStations } from '../containers/stationObjects.ts';
import type { JobContext, Services } from '../Services.ts';
import { awaitReady } from './awaitReady.ts';
import { getDeployment, isBeingChanged, listDeployments, ownerOf } from './deployments.ts';
import { renewOrders } from './reconcileStation.ts';
import { needsWork, putRight } from './putRight.ts';
import { byEngine, openStationEngine } from './stationEngine.ts';
import { viewStations } from './viewStation.ts';

const readyWithinMs = 60_000;

export async function reconcileStations(services: Services, { stationId }: { readonly stationId?: string | undefined }, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<ServingView[]> {
  const wanted = stationId === undefined ? listDeployments(services) : [getDeployment(services, stationId)];
  let done = 0;
  for (const together of byEngine(wanted)) {
    const engine = await openStationEngine(services, together[0]);
    const observed = await observeStations(engine, ownerOf(services), signal);
    for (const deployment of together) {
      progress({ stage: deployment.station, done: done++, total: wanted.length });
      if (isBeingChanged(services, deployment)) continue;
      if (!needsWork(services, deployment, observed.get(deployment.id) ?? emptyStation)) { await renewOrders(services, deployment, signal); continue; }
      await putRight(services, engine, deployment.id, signal);
      if (deployment.desired === 'running') await awaitReady(engine, deployment, deployment.live, { withinMs: readyWithinMs, signal });
    }
  }
  const views = await viewStations(services, signal);
  return stationId === undefined ? views : views.filter((view) => view.stationId === stationId);
}
