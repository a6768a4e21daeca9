// What every act on a station begins and ends with: its engine, and the line in the audit trail.
import { changeBetween } from '#shared/auditChange';
import type { Deployment, ServingView } from '#shared/contract/serving';
import { AppError, isAppError } from '#shared/errors';
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

interface Telling {
  /** The lease's name. */
  readonly doing: string;
  /** That of the line in the audit trail. */
  readonly done: string;
  /** What turns clients away holds from when it was wished for, even where the gateway cannot be told yet: it begins the sentence that says so. All else happens, and is audited, only when the gateway follows. */
  readonly holds?: string | undefined;
}

/**
 * Changes what the gateway is told; that of a stopped station learns it when it starts.
 * @throws CONNECTION_LOST, DOCKER_REFUSED where the gateway does not follow: then nothing has changed, but for what `holds`
 */
export async function tellGateway(services: Services, { stationId, reason }: Acted, { doing, done, holds }: Telling, wish: (before: Deployment) => Told | Promise<Told>, signal: AbortSignal): Promise<ServingView> {
  const { engine } = await engineFor(services, stationId);
  const told = await withLease(services, stationId, doing, async () => {
    const before = getDeployment(services, stationId);
    refuseRemoved(before);
    const change = { ...await wish(before), revision: before.revision + 1 };
    const wished = { ...before, ...change };
    const store = () => services.store.atomically(() => {
      const changed = changeDeployment(services, stationId, change);
      note(services, done, before, changed, reason);
      return changed;
    });
    if (before.desired !== 'running') return store();
    if (holds !== undefined) return follow(store(), holds, signal);
    try {
      await putOrders(wished, gatewayOrders(wished), signal);
    } catch (error) {
      // It may have heard, and only its answer was lost.
      await putOrders(before, gatewayOrders(before)).catch(() => undefined);
      throw error;
    }
    return store();
  });
  return viewStation(services, engine, told, signal);
}

/** Tells the gateway what is stored already; `holds` begins the sentence of who could not. @throws CONNECTION_LOST, DOCKER_REFUSED */
export async function follow(deployment: Deployment, holds: string, signal: AbortSignal): Promise<Deployment> {
  try {
    await putOrders(deployment, gatewayOrders(deployment), signal);
    return deployment;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { station } = deployment;
    throw new AppError(error.code, `${holds} is noted for "${station}", but its gateway could not be told. ${error.message} If it still runs, it goes on as before until then.`, { cause: error, hint: `It follows as soon as it is put right: millwright station reconcile "${station}"` });
  }
}

/** A station keeps its gateway until it is restarted. */
export const oldGateway = (station: string, what: string): AppError => new AppError('BAD_INPUT', `The gateway of "${station}" is of an earlier release, which ${what}.`, { hint: `Restart it, which gives it the gateway of this release: millwright station restart "${station}"` });
