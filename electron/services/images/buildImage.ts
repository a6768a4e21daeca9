// Writes the serving image as one archive that old and new container engines load, without a registry and without a build in the engine.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { BuiltImage } from '#shared/contract/images';
import type { ParsedInputOf } from '#shared/contract/index';
import type { ModelRef } from '#shared/contract/references';
import type { Preparation } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { openAtomicTarget } from '../files/writeFileAtomic.ts';
import { translateFileError } from '../files/translateFileError.ts';
import { summaryOf, withModel } from '../models/inspectModel.ts';
import { resolveModel } from '../models/resolveModel.ts';
import { servedPreparation } from '../stations/servedPreparation.ts';
import type { JobContext, Services } from '../Services.ts';
import { planImage } from './planImage.ts';
import { servedNameOf } from './repositoryFiles.ts';
import { tarStream } from './tarStream.ts';

export async function buildImage(services: Services, input: ParsedInputOf<'images.build'>, context: Pick<JobContext, 'signal' | 'progress'>): Promise<BuiltImage> {
  const { signal, progress } = context;
  const startedMs = performance.now();
  if (input.name !== undefined && input.model === undefined) throw new AppError('BAD_USAGE', 'A name is given, but no model.', { hint: 'Name the model with --model FILE.' });
  const target = await openAtomicTarget(input.outputPath, { force: input.force });
  try {
    progress({ stage: 'Planning the layers', done: 0, total: 0 });
    const model = input.model === undefined ? null : await resolveModel(services, input.model);
    const prepared = input.model === undefined ? null : await preparationOf(services, input.model, signal);
    const plan = await planImage(services, { model: model === null ? null : { model, name: input.name ?? servedNameOf(model.name), prepared }, signal });
    let done = 0;
    const source = tarStream(plan.files, signal);
    source.on('data', (part: Uint8Array) => { done += part.length; progress({ stage: 'Writing the image', done, total: plan.sizeBytes }); });
    await pipeline(source, createWriteStream(target.tempPath, { flags: 'wx' }), { signal }).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw translateFileError(error, input.outputPath, 'write');
    });
    await target.commit();
    return {
      path: input.outputPath, sizeBytes: plan.sizeBytes, tag: plan.tag, imageId: plan.configDigest, manifestDigest: plan.manifestDigest,
      layers: plan.layers.map(({ name, diffId, sizeBytes }) => ({ name, diffId, sizeBytes })), durationMs: performance.now() - startedMs,
    };
  } finally {
    await target.discard();
  }
}

/** An image is of no station: what its model was validated with goes with it. */
async function preparationOf(services: Services, ref: ModelRef, signal: AbortSignal): Promise<Preparation> {
  const { sha256, inputs, outputs } = await withModel(services, ref, (file) => summaryOf(file, []), signal);
  return (await servedPreparation(services, { sha256, inputs, outputs, path: 'path' in ref ? ref.path : null }, { testId: null, before: null })).prepared;
}
