// Quantizes a model: prepares it, has it made, proven and blamed, and only then put in place with its receipt.
import type { QuantizeInput, QuantizeOutput } from '#shared/contract/optimize';
import { AppError } from '#shared/errors';
import { blockwiseOpset } from '#core/quantize/weights/quantizeBlocks';
import { openDataset, type OpenedDataset } from '../datasets/openDataset.ts';
import { refuseOverwrite } from '../files/writeFileAtomic.ts';
import { splitSamples } from '../quantize/feedsForProof.ts';
import { openLab } from '../quantize/openLab.ts';
import type { Prepared } from '../quantize/prepareTask.ts';
import { receiptPathOf } from '../quantize/receipt.ts';
import { learnsFromData, settingOf } from '../quantize/settings.ts';
import type { JobContext, Services } from '../Services.ts';
import { makeAuto, makeFixed } from './makeQuantized.ts';
import { modelRecords } from './modelRecords.ts';
import { judgedSamples, quantizeThreads, type Source } from './quantized.ts';
import { quantizeLarge } from './quantizeLarge.ts';
import { resolveModel } from './resolveModel.ts';
import { finish } from './storeQuantized.ts';

/** Samples to calibrate on where the user names no number; in parity mode all, as the reference takes. */
const defaultSamples = 256;

/**
 * @throws AppError ALREADY_EXISTS, BAD_MODEL, MODEL_UNSUPPORTED, NOTHING_TO_QUANTIZE, BAD_INPUT without calibration data, BAD_DATA, DISK_FULL;
 * nothing is left behind in any of these cases
 */
export async function quantizeModel(services: Services, given: QuantizeInput, context: JobContext): Promise<QuantizeOutput> {
  const startedAt = services.clock();
  let input = given;
  if (input.outputPath !== undefined) {
    await refuseOverwrite(input.outputPath, input.force);
    await refuseOverwrite(receiptPathOf(input.outputPath), input.force);
  }
  const setting = settingOf(input);
  const calibrates = input.recipe !== 'auto' && learnsFromData(setting);
  const resolved = await resolveModel(services, input.model);
  const source: Source = { ...resolved, classes: resolved.id === null ? null : modelRecords(services).get(resolved.id)?.labels ?? null };
  if (calibrates && !input.calibration) {
    throw new AppError('BAD_INPUT', `${setting.kind === 'static' ? 'Static INT8' : 'GPTQ'} needs calibration data.`, { hint: `Give 20 to 200 typical samples with --calibration; ${setting.kind === 'static' ? 'dynamic-int8, int4-weights and fp16 need none' : '--rounding nearest and hqq need none'}.` });
  }
  if (input.recipe === 'auto' && !input.proof) throw new AppError('BAD_USAGE', 'The automatic recipe finds its result by measuring, so it cannot go without proof.', { hint: 'Name a recipe, or leave --no-proof out.' });
  const lab = await openLab(services, context);
  let reader: OpenedDataset | null = null;
  try {
    context.progress({ stage: 'Preparing', done: 0, total: 0 });
    const prepared = await lab.call('quantize.prepare', { path: source.path, workDir: context.workDir, threads: quantizeThreads, parity: input.parity, opset: setting.kind === 'blocks' && setting.options.format === 'qdq' ? blockwiseOpset : input.parity ? 11 : 13, exclude: input.exclude, run: input.proof || !input.parity || calibrates });
    if (prepared.tooLarge) return await quantizeLarge({ services, lab, input: given, path: source.path, name: source.name, context, startedAt });
    if (input.recipe === 'fp16') refuseHalving(prepared);
    if (input.recipe === 'dynamic-int8') refuseOldOpset(prepared);
    input = { ...given, exclude: [...prepared.excluded] };
    prepared.changes.forEach((change) => context.log(change));
    const reads = input.proof || calibrates; // else no sample would be looked at
    reader = input.calibration && reads ? await openDataset(services, input.calibration, { inputs: prepared.inputs }) : null;
    if (reader && reader.length === 0) throw new AppError('BAD_DATA', 'The calibration data holds no samples.', { hint: 'Give 20 to 200 typical samples.' });
    const split = reader ? splitSamples(reader.length, input.samples ?? (input.parity ? reader.length : defaultSamples), judgedSamples[input.recipe === 'auto' ? 'auto' : 'fixed'], { first: input.parity, reserve: input.recipe === 'auto' }) : null;
    const made = input.recipe === 'auto'
      ? await makeAuto(services, lab, input, source, prepared, reader, split, context)
      : await makeFixed(lab, input, source, prepared, reader, split, context);
    context.signal.throwIfAborted();
    return await finish({ services, lab, input: given, source, prepared, reader, split, made, context, startedAt });
  } finally {
    await reader?.close();
    await lab.close();
  }
}

function refuseHalving({ half, floatWeightBytes }: Prepared): void {
  if (half) throw new AppError('NOTHING_TO_QUANTIZE', 'The model is in half precision already.', { hint: 'Try int8-weights, or auto with calibration data.' });
  if (floatWeightBytes === 0) throw new AppError('NOTHING_TO_QUANTIZE', 'The model has no float32 weights, so that half precision would save nothing.', { hint: 'Keep the original.' });
}

/** Dynamic INT8 is written in an operator that came with opset 11; where the model could not be raised to it, the reason is why. */
export function refuseOldOpset({ opset, findings }: Pick<Prepared, 'opset' | 'findings'>): void {
  if (opset >= 11) return;
  const why = findings.find(({ id }) => id.startsWith('OPSET_'));
  throw new AppError('MODEL_UNSUPPORTED', `Dynamic INT8 needs opset 11, and the model speaks ${opset}. ${why ? `${why.place}: ${why.message}` : ''}`.trim(), { hint: `${why?.remedy ?? 'Export the model again with a newer opset.'} Or take static-int8 or int8-weights.` });
}
