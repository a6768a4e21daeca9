// The desired state of what stations serve, in the store; and the lease that keeps two processes from changing one station at once.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { deploymentSchema, type Deployment, type DeploymentVersion } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { liveVersion } from '#shared/liveVersion';
import type { Services } from '../Services.ts';

type StoreServices = Pick<Services, 'store' | 'clock'>;
const deploymentsOf = (services: StoreServices) => services.store.collection('serving', deploymentSchema);

export const listDeployments = (services: StoreServices): Deployment[] => deploymentsOf(services).list();
export const findDeployment = (services: StoreServices, stationId: string): Deployment | null => deploymentsOf(services).get(stationId);
export const putDeployment = (services: StoreServices, deployment: Deployment): Deployment => { deploymentsOf(services).put(deployment); return deployment; };
export const forgetDeployment = (services: StoreServices, stationId: string): void => { deploymentsOf(services).remove(stationId); };

/** What serves a station now, as far as it was deployed from here. */
export function deployedVersion(services: StoreServices, stationId: string): DeploymentVersion | null {
  const deployment = findDeployment(services, stationId);
  return deployment && (liveVersion(deployment) ?? null);
}

/** @throws NOT_FOUND */
export function getDeployment(services: StoreServices, stationId: string): Deployment {
  const found = findDeployment(services, stationId);
  if (!found) throw new AppError('NOT_FOUND', 'This station serves nothing yet.', { hint: 'Deploy a model: millwright deploy FILE --station NAME' });
  return found;
}

/** Marks what this data folder has on an engine, which several may share. */
export function ownerOf(services: StoreServices): string {
  const value = services.store.value('installation', z.string());
  const known = value.get();
  if (known !== null) return known;
  const made = randomUUID();
  value.set(made);
  return made;
}

/** Readable, valid as a host name, and different for two stations (or two data folders) of one name. */
export function slugOf(station: string, stationId: string): string {
  const words = station.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 24).replace(/-+$/, '');
  return `millwright-${words === '' ? '' : `${words}-`}${createHash('sha256').update(stationId).digest('hex').slice(0, 8)}`;
}

export const newGatewayKey = (): string => randomBytes(24).toString('base64url');

const leaseMs = 60_000;
const renewMs = 15_000;
/** One for each process: two hosts on one data folder must not take each other's lease for their own. */
const processId = randomUUID();
/** What this process holds it holds whatever the clock says, as after the machine slept. */
const heldHere = new Set<string>();
/** A lease that ends later than any that is taken now is of a time before the clock was set back; nobody may be left to give it up. Twice as long, for a clock that is set right by a little. */
const isTaken = ({ operation }: Deployment, now: number): boolean => {
  if (operation === null) return false;
  const leftMs = Date.parse(operation.until) - now;
  return heldHere.has(operation.owner) || (leftMs > 0 && leftMs <= 2 * leaseMs);
};

/** True while someone, here or in another process, changes the station. */
export const isBeingChanged = (services: StoreServices, deployment: Deployment): boolean => isTaken(deployment, services.clock());

/** Of a deployment whose preparation took its time. */
export const overtaken = ({ station }: Deployment): AppError => new AppError('BUSY', `Another model was deployed to "${station}" while this one was prepared.`, { hint: `Look at what it serves now, and deploy again: millwright station show "${station}"` });

const refuseTaken = (deployment: Deployment): never => { throw new AppError('BUSY', `Station "${deployment.station}" is being changed just now (${deployment.operation?.name ?? ''}).`, { hint: 'Wait until that has ended, and try again.' }); };

/**
 * Runs `work` as the only one that changes the station; the lease is renewed while it runs and runs out by itself after a crash. `work` reads the deployment anew by itself.
 * @throws BUSY
 */
export async function withLease<T>(services: StoreServices, stationId: string, name: string, work: () => Promise<T>): Promise<T> {
  return holding(services, stationId, name, (operation) => {
    const before = getDeployment(services, stationId);
    if (isTaken(before, services.clock())) refuseTaken(before);
    putDeployment(services, { ...before, operation });
  }, work);
}

/**
 * Stores what a station is to have first, and runs `work` with the lease on it, which nobody gets in between.
 * @throws BUSY where the station has got a deployment meanwhile
 */
export async function withFirstLease<T>(services: StoreServices, first: Omit<Deployment, 'operation'>, name: string, work: () => Promise<T>): Promise<T> {
  return holding(services, first.id, name, (operation) => {
    const other = findDeployment(services, first.id);
    if (other && isTaken(other, services.clock())) refuseTaken(other);
    if (other) throw overtaken(other);
    putDeployment(services, { ...first, operation });
  }, work);
}

async function holding<T>(services: StoreServices, stationId: string, name: string, take: (operation: NonNullable<Deployment['operation']>) => void, work: () => Promise<T>): Promise<T> {
  const owner = `${processId}:${randomUUID()}`;
  const lease = () => ({ name, owner, until: new Date(services.clock() + leaseMs).toISOString() });
  // Who has lost it, as to another process after the clock was set forward, does not take it back.
  const write = (operation: Deployment['operation']) => services.store.atomically(() => {
    const deployment = findDeployment(services, stationId);
    if (deployment?.operation?.owner === owner) putDeployment(services, { ...deployment, operation });
  });
  services.store.atomically(() => take(lease()));
  heldHere.add(owner);
  // A store that refuses now refuses the work too, which tells it.
  const timer = setInterval(() => { try { write(lease()); } catch { /* until the next time */ } }, renewMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    heldHere.delete(owner);
    write(null);
  }
}

/** Changes fields of the stored record and answers it; the lease in it stays as it is. */
export function changeDeployment(services: StoreServices, stationId: string, change: Partial<Omit<Deployment, 'id' | 'operation'>>): Deployment {
  return services.store.atomically(() => putDeployment(services, { ...getDeployment(services, stationId), ...change }));
}
