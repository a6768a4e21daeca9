// Looks at another engine once it serves: are its figures reachable, and who listens where. Findings, for the model is in service either way.
import { readFigures } from '#core/engines/readFigures';
import { judgeListeners } from '#core/stations/listeners';
import { namesOf } from '#core/stations/planStation';
import type { Deployment, DeploymentVersion } from '#shared/contract/serving';
import { engineFacts } from '#shared/engines';
import type { Finding } from '#shared/finding';
import { containerListeners } from '../containers/containerListeners.ts';
import type { Engine } from '../containers/Engine.ts';
import type { Services } from '../Services.ts';
import { changeDeployment, getDeployment } from './deployments.ts';
import { liveKind, versionSamples } from './gatewayClient.ts';

const checkIds: readonly string[] = ['GPU_USED', 'GPU_NOT_USED', 'ENGINE_METRICS', 'ENGINE_NO_METRICS', 'ENGINE_LISTENERS'];

/** Keeps what was found with the version. */
export async function checkEngine(services: Services, engine: Engine, deployment: Deployment, versionId: string, signal?: AbortSignal): Promise<Deployment> {
  const version = deployment.versions.find(({ id }) => id === versionId);
  if (!version) return deployment;
  if (!version.container && (!version.gpus || deployment.live !== versionId)) return deployment;
  const found = !version.container ? [await gpuFinding(deployment, version, signal)] : [await metricsFinding(deployment, version, version.container, signal), await listenersFinding(engine, deployment, version, version.container, signal)];
  const { versions } = getDeployment(services, deployment.id); // read anew: looking took a while
  return changeDeployment(services, deployment.id, { versions: versions.map((one) => (one.id === versionId ? { ...one, notes: [...one.notes.filter(({ id }) => !checkIds.includes(id)), ...found] } : one)) });
}

type Container = NonNullable<DeploymentVersion['container']>;

/** A GPU that was handed over and is not used must not go unnoticed. */
async function gpuFinding(deployment: Deployment, { servedName }: DeploymentVersion, signal: AbortSignal | undefined): Promise<Finding> {
  const kind = await liveKind(deployment, servedName, signal);
  if (kind === 'KIND_GPU') return { id: 'GPU_USED', severity: 'info', place: 'millwright', message: 'The model runs on the GPU.' };
  return { id: 'GPU_NOT_USED', severity: 'warning', place: 'millwright', message: 'The container has the GPUs, but the model runs on the processor: its image cannot use them.', remedy: 'Deploy with --image and the image that `millwright image recipe --cuda` describes; where that is the case already, its log says which library is missing.' };
}

async function metricsFinding(deployment: Deployment, { id, engine }: DeploymentVersion, { ports, metricsPath }: Container, signal: AbortSignal | undefined): Promise<Finding> {
  const { title } = engineFacts[engine];
  const place = `port ${ports.metrics}${metricsPath}`;
  const samples = await versionSamples(deployment, id, signal);
  if (samples === null) return { id: 'ENGINE_NO_METRICS', severity: 'warning', place: engine, message: `${title} does not tell its figures at ${place}: charts show what the gateway counts, and nothing of the engine itself.`, remedy: 'Use an image whose engine is built with Prometheus figures, and see its log for why it does not tell them.' };
  const known = Object.values(readFigures(engine, samples)).some((value) => value !== null);
  return { id: 'ENGINE_METRICS', severity: 'info', place: engine, message: known ? `Its figures are read from ${place}.` : `Its figures are read from ${place}; those of requests come with the first request.` };
}

async function listenersFinding(engine: Engine, deployment: Deployment, version: DeploymentVersion, { ports }: Container, signal: AbortSignal | undefined): Promise<Finding> {
  const listening = await containerListeners(engine, namesOf(deployment.slug).model(version.id), signal).catch((error: unknown) => { signal?.throwIfAborted(); if (error instanceof Error) return null; throw error; });
  return judgeListeners(listening, { title: engineFacts[version.engine].title, ports, published: { host: deployment.listen, http: deployment.port, grpc: deployment.grpcPort } });
}
