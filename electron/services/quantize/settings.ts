// From what the user asked for to the setting that the worker writes.
import { integerRecipes, type corrections, type QuantizeInput } from '#shared/contract/optimize';
import { AppError } from '#shared/errors';
import type { StaticOptions } from '#core/quantize/static/StaticOptions';
import { dynamicOperators } from '#core/quantize/weights/dynamicOperators';
import type { Setting } from './writeTask.ts';

const activationTypes = { u8: 'uint8', s8: 'int8', u16: 'uint16' } as const;
const excludedByUser = 'excluded by the user';

export const keepOf = (nodes: readonly string[], reason = excludedByUser): ReadonlyMap<string, string> => new Map(nodes.map((node) => [node, reason]));

/** Static options; `operators` is `all` in parity mode, as the reference, else only what pays on CPUs. */
export function staticOptions(input: QuantizeInput, changes: Partial<StaticOptions> = {}): StaticOptions {
  return {
    activations: activationTypes[input.activations], weights: 'int8', perChannel: input.perChannel, symmetricActivations: false, reduceRange: input.reduceRange,
    operators: input.parity ? 'all' : 'compute', parity: input.parity, keep: keepOf(input.exclude), ...changes,
  };
}

export function staticSetting(input: QuantizeInput, changes: Partial<StaticOptions> = {}): Extract<Setting, { kind: 'static' }> {
  const wanted: readonly Correction[] = input.recipe === 'static-int8' ? correctionsOf(input) : ['headroom'];
  return { kind: 'static', options: staticOptions(input, { ...(wanted.includes('float-products') ? { floatProducts: true } : {}), ...changes }), method: input.method, parity: input.parity, ...(wanted.includes('headroom') ? { headroom: true } : {}), ...(wanted.includes('bias') ? { correctBias: true } : {}) };
}

type Correction = (typeof corrections)[number];
/** What helps on nearly every model measured, and costs little on the others; the further ones help some models and hurt others, so they are the user's or auto's choice. */
const helpful: readonly Correction[] = ['float-products', 'headroom'];
/** Corrections of a named recipe; parity mode has none. */
export const correctionsOf = ({ corrections: named, parity }: QuantizeInput): readonly Correction[] => (parity ? [] : named ?? helpful);

export function dynamicSetting(input: QuantizeInput): Extract<Setting, { kind: 'dynamic' }> {
  return { kind: 'dynamic', options: { perChannel: input.perChannel, reduceRange: input.reduceRange, operators: new Set(dynamicOperators), parity: input.parity, keep: keepOf(input.exclude) } };
}

export function blockSetting(input: QuantizeInput, bits: 4 | 8): Extract<Setting, { kind: 'blocks' }> {
  const rounding = input.rounding ?? (input.parity || input.calibration === undefined ? 'nearest' : 'gptq');
  if (input.parity && rounding !== 'nearest') throw new AppError('BAD_USAGE', `The Python reference has no rounding equal to ${rounding}.`, { hint: 'Leave --parity or --rounding out.' });
  const symmetric = input.symmetricWeights ?? input.parity;
  if (symmetric && rounding === 'hqq') throw new AppError('BAD_USAGE', 'Half-quadratic rounding moves the zero point, and symmetric weights have none.', { hint: 'Leave --symmetric out, or take --rounding nearest or gptq.' });
  return { kind: 'blocks', options: { bits, blockSize: input.blockSize ?? 32, symmetric, format: input.blockFormat, embeddings: !input.parity, keep: keepOf(input.exclude) }, rounding };
}

/** Whether it takes ranges or roundings from the calibration data, so that the result must not be judged on them. */
export const learnsFromData = (setting: Setting): boolean => setting.kind === 'static' || (setting.kind === 'blocks' && setting.rounding === 'gptq');

/** The setting of a recipe that the user named. @throws AppError BAD_USAGE where its options contradict each other */
export function settingOf(input: QuantizeInput): Setting {
  if (input.reduceRange && !integerRecipes.includes(input.recipe)) throw new AppError('BAD_USAGE', `The reduced range concerns integer sums, and ${input.recipe} has none.`, { hint: 'Leave --reduce-range out, or take static-int8 or dynamic-int8.' });
  switch (input.recipe) {
    case 'auto': case 'static-int8': return staticSetting(input);
    case 'dynamic-int8': return dynamicSetting(input);
    case 'int8-weights': return input.blockSize === undefined ? { kind: 'weights', keep: keepOf(input.exclude), forms: new Map() } : blockSetting(input, 8);
    case 'int4-weights': return blockSetting(input, 4);
    case 'fp16': return { kind: 'fp16', keep: keepOf(input.exclude) };
  }
}
