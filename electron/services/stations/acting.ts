// What every act on a station begins and ends with: its engine, and the line in the audit trail.
import { changeBetween } from '#shared/auditChange';
import type { Deployment, ServingView } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { gatewayOrders } from '#core/stations/gatewayOrders';
import type { Engine } from '../containers/Engine.ts';
import type { JobContext, Services } from '../Services.ts';
import { certificateFacts } from '../files/tlsFiles.ts';
import { actorOf } from './actor.ts';
import { changeDeployment, getDeployment, withLease } from './deployments.ts';
import { putOrders } from './gatewayClient.ts';
import { openStationEngine, refuseOtherEngine } from './stationEngine.ts';
import { viewStation } from './viewStation.ts';

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
const decided = ({ desired, live, previous, candidate, trial, hold, recorder, clients, tls, gatewayImageId }: Deployment) => ({ desired, live, previous, candidate, trial, hold: hold?.reason ?? null, recorder, gateway: gatewayImageId, clients: clients?.map(({ name }) => name) ?? null, certificate: tls === null ? null : certificateFacts(tls.cert).fingerprint });

export function note(services: Services, action: string, before: Deployment, after: Deployment, reason: string | undefined): void {
  services.store.audit.append({ actor: actorOf(services), action, subject: after.station, detail: { stationId: after.id, version: after.live, ...changeBetween(decided(before), decided(after)), ...(reason === undefined ? {} : { reason }) } });
}

export function refuseRemoved({ desired, station }: Deployment): void {
  if (desired === 'removed') throw new AppError('BUSY', `Station "${station}" is being removed from the engine.`, { hint: 'Remove it again to finish that.' });
}

type Told = Partial<Pick<Deployment, 'hold' | 'recorder' | 'clients' | 'tls' | 'trial'>>;

/** Changes what the gateway is told; that of a stopped station learns it when it starts. `doing` is the lease's name, `done` that of the line in the audit trail. */
export async function tellGateway(services: Services, { stationId, reason }: Acted, { doing, done }: { readonly doing: string; readonly done: string }, wish: (before: Deployment) => Told | Promise<Told>, signal: AbortSignal): Promise<ServingView> {
  const { engine, was } = await engineFor(services, stationId);
  const told = await withLease(services, stationId, doing, async () => {
    const before = getDeployment(services, stationId);
    refuseRemoved(before);
    const changed = changeDeployment(services, stationId, { ...await wish(before), revision: before.revision + 1 });
    if (changed.desired === 'running') await putOrders(changed, gatewayOrders(changed), signal);
    return changed;
  });
  note(services, done, was, told, reason);
  return viewStation(services, engine, told, signal);
}

/** A station keeps its gateway until it is restarted. */
export const oldGateway = (station: string, what: string): AppError => new AppError('BAD_INPUT', `The gateway of "${station}" is of an earlier release, which ${what}.`, { hint: `Restart it, which gives it the gateway of this release: millwright station restart "${station}"` });
