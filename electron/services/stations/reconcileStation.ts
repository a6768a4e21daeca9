// Makes the engine have what the store says of one station: looks, plans, and does the steps in order. Doing it again changes nothing.
import { servedOptions } from '#shared/contract/runtimeOptions';
import type { Deployment, DeploymentVersion } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { firstOrders, gatewayOrders } from '#core/stations/gatewayOrders';
import { inLanes, keptVersions, namesOf, planStation, type ObservedStation, type Step } from '#core/stations/planStation';
import type { Engine } from '../containers/Engine.ts';
import { createGateway, createModel, createStationNetwork, createVolume, emptyStation, fillVolume, observeStations, removeContainer, removeEdgeIfEmpty, removeNetwork, removeVolume, startContainer, stopContainer } from '../containers/stationObjects.ts';
import { findImage } from '../containers/loadImage.ts';
import { gatewaySpec, modelSpec } from '../containers/stationSpecs.ts';
import { serviceSpec } from '../containers/swarmServices.ts';
import { resolveModel } from '../models/resolveModel.ts';
import { loadServingImage } from '../images/loadImageFile.ts';
import { repositoryFiles } from '../images/repositoryFiles.ts';
import { tarStream } from '../images/tarStream.ts';
import type { Services } from '../Services.ts';
import { engineRepository } from './engineRepository.ts';
import { isServiceStep, takeServiceStep } from './reconcileSwarm.ts';
import { tidyNodes } from './swarmImages.ts';
import { gatewayStatus, putOrders } from './gatewayClient.ts';
import { changeDeployment, ownerOf } from './deployments.ts';

export interface ReconcileOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is there, where the caller has looked already. */
  readonly observed?: ObservedStation;
  readonly onStep?: (step: Step) => void;
  /** A sentence on what could not be taken away. */
  readonly onLeft?: (sentence: string) => void;
}

/** Hash of what a version would be made from now. */
export function versionHash(deployment: Deployment, version: DeploymentVersion, owner: string): string {
  return deployment.swarm === null ? modelSpec(deployment, version, owner).hash : serviceSpec(deployment, version, deployment.swarm, owner).hash;
}

/** Answers the steps that were taken. */
export async function reconcileStation(services: Services, engine: Engine, deployment: Deployment, { signal, observed, onStep, onLeft }: ReconcileOptions = {}): Promise<Step[]> {
  const owner = ownerOf(services);
  const seen = observed ?? (await observeStations(engine, owner, signal)).get(deployment.id) ?? emptyStation;
  const versionOf = (id: string): DeploymentVersion => {
    const version = deployment.versions.find((one) => one.id === id);
    if (!version) throw new AppError('INTERNAL', `The station has no version ${id}.`);
    return version;
  };
  const steps = planStation(deployment, seen, { gateway: gatewaySpec(deployment, owner, gatewayOrders(deployment)).hash, model: (id) => versionHash(deployment, versionOf(id), owner) });
  if (steps.some((step) => step.do === 'createModel' || step.do === 'createGateway' || step.do === 'fillVolume')) await ensureImages(services, engine, deployment, steps, signal);
  const dropped = steps.filter((step) => step.do === 'removeService').map(({ name }) => name);
  const { first, lanes } = inLanes(steps, namesOf(deployment.slug));
  await inOrder(first);
  // All lanes end before an error is passed on: what follows must not meet a step that is still under way.
  const failed = (await Promise.allSettled(lanes.map(inOrder))).find((lane) => lane.status === 'rejected');
  if (failed) throw failed.reason;
  if (deployment.desired === 'removed') await removeEdgeIfEmpty(engine, signal);
  if (deployment.swarm !== null && (dropped.length > 0 || deployment.desired === 'removed')) {
    const kept = deployment.desired === 'removed' ? [] : keptVersions(deployment);
    const left = await tidyNodes(services, engine, deployment, kept, dropped, signal ?? new AbortController().signal);
    for (const sentence of left) { services.log.warn('Something of a station is left on a node.', { station: deployment.station, reason: sentence }); onLeft?.(sentence); }
  }
  return steps;

  async function inOrder(lane: readonly Step[]): Promise<void> {
    for (const step of lane) {
      signal?.throwIfAborted();
      onStep?.(step);
      await take(step);
    }
  }

  function take(step: Step): Promise<void> {
    if (isServiceStep(step)) return takeServiceStep(services, engine, deployment, step, versionOf, owner, signal);
    switch (step.do) {
      case 'createNetwork': return createStationNetwork(engine, deployment, owner, signal);
      case 'createVolume': return createVolume(engine, step.name, deployment, owner, signal);
      case 'fillVolume': return fill(versionOf(step.version));
      case 'createModel': return createModel(engine, deployment, versionOf(step.version), owner, signal);
      case 'createGateway': return createGateway(engine, deployment, owner, firstOrders(deployment), signal);
      case 'startContainer': return startContainer(engine, step.name, deployment.station, signal);
      case 'stopContainer': return stopContainer(engine, step.name, deployment.station, signal);
      case 'removeContainer': return removeContainer(engine, step.name, signal);
      case 'removeVolume': return removeVolume(engine, step.name, signal);
      case 'removeNetwork': return removeNetwork(engine, step.name, signal);
      default: throw new AppError('INTERNAL', 'Unexpected step.');
    }
  }

  /** What is copied is what was approved: another file under the same name is refused. */
  async function fill(version: DeploymentVersion): Promise<void> {
    if (version.container !== null) {
      const files = await engineRepository(services, version, signal);
      return fillVolume(engine, deployment, version, owner, () => tarStream(files, signal), signal);
    }
    if (version.modelId === null) throw new AppError('INTERNAL', `The version ${version.id} has no model.`);
    const model = await resolveModel(services, { id: version.modelId });
    const { files, sha256 } = await repositoryFiles(model, { name: version.servedName, version: version.number, threads: servedOptions(version.cpus).threads, tuning: version.tuning, prepared: version.prepared, ...(signal ? { signal } : {}) });
    if (sha256 !== version.modelSha256) throw new AppError('BAD_MODEL', `The file of ${version.modelName} is not the one that was deployed: its hash differs.`, { hint: 'Import the model again and deploy it as a new version.' });
    await fillVolume(engine, deployment, version, owner, () => tarStream(files, signal), signal);
  }
}

