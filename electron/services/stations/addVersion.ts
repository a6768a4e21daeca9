// Puts a further version into a station's record, as the one to be tried next.
import type { Deployment, DeploymentVersion, SwarmWish } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import { refuseRemoved } from './acting.ts';
import { changeDeployment, getDeployment, overtaken } from './deployments.ts';

type StoreServices = Pick<Services, 'store' | 'clock'>;

/**
 * Under the lease. Import, images and replicas took their time since the caller has looked (`known`), and the number of the version is of then: what another has deployed meanwhile is not touched.
 * Answers the record as it was.
 * @throws BUSY
 */
export function addVersion(services: StoreServices, known: Deployment, version: DeploymentVersion, swarm: SwarmWish | null): Deployment {
  return services.store.atomically(() => {
    const before = getDeployment(services, known.id);
    refuseRemoved(before);
    // Its gateway's key stays with a deployment for as long as there is one.
    if (before.gatewayKey !== known.gatewayKey || before.versions.some(({ id }) => id === version.id)) throw overtaken(before);
    refuseOnTrial(before);
    changeDeployment(services, known.id, { candidate: version.id, trial: null, versions: [...before.versions, version], revision: before.revision + 1, ...(swarm === null ? {} : { swarm }) });
    return before;
  });
}

/** What a crash left half-way has no trial, and gives way. @throws BUSY */
export function refuseOnTrial({ candidate, trial, station }: Deployment): void {
  if (candidate !== null && trial !== null) throw new AppError('BUSY', `Version ${candidate} of "${station}" is still on trial.`, { hint: 'Promote it or roll it back first.' });
}
