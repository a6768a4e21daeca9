// Whether the engine has what the store says of a station, and making it so.
import type { Deployment } from '#shared/contract/serving';
import { gatewayOrders } from '#core/stations/gatewayOrders';
import { namesOf, planStation } from '#core/stations/planStation';
import type { Engine } from '../containers/Engine.ts';
import { gatewaySpec } from '../containers/stationSpecs.ts';
import type { Services } from '../Services.ts';
import { changeDeployment, findDeployment, forgetDeployment, getDeployment, ownerOf, withLease } from './deployments.ts';
import { reconcileStation, renewOrders, versionHash } from './reconcileStation.ts';
import { awaitGateway } from './switchVersion.ts';

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
    // One that was made anew has its first orders only, which lack the key of a certificate; one that was away has missed what was wished for meanwhile.
    const { gateway } = namesOf(deployment.slug);
    if (steps.some((step) => step.do === 'createGateway' || (step.do === 'startContainer' && step.name === gateway))) await awaitGateway(deployment, signal);
    await renewOrders(services, deployment, signal);
  });
  if (findDeployment(services, stationId) === null) services.log.info('A station was removed from the engine.', { stationId });
}
