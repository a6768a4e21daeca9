// Quantizes the weights of a model whose external data does not fit in memory: tensor by tensor, result and receipt in place at the end.
import { copyFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { QuantizeInput, QuantizeOutput } from '#shared/contract/optimize';
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import { translateFileError } from '../files/translateFileError.ts';
import { openAtomicTarget, refuseOverwrite, writeFileAtomic } from '../files/writeFileAtomic.ts';
import type { LabConnection } from '../quantize/openLab.ts';
import { receiptPathOf, type QuantizeReceipt } from '../quantize/receipt.ts';
import { dynamicSetting, settingOf } from '../quantize/settings.ts';
import type { StreamSetting } from '../quantize/streamTask.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';

export interface QuantizeLargeInput {
  readonly services: Services; readonly lab: LabConnection; readonly input: QuantizeInput; readonly path: string; readonly name: string;
  readonly context: JobContext; readonly startedAt: number;
}

/** @throws AppError MODEL_UNSUPPORTED for recipes that need the whole model at once; ALREADY_EXISTS, DISK_FULL; nothing is left behind */
export async function quantizeLarge({ services, lab, input, path, name, context, startedAt }: QuantizeLargeInput): Promise<QuantizeOutput> {
  const setting = streamSetting(input);
  const { outputPath } = input;
  if (!setting) throw new AppError('MODEL_UNSUPPORTED', `The weights of this model lie in files too large to hold in memory, and ${input.recipe} needs them all at once.`, { hint: 'Use --recipe int4-weights or --recipe dynamic-int8: these go through the weights one by one.' });
  if (outputPath === undefined) throw new AppError('BAD_INPUT', 'A model of this size is written beside its data, so it needs a place.', { hint: 'Say where with -o.' });
  const dataName = `${basename(outputPath)}.data`;
  const dataPath = join(dirname(outputPath), dataName);
  await refuseOverwrite(dataPath, input.force);
  context.progress({ stage: 'Quantizing tensor by tensor', done: 0, total: 0 });
  const streamed = await lab.call('quantize.stream', { path, workDir: context.workDir, dataName, setting, threads: 0 });
  const findings: Finding[] = [{
    id: 'QUANTIZE_JUDGED_BY_LAYERS', severity: 'info', place: 'outputs',
    message: `The original does not fit in memory, so ${streamed.layers.length} of its matrix products were run alone on random input, before and after; the ratio given is theirs. ${streamed.notRun === null ? 'The result was loaded and run as a whole.' : `The result was loaded; it was not run: ${streamed.notRun}`}`,
    remedy: 'Compare both on your data where there is memory for it: `millwright compare`.',
  }];
  const figures = {
    recipe: input.recipe, inputSha256: streamed.inputSha256, outputSha256: streamed.sha256, inputBytes: streamed.inputBytes, outputBytes: streamed.sizeBytes, ratio: streamed.sizeBytes / streamed.inputBytes,
    sqnrDb: streamed.sqnrDb, compared: streamed.sqnrDb !== null, proven: true, nodesQuantized: streamed.quantized.length, nodesKept: [...streamed.kept], layers: [...streamed.layers], durationMs: services.clock() - startedAt, findings,
    keptOriginal: false, candidates: [], nullControl: null,
  };
  const { model: _model, outputPath: _path, force: _force, calibration: _data, ...settings } = input;
  const receipt: QuantizeReceipt = {
    kind: 'millwright.quantize', version: 1, madeAt: new Date(services.clock()).toISOString(), millwright: services.version, settings,
    calibration: { samples: 0, judged: 0, heldOut: false, set: null }, changes: ['The weights were read, quantized and written one tensor at a time; they lie in a file beside the model.'], result: figures,
  };
  context.signal.throwIfAborted();
  context.progress({ stage: 'Storing', done: 0, total: 0 });
  const target = await openAtomicTarget(outputPath, { force: input.force });
  const data = await openAtomicTarget(dataPath, { force: input.force });
  try {
    await rm(data.tempPath, { force: true });
    await rename(streamed.dataPath, data.tempPath).catch(() => copyFile(streamed.dataPath, data.tempPath)).catch((error: unknown) => { throw translateFileError(error, dataPath, 'write'); });
    await copyFile(streamed.path, target.tempPath).catch((error: unknown) => { throw translateFileError(error, outputPath, 'write'); });
    await data.commit();
    await writeFileAtomic(receiptPathOf(outputPath), `${JSON.stringify(receipt, null, 2)}\n`, { force: input.force });
    await target.commit();
  } catch (error) {
    await data.discard();
    await target.discard();
    throw error;
  }
  services.store.audit.append({ actor: actorOf(services), action: 'model.quantized', subject: name, detail: { recipe: input.recipe, inputSha256: streamed.inputSha256, outputSha256: streamed.sha256, sqnrDb: figures.sqnrDb, keptOriginal: false, modelId: null } });
  return { ...figures, outputPath, modelId: null };
}

function streamSetting(input: QuantizeInput): StreamSetting | null {
  if (input.recipe === 'dynamic-int8') return dynamicSetting(input);
  // Data is not run through a model that does not fit.
  const setting = settingOf({ ...input, rounding: input.rounding ?? 'nearest' });
  if (setting.kind !== 'blocks') return null;
  if (setting.rounding === 'gptq') throw new AppError('MODEL_UNSUPPORTED', 'The weights of this model lie in files too large to hold in memory, and GPTQ runs the whole model on your data.', { hint: 'Leave --rounding out: round to nearest needs no data.' });
  if (setting.options.format === 'qdq') throw new AppError('MODEL_UNSUPPORTED', 'The weights of this model lie in files too large to hold in memory, so its operator set cannot be raised to 21.', { hint: 'Leave --format out.' });
  return setting;
}
