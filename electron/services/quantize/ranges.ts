// From what was observed to the range of each tensor.
import { chooseRange, defaultPercentile, type RangeMethod } from '#core/quantize/observers/chooseRange';
import { withHeadroom } from '#core/quantize/observers/headroom';
import { referencePercentileRange } from '#core/quantize/observers/referencePercentile';
import { integerTypes } from '#core/quantize/numerics/integerTypes';
import type { Range, StaticOptions } from '#core/quantize/static/StaticOptions';
import type { Lab } from './lab.ts';

export interface RangeChoice { readonly method: RangeMethod; readonly options: StaticOptions; readonly parity: boolean; readonly headroom?: boolean }

/** The range of every observed tensor, by method. Tensors of branches that no sample took have none, nor those that took NaN or infinity. */
export function rangesOf(lab: Lab, { method, options, parity, headroom = false }: RangeChoice): ReadonlyMap<string, Range> {
  const { full } = integerTypes[options.activations];
  const steps = full.max - full.min;
  const seen = new Map<string, Range>();
  if (method === 'minmax') for (const [key, range] of lab.extremes) seen.set(key, range);
  else if (parity && method === 'percentile') for (const [key, histogram] of lab.references) seen.set(key, referencePercentileRange(histogram, defaultPercentile));
  else for (const [key, histogram] of lab.histograms) seen.set(key, chooseRange(histogram, method, { steps, percentile: defaultPercentile, symmetric: options.symmetricActivations }));
  for (const key of lab.nonFinite) seen.delete(key);
  if (!headroom) return seen;
  return new Map([...seen].map(([key, range]) => {
    const extremes = lab.sampleExtremes.get(key);
    return [key, extremes ? withHeadroom(range, extremes, steps) : range];
  }));
}
