// The part of a version that another engine needs: how its container is started, the texts of its repository, and what a person should know.
import { planEngine, type OtherEngineId } from '#core/engines/planEngine';
import { containerNotes } from '#core/engines/containerNotes';
import { engineContainerSchema, engineFacts, type ModelFormat } from '#shared/engines';
import { servedOptions } from '#shared/contract/runtimeOptions';
import type { DeploymentVersion } from '#shared/contract/serving';
import type { TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';

export type EnginePart = Pick<DeploymentVersion, 'engine' | 'container' | 'repository' | 'notes'>;

export const ownEngine: EnginePart = { engine: 'millwright', container: null, repository: null, notes: [] };

interface Wish {
  readonly engine: OtherEngineId;
  readonly format: ModelFormat;
  readonly servedName: string;
  readonly number: number;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly cpus: number;
  readonly gpus: boolean;
  /** Empty where the image names none. */
  readonly imageUser: string;
}

/** Everything is kept with the version, so that a container or volume that is lost is made anew just as it was. @throws BAD_INPUT, MODEL_UNSUPPORTED */
export function engineVersion({ engine, format, servedName, number, inputs, outputs, cpus, gpus, imageUser }: Wish): EnginePart {
  const plan = planEngine(engine, { name: servedName, version: number, format, inputs, outputs, threads: servedOptions(cpus).threads, batching: null, gpu: gpus });
  const container = engineContainerSchema.parse(plan); // leaves out what is no part of the container
  const modelAt = plan.files.find((file) => 'model' in file)?.path;
  if (modelAt === undefined) throw new AppError('INTERNAL', `The plan of ${engineFacts[engine].title} has no place for the model.`);
  return {
    engine, container, repository: { format, modelAt, texts: plan.files.flatMap((file) => ('text' in file ? [{ path: file.path, text: file.text }] : [])) },
    notes: [...containerNotes(engine, container, { model: servedName, imageUser }), ...plan.findings],
  };
}
