// The steps of a station that concern its services on a Swarm.
import type { Deployment, DeploymentVersion } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import type { Step } from '#core/stations/planStation';
import type { Engine } from '../containers/Engine.ts';
import { createService, removeService, scaleService, serviceSpec, updateService } from '../containers/swarmServices.ts';
import type { Services } from '../Services.ts';
import { awaitEnded } from './awaitReplicas.ts';
import { ensureOnNodes } from './swarmImages.ts';

type ServiceStep = Extract<Step, { readonly do: 'createService' | 'updateService' | 'scaleService' | 'removeService' }>;

export const isServiceStep = (step: Step): step is ServiceStep => step.do === 'createService' || step.do === 'updateService' || step.do === 'scaleService' || step.do === 'removeService';

export async function takeServiceStep(services: Services, engine: Engine, deployment: Deployment, step: ServiceStep, version: (id: string) => DeploymentVersion, owner: string, signal: AbortSignal | undefined): Promise<void> {
  const { swarm, station } = deployment;
  if (step.do === 'removeService') return removeService(engine, step.name, signal);
  if (swarm === null) throw new AppError('INTERNAL', 'A station on one host has no services.');
  const wanted = version(step.version);
  if (step.replicas > 0) {
    await ensureOnNodes(services, engine, deployment, wanted, { signal: signal ?? new AbortController().signal, progress: () => undefined });
    await awaitEnded(engine, step.name, signal);
  }
  const { spec } = serviceSpec(deployment, wanted, swarm, owner);
  if (step.do === 'createService') return createService(engine, spec, step.replicas, station, signal);
  if (step.do === 'updateService') return updateService(engine, step.name, spec, step.replicas, station, signal);
  return scaleService(engine, step.name, step.replicas, station, signal);
}
