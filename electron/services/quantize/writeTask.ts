// Writes one candidate: plans and rewrites the prepared model by a setting, and stores the file in the job's scratch folder.
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import { correctBiases } from '#core/quantize/correct/correctBiases';
import type { roundings } from '#shared/contract/optimize';
import type { ColumnRounder } from '#core/quantize/blocks/BlockScheme';
import { sumOfGrams, type InputGram } from '#core/quantize/blocks/inputGram';
import { compensatedRounder } from '#core/quantize/blocks/roundCompensated';
import { roundHalfQuadratic } from '#core/quantize/blocks/roundHalfQuadratic';
import { roundNearest } from '#core/quantize/blocks/roundNearest';
import { roundedWeight } from '#core/quantize/correct/roundedWeight';
import { integerTypes } from '#core/quantize/numerics/integerTypes';
import type { RangeMethod } from '#core/quantize/observers/chooseRange';
import { shareDuplicates } from '#core/quantize/graph/shareDuplicates';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { planStatic, writePlanned } from '#core/quantize/static/quantizeStatic';
import { ruleOf } from '#core/quantize/static/operatorRules';
import { rangeKey, type StaticOptions } from '#core/quantize/static/StaticOptions';
import { walkScopes, nodeLabel } from '#core/quantize/static/walkScopes';
import { quantizeDynamic, type DynamicOptions } from '#core/quantize/weights/quantizeDynamic';
import { quantizeBlocks, type BlockOptions, type RounderOf } from '#core/quantize/weights/quantizeBlocks';
import { minElements, packWeights, type PackOptions, type WeightForm } from '#core/quantize/weights/packWeights';
import { toFloat16 } from '#core/quantize/weights/toFloat16';
import type { RewriteResult } from '#core/quantize/weights/rewriteScopes';
import { becauseOf } from './becauseOf.ts';
import { collectGarbage } from './collectGarbage.ts';
import { theLab, type Lab } from './lab.ts';
import { rangesOf } from './ranges.ts';
import { writeModel } from './writeModel.ts';

const unreached = 'no calibration sample reached it';
const nonFinite = 'values of it are NaN or infinite on the calibration data, for which integers have no room';

export type Rounding = (typeof roundings)[number];

export type Setting =
  | { readonly kind: 'static'; readonly options: StaticOptions; readonly method: RangeMethod; readonly parity: boolean; /** Ranges for values a little beyond those that were seen. */ readonly headroom?: boolean; /** Take out of the biases what rounding the weights adds to the means. */ readonly correctBias?: boolean; /** Layers kept in float still store their weights small: by node name, INT8 where nothing is said. */ readonly packKept?: ReadonlyMap<string, WeightForm> }
  | { readonly kind: 'dynamic'; readonly options: DynamicOptions }
  | { readonly kind: 'blocks'; readonly options: BlockOptions; readonly rounding: Rounding }
  | ({ readonly kind: 'weights'; readonly correctBias?: boolean } & PackOptions)
  | { readonly kind: 'fp16'; readonly keep: ReadonlyMap<string, string> };

export interface Written {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly quantized: readonly { readonly node: string; readonly operator: string; readonly outputs: readonly string[]; readonly scope: string }[];
  readonly kept: readonly { readonly node: string; readonly reason: string }[];
  /** Weights changed by the half range: FP16 only. */
  readonly clamped: number;
}

/**
 * @param last no other candidate will be written: the float weights leave the memory
 * @throws AppError NOTHING_TO_QUANTIZE; DISK_FULL
 */
export async function writeTask({ setting, name, last = false }: { readonly setting: Setting; readonly name: string; readonly last?: boolean }): Promise<Written> {
  const lab = theLab();
  const written = writeCandidate(lab, setting, join(lab.workDir, `${name}.onnx`));
  if (last) {
    lab.whole = null;
    collectGarbage();
  }
  return written;
}

/** Without a gram (a table, or inputs that no sample reached) GPTQ is round to nearest. The factor of one weight at a time: it is as large as the weight. */
export function roundersOf(rounding: Rounding, grams: ReadonlyMap<string, InputGram>): RounderOf {
  let last: { readonly inputs: string; readonly round: ColumnRounder } | null = null;
  return (inputs) => {
    if (rounding === 'hqq') return roundHalfQuadratic;
    const known = rounding === 'gptq' && inputs !== null ? inputs.filter((input) => grams.has(input)) : [];
    const key = known.join('\n');
    if (known.length === 0) return roundNearest;
    if (last?.inputs !== key) {
      const gram = sumOfGrams(known.map((input) => grams.get(input)!));
      last = { inputs: key, round: (gram && compensatedRounder(gram)) ?? roundNearest };
    }
    return last.round;
  };
}

const wholeModel = (lab: Lab): ModelProto => (lab.whole ??= lab.weights.resolve(lab.model));

