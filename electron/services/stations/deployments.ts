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
const isTaken = ({ operation }: Deployment, now: number): boolean => operation !== null && Date.parse(operation.until) > now;

/** True while someone, here or in another process, changes the station. */
export const isBeingChanged = (services: StoreServices, deployment: Deployment): boolean => isTaken(deployment, services.clock());

/**
 * Runs `work` as the only one that changes the station; the lease is renewed while it runs and runs out by itself after a crash. `work` reads the deployment anew by itself.
 * @throws BUSY
 */
export async function withLease<T>(services: StoreServices, stationId: string, name: string, work: () => Promise<T>): Promise<T> {
  const id = `${processId}:${randomUUID()}`;
  const write = (until: number | null) => {
    const deployment = findDeployment(services, stationId);
    if (deployment) putDeployment(services, { ...deployment, operation: until === null ? null : { name, owner: id, until: new Date(until).toISOString() } });
  };
  const before = getDeployment(services, stationId);
  if (isTaken(before, services.clock())) throw new AppError('BUSY', `Station "${before.station}" is being changed just now (${before.operation?.name ?? ''}).`, { hint: 'Wait until that has ended, and try again.' });
  write(services.clock() + leaseMs);
  const timer = setInterval(() => write(services.clock() + leaseMs), renewMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (findDeployment(services, stationId)?.operation?.owner === id) write(null);
  }
}

/** Changes fields of the stored record and answers it; the lease in it stays as it is. */
export function changeDeployment(services: StoreServices, stationId: string, change: Partial<Omit<Deployment, 'id' | 'operation'>>): Deployment {
  return putDeployment(services, { ...getDeployment(services, stationId), ...change });
}