/** Images may have been pruned while a station was stopped; the one of this installation can be brought back, that of another engine cannot. */
async function ensureImages(services: Services, engine: Engine, deployment: Deployment, steps: readonly Step[], signal: AbortSignal | undefined): Promise<void> {
  const others = new Map(deployment.versions.flatMap((version) => (version.container === null ? [] : [[version.imageId, version] as const])));
  for (const imageId of new Set(steps.flatMap((step) => imagesFor(deployment, step)))) {
    if (await findImage(engine, { configDigest: imageId, manifestDigest: null }, signal) !== null) continue;
    const other = others.get(imageId);
    if (other) throw new AppError('NOT_FOUND', `The image ${other.imageTag ?? imageId} that "${deployment.station}" was deployed with is no longer on the engine.`, { hint: 'Load that image file again: millwright image load FILE.tar' });
    const { imageId: loaded } = await loadServingImage(services, engine, { signal: signal ?? new AbortController().signal, progress: () => undefined });
    if (loaded !== imageId) throw new AppError('NOT_FOUND', `The image that "${deployment.station}" was deployed with is no longer on the engine, and this version of Millwright has another one.`, { hint: 'Load that image file again, or deploy the model anew.' });
  }
}

function imagesFor({ gatewayImageId, versions }: Deployment, step: Step): string[] {
  if (step.do === 'createGateway') return [gatewayImageId];
  if (step.do !== 'createModel' && step.do !== 'fillVolume') return [];
  const version = versions.find(({ id }) => id === step.version);
  // A volume for another engine is filled by a container of the gateway's image.
  return version === undefined ? [] : [step.do === 'fillVolume' && version.container !== null ? gatewayImageId : version.imageId];
}

/** Tells the gateway what the store says, where it follows something else. The gateway may be a moment from listening. */
export async function renewOrders(services: Services, deployment: Deployment, signal?: AbortSignal): Promise<void> {
  if (deployment.desired !== 'running') return;
  const status = await gatewayStatus(deployment, signal);
  if (status === null || (status.revision === deployment.revision && status.live === deployment.live && (status.stopped === null) === (deployment.hold === null))) return;
  const current = status.revision < deployment.revision ? deployment : changeDeployment(services, deployment.id, { revision: status.revision + 1 });
  await putOrders(current, gatewayOrders(current), signal);
}
