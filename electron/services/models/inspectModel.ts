// Show and check: a model file read, checked and summarized; nothing is kept.
import type { ModelSummary } from '#shared/contract/models';
import type { ModelRef } from '#shared/contract/references';
import type { Finding } from '#shared/finding';
import { checkModel } from '#core/onnx/checkModel';
import { summarizeModel } from '#core/onnx/summarizeModel';
import type { Services } from '../Services.ts';
import { inexactFindings } from './pairSumFindings.ts';
import { readModelFile, type ModelFile } from './readModelFile.ts';
import { resolveModel } from './resolveModel.ts';

/** Findings on a file that is open, its external data included. */
export function findingsOf(file: ModelFile, signal?: AbortSignal): Finding[] {
  return [...checkModel(file.model, { files: file.external, signal }), ...inexactFindings(file)];
}

export function summaryOf(file: ModelFile, findings: readonly Finding[]): ModelSummary {
  return summarizeModel(file.model, { sha256: file.sha256, sizeBytes: file.totalBytes, findings });
}

/** What `model show` prints. Throws as readModelFile does. */
export async function showModel(services: Pick<Services, 'store'>, ref: ModelRef, signal?: AbortSignal): Promise<ModelSummary> {
  return withModel(services, ref, (file) => summaryOf(file, findingsOf(file, signal)), signal);
}

export async function checkModelFile(services: Pick<Services, 'store'>, ref: ModelRef, signal?: AbortSignal): Promise<{ findings: Finding[] }> {
  return withModel(services, ref, (file) => ({ findings: findingsOf(file, signal) }), signal);
}

/** Opens the model that is referred to, and closes its files whatever happens. */
export async function withModel<T>(services: Pick<Services, 'store'>, ref: ModelRef, work: (file: ModelFile) => T | Promise<T>, signal?: AbortSignal): Promise<T> {
  const { path } = await resolveModel(services, ref);
  const file = await readModelFile(path, signal);
  try {
    return await work(file);
  } finally {
    file.external.close();
  }
}
