// Puts another version of a station into service without a lost request: beside the live one, tried, switched to, and only then the old one is stopped.
import type { Deployment, Trial } from '#shared/contract/serving';
import { gatewayOrders } from '#core/stations/gatewayOrders';
import type { Engine } from '../containers/Engine.ts';
import type { JobContext, Services } from '../Services.ts';
import { awaitReady } from './awaitReady.ts';
import { changeDeployment, getDeployment } from './deployments.ts';
import { gatewayStatus, putOrders } from './gatewayClient.ts';
import { reconcileStation } from './reconcileStation.ts';

/** What the old version has in flight gets this long; its container finishes the rest when it is told to stop. */
const drainMs = 30_000;
const pollMs = 50;

/**
 * Within the lease of the caller, who has put `candidate` into the record. On failure the candidate is withdrawn (`restore` says what the record becomes)
 * and the live version has served all the time. A stopped station is started, with the new version alone; on failure it is stopped again.
 */
export async function switchVersion(services: Services, engine: Engine, stationId: string, { withinMs, trial = null, restore, context }: { readonly withinMs: number; /** Stops there: the new version stays beside the live one. */ readonly trial?: Trial | null; readonly restore: (deployment: Deployment) => Partial<Omit<Deployment, 'id' | 'operation'>>; readonly context: Pick<JobContext, 'signal' | 'progress' | 'log'> }): Promise<Deployment> {
  const { signal } = context;
  const stage = (name: string, done: number) => { signal.throwIfAborted(); context.progress({ stage: name, done, total: 4 }); };
  const deployment = getDeployment(services, stationId);
  const { candidate, live } = deployment;
  if (candidate === null) return deployment;
  // Of a stopped station nobody waits for an answer: the version that was live, which may be the reason for the stop, does not give one more. On trial the two serve together.
  const alone = deployment.desired === 'stopped' && trial === null;
  const started: Deployment = { ...deployment, desired: 'running', ...(alone ? { live: candidate, previous: live, candidate: null, trial: null } : {}) };
  try {
    stage('Starting the new version', 0);
    await reconcileStation(services, engine, started, { signal });
    await awaitGateway(started, signal);
    await putOrders(started, gatewayOrders(started), signal);
    stage('Waiting until it answers', 1);
    await awaitReady(engine, started, candidate, { withinMs, signal });
  } catch (error) {
    const back = changeDeployment(services, stationId, { candidate: null, trial: null, ...restore(getDeployment(services, stationId)), revision: deployment.revision + 1 });
    await putOrders(back, gatewayOrders(back)).catch(() => undefined);
    await reconcileStation(services, engine, back).catch((problem: unknown) => services.log.warn('What an update left could not be removed yet.', { station: back.station, error: String(problem) }));
    throw error;
  }
  // A station that was stopped is wished for as running only when it serves: a failure, or a crash, leaves it stopped.
  if (alone) return changeDeployment(services, stationId, { desired: 'running', live: candidate, previous: live, candidate: null, trial: null });
  if (trial !== null) {
    const tried = changeDeployment(services, stationId, { desired: 'running', trial, revision: deployment.revision + 1 });
    await putOrders(tried, gatewayOrders(tried));
    return tried;
  }
  // From here on the new version is in service: it is not taken back by a cancel.
  context.progress({ stage: 'Switching', done: 2, total: 4 });
  const switching = changeDeployment(services, stationId, { revision: deployment.revision + 1 });
  await putOrders(switching, gatewayOrders(switching, true));
  context.progress({ stage: `Letting ${live} finish`, done: 3, total: 4 });
  await drained(switching, live);
  const switched = changeDeployment(services, stationId, { live: candidate, previous: live, candidate: null, trial: null, revision: switching.revision + 1 });
  await putOrders(switched, gatewayOrders(switched));
  await reconcileStation(services, engine, switched);
  return switched;
}

/** A published port accepts before the gateway listens: its own answer counts. */
export async function awaitGateway(deployment: Deployment, signal: AbortSignal, withinMs = 20_000): Promise<void> {
  const startedMs = performance.now();
  while (await gatewayStatus(deployment, signal) === null && performance.now() - startedMs < withinMs) {
    signal.throwIfAborted();
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
  }
}

async function drained(deployment: Deployment, version: string): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const status = await gatewayStatus(deployment);
    const inFlight = status?.targets.find(({ id }) => id === version)?.inFlight ?? 0;
    if (status !== null && inFlight === 0) return;
    if (performance.now() - startedMs > drainMs) return;
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
  }
}
