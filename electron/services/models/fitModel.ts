// Does a model fit this machine's memory? The estimate of its peak against what is free now, within the limit of the container or group it runs in.
import { freemem, totalmem } from 'node:os';
import type { MemoryEstimate, ModelFit } from '#shared/contract/models';
import type { ModelRef } from '#shared/contract/references';
import { estimateMemory, type EstimateOptions } from '#core/onnx/estimateMemory';
import { probeContext, type ProbeContext } from '../machine/ProbeContext.ts';
import { noLimits, probeLimits } from '../machine/probes/limits.ts';
import type { Services } from '../Services.ts';
import { readModelFile } from './readModelFile.ts';
import { resolveModel } from './resolveModel.ts';

/** Beyond this share of the free memory a model is tight: what else runs needs some too, and the estimate may be too low. */
const tightShare = 0.7;

/** Throws as readModelFile does. */
export async function estimateFile(path: string, options: EstimateOptions, signal?: AbortSignal): Promise<MemoryEstimate> {
  const file = await readModelFile(path, signal);
  file.external.close(); // sizes stand in the model file
  return estimateMemory(file.model, options, signal);
}

export const fitVerdict = (estimatedBytes: number, freeBytes: number): ModelFit['verdict'] => (estimatedBytes > freeBytes ? 'does not fit' : estimatedBytes > tightShare * freeBytes ? 'tight' : 'fits');

/** What a new process may still take: free memory, or what is left below the limit of its group, whichever is less. */
export async function roomBytes(context: ProbeContext = probeContext()): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
  const { memoryBytes, memoryUsedBytes } = await probeLimits(context).catch(() => noLimits);
  const limit = memoryBytes !== null && memoryBytes < totalmem() ? memoryBytes : null;
  return { freeBytes: Math.max(0, limit === null ? freemem() : Math.min(freemem(), limit - (memoryUsedBytes ?? 0))), totalBytes: limit ?? totalmem() };
}

export async function fitModel(services: Pick<Services, 'store'>, ref: ModelRef, options: { readonly batch: number; readonly openSize: number }, signal?: AbortSignal): Promise<ModelFit> {
  const { path } = await resolveModel(services, ref);
  const estimate = await estimateFile(path, options, signal);
  const room = await roomBytes();
  return { verdict: fitVerdict(estimate.totalBytes, room.freeBytes), estimate, ...room };
}
