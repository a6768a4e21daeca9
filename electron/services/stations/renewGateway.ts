// A station keeps the gateway that it was deployed with until it is restarted, or started after a stop: then it gets the one of this installation.
import type { Deployment } from '#shared/contract/serving';
import type { Engine } from '../containers/Engine.ts';
import { loadServingImage } from '../images/loadImageFile.ts';
import type { Services } from '../Services.ts';
import type { ActContext } from './acting.ts';
import { changeDeployment } from './deployments.ts';
import { reconcileStation } from './reconcileStation.ts';

/** Starts by `restart`, which brings up what the record says; where that fails with the new gateway, the one before is brought back, and the failure is told. */
export async function withOwnGateway(services: Services, engine: Engine, before: Deployment, context: ActContext, restart: (deployment: Deployment) => Promise<Deployment>): Promise<Deployment> {
  const own = await ownGateway(services, engine, before, context);
  if (own === null || (own === before.gatewayImageId && before.gatewaySeals)) return restart(before);
  try {
    return await restart(changeDeployment(services, before.id, { gatewayImageId: own, gatewaySeals: true }));
  } catch (error) {
    // Cancelled, not failed: what was begun is finished by the next reconciliation.
    if (context.signal.aborted) throw error;
    const back = changeDeployment(services, before.id, { gatewayImageId: before.gatewayImageId, gatewaySeals: before.gatewaySeals });
    await reconcileStation(services, engine, back).catch((problem: unknown) => services.log.warn('The gateway of before could not be brought back yet.', { station: before.station, error: String(problem) }));
    throw error;
  }
}

/** Null where this installation has no image to give, for whatever reason: that must not keep a station from being restarted. */
async function ownGateway(services: Services, engine: Engine, { station }: Deployment, context: ActContext): Promise<string | null> {
  try {
    return (await loadServingImage(services, engine, context)).imageId;
  } catch (error) {
    context.signal.throwIfAborted();
    services.log.warn('The station keeps its gateway: this installation has none to give.', { station, error: String(error) });
    return null;
  }
}
