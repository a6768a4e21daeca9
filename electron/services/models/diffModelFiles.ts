// Compares the structure of two model files.
import type { ModelDiff } from '#shared/contract/models';
import type { ModelRef } from '#shared/contract/references';
import { diffModels } from '#core/onnx/diffModels';
import type { Services } from '../Services.ts';
import { withModel } from './inspectModel.ts';

/** Throws as readModelFile does. */
export async function diffModelFiles(services: Pick<Services, 'store'>, a: ModelRef, b: ModelRef, signal?: AbortSignal): Promise<ModelDiff> {
  return withModel(services, a, (before) => withModel(services, b, (after) => diffModels(before.model, after.model), signal), signal);
}
