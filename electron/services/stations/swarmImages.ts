// Brings a version's image, with the model in it, to the nodes of a Swarm, marks those that have it, and takes both away again.
import { createHash } from 'node:crypto';
import type { Deployment, DeploymentVersion, SwarmWish } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import type { Engine } from '../containers/Engine.ts';
import { findImage, loadImage } from '../containers/loadImage.ts';
import { refuseOtherPlatform } from '../containers/refuseOtherPlatform.ts';
import { listNodesIfManager, markNode, openNodeEngine } from '../containers/swarmNodes.ts';
import { listTags, nodeLabelOf, removeImage, serviceContainers } from '../containers/swarmServices.ts';
import { planImage, type ImagePlan } from '../images/planImage.ts';
import { imageNameOf } from '../images/repositoryFiles.ts';
import { tarStream } from '../images/tarStream.ts';
import { resolveModel } from '../models/resolveModel.ts';
import type { JobContext, Services } from '../Services.ts';

type Progress = Pick<JobContext, 'signal' | 'progress'>;
type Version = Pick<DeploymentVersion, 'modelId' | 'servedName' | 'number' | 'prepared'>;

/** Named after station and version, so that no later one takes the name away and leaves it to be pruned. */
const tagOf = (swarm: Pick<SwarmWish, 'key'>, { servedName, number }: Version) => `millwright/swarm-${imageNameOf(servedName)}:${markOf(swarm)}-v${number}`;
const markOf = ({ key }: Pick<SwarmWish, 'key'>) => createHash('sha256').update(key).digest('hex').slice(0, 8);

export async function planSwarmImage(services: Services, swarm: Pick<SwarmWish, 'key'>, version: Version, signal: AbortSignal): Promise<ImagePlan> {
  if (version.modelId === null) throw new AppError('INTERNAL', 'A version of a Swarm has no model.');
  return planImage(services, { model: { model: await resolveModel(services, { id: version.modelId }), name: version.servedName, version: version.number, prepared: version.prepared, tag: tagOf(swarm, version) }, signal });
}

/** Answers the id there, which must be the same everywhere, for the service names one image only. */
export async function loadOnNode(node: Engine, name: string, plan: ImagePlan, { signal, progress }: Progress): Promise<string> {
  await refuseOtherPlatform(node, signal);
  const { id } = await loadImage(node, { archive: () => tarStream(plan.files, signal), sizeBytes: plan.sizeBytes, ids: plan, tag: plan.tag, signal, progress: (stage, done, total) => progress({ stage: `${stage} to ${name}`, done, total }) });
  return id;
}

/** Before replicas are started: every node that can be reached has the image and the mark; what cannot be reached keeps what it had. @throws NOT_FOUND where no node has the image */
export async function ensureOnNodes(services: Services, engine: Engine, deployment: Deployment, version: DeploymentVersion, context: Progress): Promise<void> {
  const { swarm } = deployment;
  if (swarm === null) return;
  let plan: ImagePlan | null = null;
  let ready = 0;
  for (const { id, name, url } of swarm.nodes) {
    context.signal.throwIfAborted();
    try {
      const node = url === null ? engine : await openNodeEngine(services, url, name);
      if (await findImage(node, { configDigest: version.imageId, manifestDigest: null }, context.signal) === null) {
        plan ??= await planSwarmImage(services, swarm, version, context.signal);
        if (await loadOnNode(node, name, plan, context) !== version.imageId) throw new AppError('NOT_FOUND', `The image that "${deployment.station}" was deployed with is no longer on ${name}, and this version of Millwright has another one.`, { hint: 'Deploy the model anew.' });
      }
      await markNode(engine, id, nodeLabelOf(deployment.id, version.id), true, context.signal);
      ready += 1;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof AppError) || url === null) throw error;
      services.log.warn('A node of the Swarm was left out.', { station: deployment.station, node: name, reason: error.message });
    }
  }
  if (ready === 0) throw new AppError('NOT_FOUND', `No node of the Swarm has the image of "${deployment.station}".`, { hint: 'See that the engines of the nodes can be reached, and deploy again with --nodes.' });
}

const goneWithinMs = 60_000;

/** After services were removed: waits until their containers are gone, then takes images and marks away. Answers a sentence for each node that keeps something. */
export async function tidyNodes(services: Services, engine: Engine, deployment: Deployment, kept: readonly string[], serviceNames: readonly string[], signal: AbortSignal): Promise<string[]> {
  const { swarm } = deployment;
  if (swarm === null) return [];
  const left: string[] = [];
  // By their names, for a version that never served is in no record any more.
  const prefix = nodeLabelOf(deployment.id, '');
  const nodes = await listNodesIfManager(engine, signal);
  if (nodes === null) left.push('The container engine does not manage the Swarm any more: what is left of the service goes with that Swarm.');
  for (const { id, labels } of nodes ?? []) for (const label of Object.keys(labels)) if (label.startsWith(prefix) && !kept.includes(label.slice(prefix.length))) await markNode(engine, id, label, false, signal);
  const ending = `:${markOf(swarm)}-`;
  const isGone = (tag: string) => tag.startsWith('millwright/swarm-') && tag.includes(ending) && !kept.includes(tag.slice(tag.indexOf(ending) + ending.length));
  for (const { name, url } of swarm.nodes) {
    try {
      const node = url === null ? engine : await openNodeEngine(services, url, name);
      const startedMs = performance.now();
      while ((await serviceContainers(node, serviceNames, signal)).length > 0 && performance.now() - startedMs < goneWithinMs) { signal.throwIfAborted(); await new Promise((resolve) => { setTimeout(resolve, 200); }); }
      for (const tag of (await listTags(node, signal)).filter(isGone)) if (await removeImage(node, tag, signal) === false) left.push(`${name} keeps the image ${tag}: something there uses it.`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      left.push(`${name} does not answer: its replica goes when it is back. Its images stay; remove them there, by the names millwright/swarm-…${ending}…`);
    }
  }
  return left;
}
