// Waits until the replicas of a version answer the gateway, or says what keeps them from it, with the node and the last words of a log.
import type { Deployment } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { namesOf } from '#core/stations/planStation';
import { readLastLines } from '../containers/containerLogs.ts';
import type { Engine } from '../containers/Engine.ts';
import { listNodes } from '../containers/swarmNodes.ts';
import { stopGraceSeconds } from '../containers/stationSpecs.ts';
import { listTasks, nodeLabelOf, renewService, serviceContainers, updateState, wantedReplicas, type SwarmTask } from '../containers/swarmServices.ts';
import { gatewayStatus } from './gatewayClient.ts';

const pollMs = 200;
const inspectEveryMs = 1000;
/** Swarm tries again by itself; a version that ends so often will not do better the next time. */
const endsMax = 3;

interface Waiting { readonly withinMs: number; readonly signal: AbortSignal }

/** As many as the nodes that are up can have: a node that is down must not hold up an update. */
export async function awaitReplicas(engine: Engine, deployment: Deployment, version: string, { withinMs, signal }: Waiting): Promise<void> {
  const { swarm, slug, station } = deployment;
  if (swarm === null) return;
  const service = namesOf(slug).model(version);
  const startedAt = Date.now();
  let inspectedMs = 0;
  let wanted = swarm.replicas;
  for (;;) {
    signal.throwIfAborted();
    const status = await gatewayStatus(deployment, signal);
    const ready = status?.targets.find(({ id }) => id === version)?.replicas.filter((one) => one.ready).length ?? 0;
    const late = Date.now() - startedAt > withinMs;
    if (late || Date.now() - inspectedMs > inspectEveryMs) {
      inspectedMs = Date.now();
      const nodes = await listNodes(engine, signal);
      const usable = nodes.filter(({ state, availability, labels }) => state === 'ready' && availability === 'active' && labels[nodeLabelOf(deployment.id, version)] === 'yes').length;
      wanted = Math.max(1, Math.min(swarm.replicas, usable));
      const lately = (await listTasks(engine, service, signal)).filter(({ state, since }) => (state === 'failed' || state === 'rejected') && Date.parse(since) > startedAt - 2000);
      const [last] = lately;
      if (last && (late || lately.length >= endsMax)) throw await failed(`${nodes.find(({ id }) => id === last.nodeId)?.name ?? 'a node'} says: ${wordsOf(last)}`, hintOf(last));
      if (late && ready < wanted) throw await failed(`${ready} of ${wanted} replicas answered within ${Math.round(withinMs / 1000)} seconds`, 'Give it longer with --ready-within, and see that the manager reaches each node at the port of its replica.', 'TIMEOUT');
    }
    if (ready >= wanted) return;
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
  }

  async function failed(problem: string, hint: string, code: 'DOCKER_REFUSED' | 'TIMEOUT' = 'DOCKER_REFUSED'): Promise<AppError> {
    const words = (await lastWords(service)).join(' | ').slice(-400);
    return new AppError(code, `The new replicas of "${station}" do not serve: ${problem}.${words === '' ? '' : ` Their last words: ${words}`}`, { hint });
  }

  /** Of a replica on this node, whose engine is at hand. */
  async function lastWords(name: string): Promise<string[]> {
    const [container] = await serviceContainers(engine, [name], signal).catch(() => []);
    return container === undefined ? [] : readLastLines(engine, container.name, 3, signal).catch(() => []);
  }
}

/** As Docker's Engine API names the states that a task does not leave again. */
const ended: ReadonlySet<string> = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

/**
 * Before a version that was taken out of service is brought back: until the replicas that still finish their last requests have ended. They would be taken for
 * the new ones, which cannot start before the port of their node is free, and then nobody would serve. What ran on a node that is down is not waited for.
 */
export async function awaitEnded(engine: Engine, service: string, signal?: AbortSignal): Promise<void> {
  if (await wantedReplicas(engine, service, signal) !== 0) return;
  const startedMs = performance.now();
  while (performance.now() - startedMs < (stopGraceSeconds + 10) * 1000) {
    signal?.throwIfAborted();
    const left = (await listTasks(engine, service, signal)).filter(({ state }) => !ended.has(state));
    const up = left.length === 0 ? [] : (await listNodes(engine, signal)).filter(({ state }) => state === 'ready').map(({ id }) => id);
    if (!left.some(({ nodeId }) => nodeId !== null && up.includes(nodeId))) return;
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
  }
}

export const wordsOf = ({ error, exitCode }: SwarmTask): string => (exitCode === 137 ? 'the replica was killed, most likely because it needs more memory than its limit' : error.replace(/^task: /, '').replace(/[.\s]+$/, '') || `the replica ended with code ${exitCode ?? '?'}`);
export const hintOf = ({ error, exitCode }: SwarmTask): string => (exitCode === 137 ? 'Deploy again with a higher --memory.' : /no such image/i.test(error) ? 'Deploy again with the engine of that node in --nodes: the image is loaded there then.' : /port/i.test(error) ? 'Another program has the port on that node; end it, or deploy again, which takes another port.' : 'Read the log: millwright station logs NAME');

/** New containers for all replicas, one after the other, while the others answer. */
export async function rollReplicas(engine: Engine, deployment: Deployment, { withinMs, signal }: Waiting): Promise<void> {
  const service = namesOf(deployment.slug).model(deployment.live);
  await renewService(engine, service, deployment.station, signal);
  const startedAt = Date.now();
  const perReplicaMs = withinMs * Math.max(1, deployment.swarm?.replicas ?? 1);
  for (;;) {
    signal.throwIfAborted();
    const status = await updateState(engine, service, signal);
    if (status?.state === 'completed') return;
    if (status && status.state !== 'updating') throw new AppError('DOCKER_REFUSED', `The replicas of "${deployment.station}" could not be renewed (${status.state}): ${status.message}.`, { hint: 'Read the log: millwright station logs NAME' });
    if (Date.now() - startedAt > perReplicaMs) throw new AppError('TIMEOUT', `The replicas of "${deployment.station}" were not all renewed within ${Math.round(perReplicaMs / 1000)} seconds.`, { hint: 'Swarm goes on with it; look with: millwright station show NAME' });
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
  }
}