function writeCandidate(lab: Lab, setting: Setting, path: string): Written {
  const { model, quantized, kept, clamped, dequantized, covered } = setting.kind === 'static' ? writeStaticSetting(lab, setting) : { clamped: 0, ...rewrite(lab, setting), dequantized: null, covered: null };
  if (!quantized.length) throw new AppError('NOTHING_TO_QUANTIZE', `No node of the model can be quantized by this recipe${becauseOf(kept[0])}.`);
  if (!(setting.kind === 'static' && setting.parity)) shareDuplicates(model);
  model.producerName = 'millwright';
  const { sha256, sizeBytes } = writeModel(path, model);
  // After weight-only rewriting every tensor keeps its name.
  lab.dequantized.set(path, dequantized ?? new Map(quantized.flatMap(({ scope, outputs }) => outputs.map((o) => [rangeKey(scope, o), o] as const))));
  if (covered) lab.covered.set(path, covered);
  return { path, sha256, sizeBytes, quantized, kept, clamped };
}

function rewrite(lab: Lab, setting: Exclude<Setting, { kind: 'static' }>): RewriteResult & { readonly clamped?: number } {
  switch (setting.kind) {
    case 'dynamic': return quantizeDynamic(wholeModel(lab), setting.options);
    case 'blocks': return quantizeBlocks(wholeModel(lab), setting.options, roundersOf(setting.rounding, lab.grams));
    case 'weights': return packWeights(setting.correctBias ? withBiases(lab, (label, elements) => !setting.keep.has(label) && elements >= minElements && (setting.forms.get(label) ?? 'int8') === 'int8', { perChannel: true, reduceRange: false }) : wholeModel(lab), setting);
    case 'fp16': return toFloat16(wholeModel(lab), setting.keep);
  }
}

/** The model with biases corrected for the weights that will be INT8. */
function withBiases(lab: Lab, isInt8: (label: string, elements: number) => boolean, { perChannel, reduceRange }: Pick<StaticOptions, 'perChannel' | 'reduceRange'>): ModelProto {
  return correctBiases(wholeModel(lab), lab.channelInputs, ({ label }, data, dims, axis) => (isInt8(label, data.length) ? roundedWeight(data, dims, perChannel ? axis : null, reduceRange) : null)).model;
}

function writeStaticSetting(lab: Lab, setting: Extract<Setting, { kind: 'static' }>) {
  const { options, packKept, correctBias } = setting;
  const ranges = new Map(rangesOf(lab, setting));
  // Of a Softmax that stays float beside infinite values nobody observed the answers, for their range is known.
  if (lab.nonFinite.size > 0) for (const { path, graph } of walkScopes(lab.model)) for (const { opType, output: [name = ''] } of graph.node) {
    if (opType === 'Softmax' && !ranges.has(rangeKey(path, name))) ranges.set(rangeKey(path, name), { low: 0, high: 1 });
  }
  let settled = options;
  // The layers kept in float are corrected only where their weights are stored as INT8.
  const source = correctBias ? withBiases(lab, (label, elements) => !options.keep.has(label) || (packKept !== undefined && elements >= minElements && (packKept.get(label) ?? 'int8') === 'int8'), options) : wholeModel(lab);
  let plan = planStatic(source, settled);
  for (let round = 0; round < 10; round++) {
    const missing = plan.observe.filter((key) => !ranges.has(key));
    if (!missing.length) break;
    // No sample reached these tensors (a branch of an If that was never taken), or they take values without a range (a mask of -infinity): what touches them stays float.
    const keep = new Map(settled.keep);
    const unseen = new Set(missing);
    for (const scope of walkScopes(lab.model)) for (const node of scope.graph.node) {
      const touched = [...node.input, ...node.output].map((name) => rangeKey(scope.path, name)).filter((key) => unseen.has(key));
      if (touched.length) keep.set(nodeLabel(scope, node), touched.some((key) => lab.nonFinite.has(key)) ? nonFinite : unreached);
    }
    settled = { ...settled, keep };
    plan = planStatic(source, settled);
  }
  const { quantized } = plan;
  // Of the nodes of a branch never taken, those with weights are worth telling; of those around infinite values, the ones that this setting would quantize.
  const weighty = new Set(walkScopes(lab.model).flatMap((scope) => scope.graph.node.filter((n) => ruleOf(n.opType, 'compute', 13) === 'compute' || n.opType === 'MatMul').map((n) => nodeLabel(scope, n))));
  const ruled = new Set(walkScopes(lab.model).flatMap((scope) => scope.graph.node.filter((n) => ruleOf(n.opType, options.operators, 13) !== null).map((n) => nodeLabel(scope, n))));
  const kept = plan.kept.filter(({ node, reason }) => (reason === unreached ? weighty.has(node) : reason !== nonFinite || ruled.has(node)));
  const result = writePlanned(plan, ranges, settled);
  const model = packKept ? packWeights(result.model, { keep: new Map(), forms: packKept }).model : result.model;
  // Outputs that stay float keep their names.
  const carried = new Map([...quantized.flatMap(({ scope, outputs }) => outputs.map((o) => [rangeKey(scope, o), o] as const)), ...result.dequantized]);
  const { full } = integerTypes[options.activations];
  const covered = new Map(result.choices.flatMap(({ kind, scope, tensor, scales: [scale = 0], zeroPoints: [zero = 0] }) => (kind === 'activation' ? [[rangeKey(scope, tensor), { low: (full.min - zero) * scale, high: (full.max - zero) * scale }] as const] : [])));
  return { model, quantized, kept, clamped: 0, dequantized: carried, covered };
}
