// Makes a model ready to be judged: its file, description, class names, and which outputs the runtime can hand over.
import type { ModelSummary } from '#shared/contract/models';
import type { ModelRef, TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { openSession } from '../inference/openSession.ts';
import { tensorInfos } from '../inference/tensorInfos.ts';
import { resolveModel } from '../models/resolveModel.ts';
import type { Services } from '../Services.ts';

export interface PreparedModel {
  /** The file that runs. */
  readonly path: string;
  /** The file that was named. */
  readonly sourcePath: string;
  readonly name: string;
  readonly id: string | null;
  readonly sha256: string;
  readonly summary: ModelSummary;
  readonly labels: readonly string[] | null;
  readonly inputs: readonly TensorInfo[];
  /** Outputs that are tensors; null where all are. */
  readonly fetches: readonly string[] | null;
  readonly changes: readonly string[];
  /** False where ranges are taken at run time over the whole batch, so that one sample's answer depends on the others. */
  readonly batches: boolean;
}

/** Throws NOT_FOUND, BAD_MODEL, or MODEL_UNSUPPORTED with the operator and the reason. */
export async function prepareModel(services: Services, ref: ModelRef, _workDir: string, _role: 'model' | 'reference', show: (ref: ModelRef) => Promise<ModelSummary>): Promise<PreparedModel> {
  const resolved = await resolveModel(services, ref);
  const summary = await show(ref);
  const session = await openSession(services, { path: resolved.path });
  await session.close();
  const tensors = session.outputs.filter((output) => output.type !== null);
  if (tensors.length === 0) throw new AppError('MODEL_UNSUPPORTED', `${resolved.name} has no output that is a tensor.`, { hint: 'Import the model first: the import takes such ends off.' });
  return {
    path: resolved.path, sourcePath: resolved.path, name: resolved.name, id: resolved.id, sha256: summary.sha256, summary, labels: resolved.labels,
    inputs: tensorInfos(session.inputs), fetches: tensors.length === session.outputs.length ? null : tensors.map(({ name }) => name), changes: [],
    batches: !Object.keys(summary.operators).some((operator) => /DynamicQuantize/.test(operator)),
  };
}
