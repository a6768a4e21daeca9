// The model in adjusted forms that compute the same: scales moved between layers before anything is rounded. One form at a time is the one that tasks work on.
import { AppError } from '#shared/errors';
import { equalizeLayers } from '#core/quantize/correct/equalizeLayers';
import { smoothActivations } from '#core/quantize/correct/smoothActivations';
import { collectGarbage } from './collectGarbage.ts';
import { closeComparing, closeObserving, setLab, theLab, type Lab } from './lab.ts';

export const adjustments = ['equalize', 'smooth'] as const;
export type Adjustment = (typeof adjustments)[number];
/** `plain`, or the adjustments in order. */
export type Variant = string;

const labs = new Map<Variant, Lab>();
let current: Variant = 'plain';
/** What was changed, one sentence each, by variant. */
const told = new Map<Variant, readonly string[]>([['plain', []]]);

/**
 * Makes the variant and works on it from then on; it has no ranges yet, so calibrate again. Needs the channels of the plain model to have been observed.
 * @returns what was changed, one sentence each; none means that the model offers no place, and the plain model stays in force
 */
export async function adjustTask({ steps }: { readonly steps: readonly Adjustment[] }): Promise<{ readonly variant: Variant; readonly changes: readonly string[] }> {
  await useVariantTask({ variant: 'plain' });
  const plain = theLab();
  const changes: string[] = [];
  let model = plain.weights.resolve(plain.model);
  if (steps.includes('equalize')) {
    const { model: next, pairs, absorbed } = equalizeLayers(model, plain.channelInputs);
    if (pairs > 0) {
      changes.push(`Scales were moved between ${pairs} pairs of layers, so that their channels have like ranges (cross-layer equalisation).${absorbed > 0 ? ` ${absorbed} high biases were absorbed by the next layer.` : ''}`);
      model = next;
    }
  }
  if (steps.includes('smooth')) {
    const { model: next, folded, inserted } = smoothActivations(model, plain.channelInputs);
    if (folded + inserted > 0) {
      changes.push(`The wide channels of ${folded + inserted} activations were moved into the weights that read them (SmoothQuant${inserted > 0 ? `; ${inserted} times by a multiplication of its own` : ''}).`);
      model = next;
    }
  }
  if (!changes.length) return { variant: 'plain', changes };
  const variant = steps.join('+');
  labs.set('plain', plain);
  const adjusted: Lab = { ...plain, model: plain.weights.refer(model, { add: true }), whole: null, observing: null, comparing: null, extremes: new Map(), nonFinite: new Set(), sampleExtremes: new Map(), histograms: new Map(), references: new Map(), absExtremes: new Map(), channelInputs: new Map(), grams: new Map() };
  labs.set(variant, adjusted);
  told.set(variant, changes);
  plain.whole = null;
  setLab(adjusted);
  current = variant;
  collectGarbage();
  return { variant, changes };
}

export async function useVariantTask({ variant }: { readonly variant: Variant }): Promise<{ readonly changes: readonly string[] }> {
  if (variant !== current) {
    const lab = theLab();
    await closeComparing(lab);
    await closeObserving(lab);
    lab.whole = null;
    labs.set(current, lab);
    const next = labs.get(variant);
    if (!next) throw new AppError('INTERNAL', `The variant "${variant}" was not made here.`);
    setLab(next);
    current = variant;
  }
  return { changes: told.get(variant) ?? [] };
}
