// What every act on a station begins and ends with: its engine, and the line in the audit trail.
import { changeBetween } from '#shared/auditChange';
import type { Deployment } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { gatewayOrders } from '#core/stations/gatewayOrders';
import type { Engine } from '../containers/Engine.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from './actor.ts';
import { changeDeployment, getDeployment } from './deployments.ts';
import { putOrders } from './gatewayClient.ts';
import { openStationEngine, refuseOtherEngine } from './stationEngine.ts';

export type ActContext = Pick<JobContext, 'signal' | 'progress' | 'log'>;
/** On what, and why where the person said so. */
export interface Acted { readonly stationId: string; readonly reason?: string | undefined }

/** A station that serves nothing is told before an engine that does not answer. */
export async function engineFor(services: Services, stationId: string): Promise<{ engine: Engine; was: Deployment }> {
  const was = getDeployment(services, stationId);
  refuseOtherEngine(was);
  return { engine: await openStationEngine(services, was), was };
}

/** What of a deployment a person decides. */
const decided = ({ desired, live, previous, candidate, trial, hold, recorder }: Deployment) => ({ desired, live, previous, candidate, trial, hold: hold?.reason ?? null, recorder });

export function note(services: Services, action: string, before: Deployment, after: Deployment, reason: string | undefined): void {
  services.store.audit.append({ actor: actorOf(services), action, subject: after.station, detail: { stationId: after.id, version: after.live, ...changeBetween(decided(before), decided(after)), ...(reason === undefined ? {} : { reason }) } });
}

export function refuseRemoved({ desired, station }: Deployment): void {
  if (desired === 'removed') throw new AppError('BUSY', `Station "${station}" is being removed from the engine.`, { hint: 'Remove it again to finish that.' });
}

/** Changes what the gateway is told; that of a stopped station learns it when it starts. */
export async function tellGateway(services: Services, before: Deployment, change: Partial<Pick<Deployment, 'hold' | 'recorder'>>, signal: AbortSignal): Promise<Deployment> {
  const told = changeDeployment(services, before.id, { ...change, revision: before.revision + 1 });
  if (told.desired === 'running') await putOrders(told, gatewayOrders(told), signal);
  return told;
}
