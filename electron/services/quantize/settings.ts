// From what the user asked for to the setting that the worker writes.
import type { corrections, QuantizeInput } from '#shared/contract/optimize';
import type { StaticOptions } from '#core/quantize/static/StaticOptions';
import type { Setting } from './writeTask.ts';

const activationTypes = { u8: 'uint8', s8: 'int8', u16: 'uint16' } as const;
const excludedByUser = 'excluded by the user';

export const keepOf = (nodes: readonly string[], reason = excludedByUser): ReadonlyMap<string, string> => new Map(nodes.map((node) => [node, reason]));

/** Static options; `operators` is `all` in parity mode, as the reference, else only what pays on CPUs. */
export function staticOptions(input: QuantizeInput, changes: Partial<StaticOptions> = {}): StaticOptions {
  return {
    activations: activationTypes[input.activations], weights: 'int8', perChannel: input.perChannel, symmetricActivations: false, reduceRange: false,
    operators: input.parity ? 'all' : 'compute', keep: keepOf(input.exclude), ...changes,
  };
}

export function staticSetting(input: QuantizeInput, changes: Partial<StaticOptions> = {}): Extract<Setting, { kind: 'static' }> {
  const wanted = input.recipe === 'static-int8' ? correctionsOf(input) : [];
  return { kind: 'static', options: staticOptions(input, { ...(wanted.includes('float-products') ? { floatProducts: true } : {}), ...changes }), method: input.method, parity: input.parity, ...(wanted.includes('bias') ? { correctBias: true } : {}) };
}

type Correction = (typeof corrections)[number];
/** What helps on every model measured; the others help some models and hurt others, so they are the user's or auto's choice. */
const helpful: readonly Correction[] = ['float-products'];
/** Corrections of a named recipe; parity mode has none. */
export const correctionsOf = ({ corrections: named, parity }: QuantizeInput): readonly Correction[] => (parity ? [] : named ?? helpful);

export function dynamicSetting(input: QuantizeInput): Extract<Setting, { kind: 'dynamic' }> {
  return { kind: 'dynamic', options: { perChannel: input.perChannel, reduceRange: false, operators: new Set(['MatMul', 'Gemm', 'Conv', 'LSTM', 'Gather']), parity: input.parity, keep: keepOf(input.exclude) } };
}

/** The setting of a recipe that the user named. */
export function settingOf(input: QuantizeInput): Setting {
  switch (input.recipe) {
    case 'auto': case 'static-int8': return staticSetting(input);
    case 'dynamic-int8': return dynamicSetting(input);
    case 'int4-weights': return { kind: 'int4', options: { blockSize: 32, symmetric: true, keep: keepOf(input.exclude) } };
    case 'fp16': return { kind: 'fp16', keep: keepOf(input.exclude) };
  }
}
