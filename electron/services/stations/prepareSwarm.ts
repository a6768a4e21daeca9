// Before a version goes to a Swarm: which nodes may have it, how many replicas there are, on which port, and what a person should know of the nodes that are left out.
import type { ParsedInputOf } from '#shared/contract/index';
import type { Deployment, DeploymentVersion, SwarmWish } from '#shared/contract/serving';
import { keptVersions } from '#core/stations/planStation';
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import type { Engine } from '../containers/Engine.ts';
import { listNodes, nodeIdOf, openNodeEngine, refuseUnlessManager, type SwarmNode } from '../containers/swarmNodes.ts';
import type { JobContext, Services } from '../Services.ts';
import { listDeployments, newGatewayKey } from './deployments.ts';
import { loadOnNode, planSwarmImage } from './swarmImages.ts';

export interface PreparedSwarm {
  readonly wish: SwarmWish;
  readonly imageId: string;
  readonly replicaPort: number;
  readonly replicaGrpcPort: number;
  readonly replicaSealed: boolean;
  readonly notes: readonly Finding[];
  /** The smallest of the nodes: any of them may have to run it. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

type Input = Pick<ParsedInputOf<'serving.deploy'>, 'target' | 'replicas' | 'nodes' | 'gpus' | 'engine'>;
type Version = Pick<DeploymentVersion, 'modelId' | 'servedName' | 'number' | 'prepared'>;

/** A station keeps its target. @throws BAD_INPUT */
export function isForSwarm({ target, replicas, nodes, gpus, engine }: Input, known: Deployment | null): boolean {
  const swarm = known === null ? target === 'swarm' : known.swarm !== null;
  if (known !== null && target !== undefined && (target === 'swarm') !== swarm) throw new AppError('BAD_INPUT', `Station "${known.station}" is deployed ${swarm ? 'to a Swarm' : 'on this machine'}.`, { hint: 'Remove the station first, or leave out --target.' });
  if (!swarm && (replicas !== undefined || nodes !== undefined)) throw new AppError('BAD_INPUT', 'Replicas and nodes belong to a Swarm.', { hint: 'Add --target swarm.' });
  if (swarm && gpus) throw new AppError('BAD_INPUT', 'Swarm hands no GPUs to a service.', { hint: 'Leave out --gpus, or deploy on one host without --target swarm.' });
  if (swarm && engine !== undefined && engine !== 'millwright') throw new AppError('BAD_INPUT', 'On a Swarm a station is served by Millwright\'s own runtime only.', { hint: 'Leave out --engine, or deploy on one host without --target swarm.' });
  return swarm;
}

export async function prepareSwarm(services: Services, engine: Engine, input: Input, known: Deployment | null, version: Version, context: Pick<JobContext, 'signal' | 'progress'>): Promise<PreparedSwarm> {
  const { signal } = context;
  await refuseUnlessManager(engine, signal);
  const all = await listNodes(engine, signal);
  const own = await nodeIdOf(engine, signal);
  const before = known?.swarm ?? null;
  const key = before?.key ?? newGatewayKey();
  const notes: Finding[] = [];
  const opened: { readonly node: SwarmNode; readonly url: string | null; readonly there: Engine }[] = [];
  const urls = input.nodes ?? before?.nodes.flatMap(({ url }) => (url === null ? [] : [url])) ?? [];
  for (const url of [null, ...new Set(urls)]) {
    await orLeftOut(url, async () => {
      const there = url === null ? engine : await openNodeEngine(services, url);
      const id = url === null ? own : await nodeIdOf(there, signal);
      const node = all.find((one) => one.id === id);
      if (!node) throw new AppError('BAD_INPUT', `The engine at ${url ?? engine.url} is not part of this Swarm.`, { hint: 'Let it join: `docker swarm join-token worker` on this machine prints the command.' });
      if (!opened.some((one) => one.node.id === id)) opened.push({ node, url, there });
    });
  }
  // Before anything is loaded: what is refused must leave no image behind.
  refuseTooMany(opened);
  const plan = await planSwarmImage(services, { key }, version, signal);
  const chosen: { readonly node: SwarmNode; readonly url: string | null; readonly imageId: string }[] = [];
  for (const { node, url, there } of opened) await orLeftOut(url, async () => { chosen.push({ node, url, imageId: await loadOnNode(there, node.name, plan, context) }); });
  const [first] = chosen;
  if (!first) throw new AppError('NOT_FOUND', 'No node of the Swarm can be given the image.');
  const other = chosen.find(({ imageId }) => imageId !== first.imageId);
  if (other) throw new AppError('DOCKER_REFUSED', `The engines of ${first.node.name} and ${other.node.name} keep the same image under two ids, so that one service cannot name it for both.`, { hint: 'Use the same image store on all nodes: containerd-snapshotter on or off in each daemon.json.' });
  for (const node of all) if (!chosen.some((one) => one.node.id === node.id) && !before?.nodes.some(({ id }) => id === node.id)) notes.push({ id: 'SWARM_NODE_UNUSED', severity: 'info', place: node.name, message: `The node ${node.name} has no replica: its engine was not named, and nobody has brought the image there.`, remedy: 'Name its engine with --nodes, and deploy again.' });
  notes.push({ id: 'SWARM_PORT_OPEN', severity: 'info', place: 'swarm', message: 'Each replica listens on its node for the gateway, for HTTP at one port and for gRPC at another, at all addresses of that node; its connections are encrypted, and who has not its key gets no answer.', remedy: 'Let the firewall of each node pass these ports from the manager only.' });
  const replicaSealed = known === null || known.gatewaySeals;
  if (!replicaSealed && known !== null) notes.push({ id: 'SWARM_UNENCRYPTED', severity: 'warning', place: 'swarm', message: 'Requests travel to the replicas unencrypted, and with them the key that the replicas want to see: the gateway of this station is of an earlier release.', remedy: `Give it the gateway of this release, and deploy again: millwright station restart "${known.station}"` });
  if (await apiVersion(engine, signal) < 1.44) notes.push({ id: 'SWARM_NEW_PRIVILEGES', severity: 'info', place: 'swarm', message: 'This engine cannot forbid new privileges for services; replicas still run without capabilities, as an ordinary user, on a read-only disk.', remedy: 'Set "no-new-privileges": true in the daemon.json of each node, or use Docker 25 or newer.' });
  const usable = chosen.filter(({ node }) => node.state === 'ready' && node.availability === 'active').length;
  const replicas = input.replicas ?? before?.replicas ?? Math.max(1, usable);
  refuseTooMany(chosen);
  const kept = (before?.nodes ?? []).filter(({ id }) => all.some((node) => node.id === id) && !chosen.some(({ node }) => node.id === id));
  const [replicaPort, replicaGrpcPort] = freeReplicaPorts(services);
  return {
    wish: { replicas, key, nodes: [...chosen.map(({ node, url }) => ({ id: node.id, name: node.name, address: node.address, url })), ...kept] },
    imageId: first.imageId, replicaPort, replicaGrpcPort, replicaSealed, notes,
    cpus: Math.min(...chosen.map(({ node }) => node.cpus).filter((cpus) => cpus > 0)), memoryBytes: Math.min(...chosen.map(({ node }) => node.memoryBytes).filter((bytes) => bytes > 0)),
  };

  /** A node that cannot be reached has no replica of this version; the engine of this machine must. */
  async function orLeftOut(url: string | null, work: () => Promise<void>): Promise<void> {
    signal.throwIfAborted();
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError) || url === null || error.code === 'BAD_INPUT' || error.code === 'BAD_USAGE') throw error;
      notes.push({ id: 'SWARM_NODE_LEFT_OUT', severity: 'warning', place: url, message: `${error.message.replace(/[.\s]+$/, '')}. This version has no replica there.`, remedy: 'When it answers again, deploy again: the image is loaded there then.' });
    }
  }

  function refuseTooMany(nodes: readonly { readonly node: SwarmNode }[]): void {
    const wanted = input.replicas ?? 1;
    if (wanted > nodes.length) throw new AppError('BAD_INPUT', `${wanted} replicas are asked for, and ${nodes.length === 1 ? 'one node' : `${nodes.length} nodes`} can be given the image: ${nodes.map(({ node }) => node.name).join(', ')}. A node runs one replica at the most.`, { hint: 'Name more engines with --nodes, or lower --replicas.' });
  }
}

const apiVersion = (engine: Engine, signal: AbortSignal): Promise<number> => engine.ask('Asking the engine for its version', async (docker) => docker.version(), { signal }).then(({ ApiVersion }) => Number(ApiVersion.replace(/^1\.(\d)$/, '1.0$1')));

const firstPort = 18_100;

/** For HTTP and for gRPC: the same on each node, and others for each version that is kept, so that two can run side by side. */
function freeReplicaPorts(services: Services): [number, number] {
  const taken = new Set(listDeployments(services).flatMap((one) => one.versions.filter(({ id }) => keptVersions(one).includes(id)).flatMap(({ replicaPort, replicaGrpcPort }) => [replicaPort, replicaGrpcPort])));
  const free = (from: number): number => (taken.has(from) ? free(from + 1) : from);
  const http = free(firstPort);
  return [http, free(http + 1)];
}
