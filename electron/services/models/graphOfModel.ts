// The nodes of a model for drawing: who reads whom, and how deep each is.
import type { ModelRef } from '#shared/contract/references';
import type { OutputOf } from '#shared/contract/index';
import { graphOutline } from '#core/onnx/graphOutline';
import type { Services } from '../Services.ts';
import { withModel } from './inspectModel.ts';

/** Throws as readModelFile does. */
export async function graphOfModel(services: Pick<Services, 'store'>, ref: ModelRef, signal?: AbortSignal): Promise<OutputOf<'models.graph'>> {
  return withModel(services, ref, (file) => ({ nodes: graphOutline(file.model) }), signal);
}
