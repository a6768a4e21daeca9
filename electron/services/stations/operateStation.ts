// Starts, stops, restarts, rolls back and removes what a station serves.
import type { Deployment, ServingView, Trial } from '#shared/contract/serving';
import { AppError, isAppError } from '#shared/errors';
import { gatewayOrders } from '#core/stations/gatewayOrders';
import type { Engine } from '../containers/Engine.ts';
import type { Services } from '../Services.ts';
import { engineFor, follow, note, refuseRemoved, tellGateway, type ActContext as Context, type Acted } from './acting.ts';
import { awaitReady } from './awaitReady.ts';
import { rollReplicas } from './awaitReplicas.ts';
import { changeDeployment, forgetDeployment, getDeployment, withLease } from './deployments.ts';
import { putOrders } from './gatewayClient.ts';
import { leftBehind } from './leftBehind.ts';
import { reconcileStation } from './reconcileStation.ts';
import { withOwnGateway } from './renewGateway.ts';
import { awaitGateway, switchVersion } from './switchVersion.ts';
import { viewStation } from './viewStation.ts';

const readyWithinMs = 60_000;

export async function startStation(services: Services, { stationId, reason }: Acted, context: Context): Promise<ServingView> {
  const { engine, was } = await engineFor(services, stationId);
  const deployment = await withLease(services, stationId, 'start', async () => {
    const before = getDeployment(services, stationId);
    refuseRemoved(before);
    const start = () => bringUp(services, engine, changeDeployment(services, stationId, { desired: 'running' }), context);
    return before.desired === 'stopped' ? withOwnGateway(services, engine, before, context, start) : start();
  });
  note(services, 'station.started', was, deployment, reason);
  return viewStation(services, engine, deployment, context.signal);
}

export async function stopStation(services: Services, { stationId, reason }: Acted, context: Context): Promise<ServingView> {
  const { engine, was } = await engineFor(services, stationId);
  const deployment = await withLease(services, stationId, 'stop', async () => {
    refuseRemoved(getDeployment(services, stationId));
    context.progress({ stage: 'Finishing what is in flight', done: 0, total: 1 });
    const stopped = changeDeployment(services, stationId, { desired: 'stopped' });
    await reconcileStation(services, engine, stopped, { signal: context.signal });
    return stopped;
  });
  note(services, 'station.stopped', was, deployment, reason);
  return viewStation(services, engine, deployment, context.signal);
}

/** Stops and starts the containers: the address is away for that time. On a Swarm the replicas are renewed one after the other, and it is not. Where the gateway is of another release, it is made anew, on a Swarm too. */
export async function restartStation(services: Services, { stationId, reason }: Acted, context: Context): Promise<ServingView> {
  const { engine, was } = await engineFor(services, stationId);
  const deployment = await withLease(services, stationId, 'restart', async () => {
    const before = getDeployment(services, stationId);
    refuseRemoved(before);
    return withOwnGateway(services, engine, before, context, (renewed) => (before.swarm !== null && before.desired === 'running' ? renewReplicas(services, engine, renewed, context) : stopAndStart(services, engine, renewed, context)));
  });
  note(services, 'station.restarted', was, deployment, reason);
  return viewStation(services, engine, deployment, context.signal);
}

async function stopAndStart(services: Services, engine: Engine, deployment: Deployment, context: Context): Promise<Deployment> {
  context.progress({ stage: 'Finishing what is in flight', done: 0, total: 2 });
  await reconcileStation(services, engine, { ...deployment, desired: 'stopped' }, { signal: context.signal });
  return bringUp(services, engine, changeDeployment(services, deployment.id, { desired: 'running' }), context);
}

async function renewReplicas(services: Services, engine: Engine, deployment: Deployment, { signal, progress }: Context): Promise<Deployment> {
  await reconcileStation(services, engine, deployment, { signal });
  await awaitGateway(deployment, signal);
  progress({ stage: 'Renewing one replica after the other', done: 0, total: 2 });
  await rollReplicas(engine, deployment, { withinMs: readyWithinMs, signal });
  await awaitReady(engine, deployment, deployment.live, { withinMs: readyWithinMs, signal });
  return deployment;
}

export async function rollBackStation(services: Services, { stationId, reason }: Acted, context: Context): Promise<ServingView> {
  const { engine } = await engineFor(services, stationId);
  const deployment = await withLease(services, stationId, 'rollback', async () => {
    const before = getDeployment(services, stationId);
    refuseRemoved(before);
    if (before.candidate !== null && before.trial !== null) return withdraw(services, engine, before, reason, context);
    const { previous } = before;
    if (previous === null) throw new AppError('NOT_FOUND', `Station "${before.station}" has no earlier version to go back to.`, { hint: 'Deploy the model that you want.' });
    changeDeployment(services, stationId, { candidate: previous, previous: null, revision: before.revision + 1 });
    const back = await switchVersion(services, engine, stationId, { withinMs: readyWithinMs, context, restore: () => ({ previous }) });
    note(services, 'station.rolledBack', before, back, reason);
    return back;
  });
  return viewStation(services, engine, deployment, context.signal);
}

