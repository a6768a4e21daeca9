// millwright quantize
import { Option, type Command } from 'commander';
import { answerQuality } from '#shared/answerQuality';
import { activationTypes, blockFormats, blockSizes, calibrationMethods, corrections, recipes, roundings, type QuantizeOutput } from '#shared/contract/optimize';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';

interface QuantizeOptions {
  readonly output: string; readonly force?: boolean; readonly recipe: (typeof recipes)[number]; readonly calibration?: string; readonly schema?: string;
  readonly method: (typeof calibrationMethods)[number]; readonly perTensor?: boolean; readonly perChannel?: boolean; readonly activations: (typeof activationTypes)[number]; readonly reduceRange?: boolean;
  readonly blockSize?: (typeof blockSizes)[number]; readonly symmetric?: boolean; readonly asymmetric?: boolean; readonly rounding?: (typeof roundings)[number]; readonly format: (typeof blockFormats)[number];
  readonly exclude?: string[]; readonly blame?: boolean; readonly correct?: ((typeof corrections)[number] | 'none')[]; readonly maxDrop: number; readonly goal: 'speed' | 'size' | 'accuracy'; readonly samples?: number; readonly parity?: boolean; readonly proof: boolean; readonly budget: number;
}

const number = (name: string) => (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new AppError('BAD_USAGE', `${name} must be a number, not "${text}".`);
  return value;
};
const blockSizeOf = (text: string): (typeof blockSizes)[number] => {
  const size = blockSizes.find((one) => String(one) === text);
  if (size === undefined) throw new AppError('BAD_USAGE', `--block-size must be one of ${blockSizes.join(', ')}, not "${text}".`);
  return size;
};
/** Of a layer. */
const decibels = (sqnrDb: number | null) => (sqnrDb === null ? 'equal' : `${sqnrDb.toFixed(1)} dB`);
const share = (value: number | undefined) => (value === undefined ? '' : `${(value * 100).toFixed(1)} %`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

export function registerOptimize(program: Command, cli: CliContext): void {
  program.command('quantize <file>').description('make a model smaller and faster, prove it against the original, and say which layers suffered')
    .requiredOption('-o, --output <out>', 'where to write the quantized model; a receipt is written beside it')
    .addOption(new Option('--recipe <recipe>', 'auto measures the others and ships only what wins').choices(recipes).default('auto'))
    .option('--calibration <data>', 'typical samples; without labels is fine').option('--schema <file>', 'dataset.yaml that says how to prepare the samples')
    .addOption(new Option('--method <method>', 'how activation ranges are chosen').choices(calibrationMethods).default('minmax'))
    .option('--per-channel', 'a scale for each output channel (default)').option('--per-tensor', 'one scale per weight')
    .addOption(new Option('--activations <type>', 'type of activations').choices(activationTypes).default('u8'))
    .option('--reduce-range', 'INT8 weights in 7 bits: their sums saturate in no program, also on processors without VNNI')
    .addOption(new Option('--correct <names...>', 'corrections of static-int8 (default: float-products headroom; none turns them off)').choices([...corrections, 'none']))
    .addOption(new Option('--block-size <n>', `values that share a scale (${blockSizes.join(', ')}): int4-weights take 32, int8-weights one scale per output channel`).argParser(blockSizeOf))
    .addOption(new Option('--rounding <rounding>', 'of weights in blocks: gptq lowers the error with calibration data and is what is taken where there is some; else nearest').choices(roundings))
    .option('--symmetric', 'weights in blocks without zero points').option('--asymmetric', 'weights in blocks with zero points')
    .addOption(new Option('--format <format>', 'of weights in blocks: operators of the runtime, or of ONNX 21 alone').choices(blockFormats).default('nbits'))
    .option('--exclude <node...>', 'nodes to keep in float: names, type:Softmax, or patterns with *').option('--blame', 'measure what quantizing each layer alone does to the output').option('--max-drop <pct>', 'largest loss of accuracy allowed by auto, in percentage points', number('--max-drop'), 1)
    .addOption(new Option('--goal <goal>', 'what auto looks for').choices(['speed', 'size', 'accuracy']).default('speed'))
    .option('--samples <n>', 'calibrate on at most so many samples', number('--samples')).option('--budget <seconds>', 'how long auto may measure', number('--budget'), 120)
    .option('--no-proof', 'write the result without running it and comparing it with the original')
    .option('--parity', 'scales, zero points and weights equal to the Python reference').option('--force', 'replace an existing output')
    .addHelpText('after', `
Examples:
  millwright quantize model.onnx -o small.onnx --calibration ./images
  millwright quantize model.onnx -o int8.onnx --recipe static-int8 --calibration data.npz --method mse
  millwright quantize bert.onnx -o bert.int4.onnx --recipe int4-weights --json`)
    .action(cli.action(async (file: string, options: QuantizeOptions) => {
      if (options.perChannel && options.perTensor) throw new AppError('BAD_USAGE', '--per-channel and --per-tensor exclude each other.');
      if (options.symmetric && options.asymmetric) throw new AppError('BAD_USAGE', '--symmetric and --asymmetric exclude each other.');
      const output = await cli.runJob('models.quantize', {
        model: cli.model(file), outputPath: cli.path(options.output), force: options.force === true, recipe: options.recipe,
        ...(options.calibration === undefined ? {} : { calibration: cli.data(options.calibration, options.schema) }),
        method: options.method, perChannel: options.perTensor !== true, activations: options.activations, reduceRange: options.reduceRange === true, exclude: options.exclude ?? [], ...(options.blame ? { blame: true } : {}), ...(options.correct === undefined ? {} : { corrections: options.correct.filter((one) => one !== 'none') }),
        ...(options.blockSize === undefined ? {} : { blockSize: options.blockSize }), ...(options.symmetric || options.asymmetric ? { symmetricWeights: options.symmetric === true } : {}), ...(options.rounding === undefined ? {} : { rounding: options.rounding }), blockFormat: options.format,
        maxDropPercent: options.maxDrop, goal: options.goal, ...(options.samples === undefined ? {} : { samples: options.samples }),
        parity: options.parity === true, proof: options.proof, budgetMs: options.budget * 1000,
      });
      for (const finding of output.findings) if (finding.severity !== 'info') cli.note(`${finding.severity}: ${finding.message}${finding.remedy ? ` ${finding.remedy}` : ''}`);
      cli.result(output, () => describe(output, cli));
    }));
}

function describe(output: QuantizeOutput, cli: CliContext): string {
  const worst = output.layers.slice(0, 5);
  return [
    output.keptOriginal ? cli.style.bold('The original was kept.') : cli.style.bold(`${output.recipe}: ${megabytes(output.inputBytes)} -> ${megabytes(output.outputBytes)} (x ${output.ratio.toFixed(2)}), ${output.proven ? answerQuality(output) : 'not proven'}`),
    `${output.nodesQuantized} nodes quantized, ${output.nodesKept.length} kept in float, ${(output.durationMs / 1000).toFixed(1)} s`,
    ...(output.candidates.length ? [cli.table(['CANDIDATE', 'SIZE', 'SQNR', 'LATENCY', ''], output.candidates.map((c) => [c.name, c.sizeBytes ? megabytes(c.sizeBytes) : '', c.sizeBytes ? answerQuality(c) : '', c.latencyRatio === null ? '' : `x ${c.latencyRatio.toFixed(2)}`, c.chosen ? 'chosen' : c.rejectedBecause ?? '']))] : []),
    ...(worst.length ? ['Layers with the largest error:', cli.table(['NODE', 'OPERATOR', 'SQNR', 'ALONE', 'CLIPPED', 'UNUSED'], worst.map((l) => [l.node, l.operator ?? '', decibels(l.sqnrDb), l.aloneDb === undefined ? '' : decibels(l.aloneDb), share(l.clipShare), share(l.deadShare)]))] : []),
    `Written to ${output.outputPath}`,
  ].join('\n');
}
