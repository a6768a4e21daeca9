// Makes a model ready to be judged: its file, description, class names, and ends that the runtime cannot hand over taken off.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelSummary } from '#shared/contract/models';
import type { ModelRef, TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { encodeModel } from '#core/onnx/encodeModel';
import { labelsOfMetadata } from '#core/onnx/labelsOfMetadata';
import { stripZipMap } from '#core/onnx/stripZipMap';
import { metadataOf } from '#core/onnx/summarizeModel';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import { openSession } from '../inference/openSession.ts';
import { tensorInfos } from '../inference/tensorInfos.ts';
import { findingsOf, summaryOf } from '../models/inspectModel.ts';
import { readModelFile } from '../models/readModelFile.ts';
import { resolveModel } from '../models/resolveModel.ts';
import type { JobContext, Services } from '../Services.ts';

export interface PreparedModel {
  /** The file that runs. */
  readonly path: string;
  /** The file that was named. */
  readonly sourcePath: string;
  readonly name: string;
  readonly id: string | null;
  /** Of the file that was named. */
  readonly sha256: string;
  readonly summary: ModelSummary;
  readonly labels: readonly string[] | null;
  readonly inputs: readonly TensorInfo[];
  /** Outputs that are tensors; null where all are. */
  readonly fetches: readonly string[] | null;
  /** What was changed to run it, one sentence each. */
  readonly changes: readonly string[];
  /** False where ranges are taken at run time over the whole batch, so that one sample's answer depends on the others. */
  readonly batches: boolean;
}

/** `role` names the file in the job's folder where the model has to be changed. Throws NOT_FOUND, BAD_MODEL, MODEL_UNSUPPORTED with the reason. */
export async function prepareModel(services: Services, ref: ModelRef, role: 'model' | 'reference', context: Pick<JobContext, 'signal' | 'killSignal' | 'workDir'>): Promise<PreparedModel> {
  const resolved = await resolveModel(services, ref);
  const file = await readModelFile(resolved.path, context.signal);
  try {
    const summary = summaryOf(file, findingsOf(file, context.signal));
    const stripped = stripZipMap(file.model);
    let { path } = resolved;
    // A changed copy lies elsewhere, where external data would not be found.
    if (stripped.changes.length > 0 && file.locations.length === 0) {
      path = join(context.workDir, `${role}.onnx`);
      await mkdir(context.workDir, { recursive: true });
      await writeFileAtomic(path, encodeModel(stripped.model), { force: true });
    }
    const session = await openSession(services, { path }, context.killSignal);
    await session.close();
    const tensors = session.outputs.filter((output) => output.type !== null);
    if (tensors.length === 0) throw new AppError('MODEL_UNSUPPORTED', `${resolved.name} has no output that is a tensor.`);
    return {
      path, sourcePath: resolved.path, name: resolved.name, id: resolved.id, sha256: file.sha256, summary,
      labels: resolved.record?.labels ?? stripped.labels ?? labelsOfMetadata(metadataOf(file.model)),
      inputs: tensorInfos(session.inputs), fetches: tensors.length === session.outputs.length ? null : tensors.map(({ name }) => name),
      changes: path === resolved.path ? [] : stripped.changes, batches: !Object.keys(summary.operators).some((operator) => /DynamicQuantize/.test(operator)),
    };
  } finally { file.external.close(); }
}