interface Removed { readonly stationId: string; readonly removed: string[]; readonly left: string[] }

/** The wish is stored first: what a crash interrupts is finished by the next reconciliation. */
export async function removeFromEngine(services: Services, { stationId, reason, forget }: Acted & { readonly forget: boolean }, context: Context): Promise<Removed> {
  const before = getDeployment(services, stationId);
  let engine: Engine;
  try {
    ({ engine } = await engineFor(services, stationId));
  } catch (error) {
    if (!isAppError(error) || !(error.code === 'DOCKER_UNAVAILABLE' || error.code === 'PERMISSION_DENIED')) throw error;
    if (!forget) throw new AppError(error.code, error.message, { cause: error, hint: `${error.hint} Where that engine never comes back, give up what is on it: millwright station remove "${before.station}" --forget` });
    return forgetStation(services, before, reason, error.message);
  }
  const removed: string[] = [];
  const left: string[] = [];
  await withLease(services, stationId, 'remove', async () => {
    const gone = changeDeployment(services, stationId, { desired: 'removed' });
    await reconcileStation(services, engine, gone, { signal: context.signal, onLeft: (sentence) => { left.push(sentence); }, onStep: ({ name }) => { removed.push(name); context.progress({ stage: `Removing ${name}`, done: removed.length, total: 0 }); } });
    forgetDeployment(services, stationId);
  });
  note(services, 'station.removedFromEngine', before, { ...before, desired: 'removed' }, reason);
  return { stationId, removed, left };
}

async function forgetStation(services: Services, before: Deployment, reason: string | undefined, cause: string): Promise<Removed> {
  await withLease(services, before.id, 'remove', () => { forgetDeployment(services, before.id); return Promise.resolve(); });
  note(services, 'station.forgotten', before, { ...before, desired: 'removed' }, reason ?? cause);
  return { stationId: before.id, removed: [], left: leftBehind(before) };
}

/** The version on trial goes; the live one has served all the time. */
async function withdraw(services: Services, engine: Engine, before: Deployment, reason: string | undefined, { signal }: Context): Promise<Deployment> {
  const back = services.store.atomically(() => {
    const changed = changeDeployment(services, before.id, { candidate: null, trial: null, revision: before.revision + 1 });
    note(services, 'station.rolledBack', before, changed, reason);
    return changed;
  });
  if (back.desired === 'running') await follow(back, 'The end of the trial', signal);
  await reconcileStation(services, engine, back, { signal });
  return back;
}

export function splitStation(services: Services, { trial, ...acted }: Acted & { readonly trial: Trial }, { signal }: Context): Promise<ServingView> {
  return tellGateway(services, acted, { doing: 'split', done: 'station.split' }, (before) => { onTrial(before); return { trial }; }, signal);
}

export async function promoteStation(services: Services, { stationId, reason }: Acted, context: Context): Promise<ServingView> {
  const { engine, was } = await engineFor(services, stationId);
  const deployment = await withLease(services, stationId, 'promote', async () => {
    const { trial, desired, station } = onTrial(getDeployment(services, stationId));
    if (desired === 'stopped') throw new AppError('BAD_INPUT', `Station "${station}" was stopped, so the version on trial does not serve.`, { hint: `Start it first, or roll the version back: millwright station start "${station}"` });
    return switchVersion(services, engine, stationId, { withinMs: readyWithinMs, context, restore: ({ candidate }) => ({ candidate, trial }) });
  });
  note(services, 'station.promoted', was, deployment, reason);
  return viewStation(services, engine, deployment, context.signal);
}

export function holdStation(services: Services, { stationId, reason }: { readonly stationId: string; readonly reason: string | null }, { signal }: Context): Promise<ServingView> {
  const hold = reason === null ? null : { reason, since: new Date(services.clock()).toISOString() };
  return tellGateway(services, { stationId, reason: reason ?? undefined }, { doing: 'acceptance stop', ...(reason === null ? { done: 'station.released' } : { done: 'station.held', holds: 'The acceptance stop' }) }, () => ({ hold }), signal);
}

function onTrial(deployment: Deployment): Deployment {
  refuseRemoved(deployment);
  if (deployment.candidate === null || deployment.trial === null) throw new AppError('NOT_FOUND', `Station "${deployment.station}" has no version on trial.`, { hint: 'Deploy one with --canary or --shadow.' });
  return deployment;
}

async function bringUp(services: Services, engine: Engine, deployment: Deployment, { signal, progress }: Context): Promise<Deployment> {
  progress({ stage: 'Starting the containers', done: 1, total: 2 });
  await reconcileStation(services, engine, deployment, { signal });
  await awaitGateway(deployment, signal);
  const told = changeDeployment(services, deployment.id, { revision: deployment.revision + 1 });
  await putOrders(told, gatewayOrders(told), signal);
  progress({ stage: 'Waiting until it answers', done: 2, total: 2 });
  await awaitReady(engine, told, told.live, { withinMs: readyWithinMs, signal });
  return told;
}
