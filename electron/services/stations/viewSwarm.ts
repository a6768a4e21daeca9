// What a person sees of a station on a Swarm: its replicas by node, and one sentence on who is missing and since when.
import type { Deployment, ServingView } from '#shared/contract/serving';
import type { GatewayStatus } from '#shared/gateway';
import { namesOf } from '#core/stations/planStation';
import type { Engine } from '../containers/Engine.ts';
import { listNodesIfManager, type SwarmNode } from '../containers/swarmNodes.ts';
import { listTasks, type SwarmTask } from '../containers/swarmServices.ts';
import { hintOf, wordsOf } from './awaitReplicas.ts';

export interface SwarmSeen {
  readonly view: NonNullable<ServingView['swarm']>;
  readonly containers: ServingView['containers'];
  /** Null where nothing is wrong. */
  readonly problem: { readonly reason: string; readonly hint: string } | null;
}

const atMostShown = 10;

export async function viewSwarm(engine: Engine, deployment: Deployment, status: GatewayStatus | null, signal?: AbortSignal): Promise<SwarmSeen> {
  const { swarm, slug, live, candidate, station } = deployment;
  if (swarm === null) throw new TypeError('not on a Swarm');
  const nodes = await listNodesIfManager(engine, signal);
  const answers = new Map((status?.targets.find(({ id }) => id === live)?.replicas ?? []).map((one) => [one.name, one]));
  const grpc = status === null ? deployment.versions.some(({ id, replicaGrpcPort }) => id === live && replicaGrpcPort !== null) : [...answers.values()].some((one) => one.grpc);
  const ready = [...answers.values()].filter((one) => one.ready).length;
  if (nodes === null) return { view: { replicas: swarm.replicas, ready, grpc, nodes: [] }, containers: [], problem: { reason: `The container engine does not manage the Swarm of this station any more; ${ready} of ${swarm.replicas} replicas ${ready === 1 ? 'answers' : 'answer'}.`, hint: 'Make it a manager of that Swarm again, or remove the station and deploy it anew.' } };
  const byVersion = await Promise.all([live, ...(candidate === null ? [] : [candidate])].map(async (version) => ({ version, service: namesOf(slug).model(version), tasks: await listTasks(engine, namesOf(slug).model(version), signal) })));
  const containers = byVersion.flatMap(({ version, service, tasks }) => tasks.filter(({ desired, nodeId }) => desired === 'running' && nodeId !== null).slice(0, atMostShown).map((task): ServingView['containers'][number] => ({
    name: `${service}.${task.slot}`, role: 'model', version, state: task.state, startedAt: task.since, exitCode: null, outOfMemory: false,
    restarts: tasks.filter(({ slot, state }) => slot === task.slot && state === 'failed').length, node: nodes.find(({ id }) => id === task.nodeId)?.name ?? task.nodeId ?? '',
  })));
  const view = {
    replicas: swarm.replicas, ready, grpc,
    nodes: nodes.map(({ id, name, address, state, availability }) => {
      const chosen = swarm.nodes.find((one) => one.id === id);
      const answer = chosen && answers.get(chosen.name);
      return { name, address, state, availability, chosen: chosen !== undefined, answers: answer?.ready === true, since: answer?.since ?? null };
    }),
  };
  return { view, containers, problem: ready >= swarm.replicas ? null : problemOf(station, swarm.replicas, ready, [...answers].filter(([, one]) => one.ready).map(([name]) => name), nodes.filter(({ id }) => swarm.nodes.some((one) => one.id === id)), byVersion[0]?.tasks ?? []) };
}

function problemOf(station: string, replicas: number, ready: number, where: readonly string[], nodes: readonly SwarmNode[], tasks: readonly SwarmTask[]): { readonly reason: string; readonly hint: string } {
  const count = ready === 0 ? `None of ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} answers` : `${ready} of ${replicas} replicas ${ready === 1 ? 'answers' : 'answer'}, on ${where.join(' and ')}`;
  const down = nodes.find(({ state }) => state !== 'ready');
  if (down) return { reason: `${count}; node ${down.name} does not answer the Swarm since ${down.changedAt.slice(0, 19)}Z.`, hint: `Bring ${down.name} back: its replica returns by itself. If it stays away, give another node the work: millwright deploy FILE --station "${station}" --nodes ADDRESS` };
  const drained = nodes.filter(({ availability }) => availability !== 'active');
  const first = drained[0];
  if (first) return { reason: `${count}; node ${drained.map(({ name }) => name).join(' and ')} ${drained.length === 1 ? 'takes' : 'take'} no replica (${first.availability}).`, hint: `When the work there is done: docker node update --availability active ${first.name}` };
  const ended = tasks.find(({ state }) => state === 'failed' || state === 'rejected');
  const starting = tasks.find(({ desired, state }) => desired === 'running' && (state === 'starting' || state === 'preparing'));
  if (ended && !starting) return { reason: `${count}; on ${nodes.find(({ id }) => id === ended.nodeId)?.name ?? 'a node'}: ${wordsOf(ended)}.`, hint: hintOf(ended) };
  return { reason: `${count}; Swarm is starting what is missing.`, hint: 'If this stays, read its log.' };
}
