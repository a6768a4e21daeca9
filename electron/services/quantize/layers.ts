// Blame in the same run: how well each quantized layer still carries its signal, worst first.
import { rangeKey, tensorOfKey } from '#core/quantize/static/StaticOptions';
import type { Feeds } from '#shared/tensor';
import type { LabConnection } from './openLab.ts';
import type { Written } from './writeTask.ts';

export interface Layer { readonly node: string; readonly operator: string; readonly sqnrDb: number | null; readonly aloneDb?: number | null; readonly clipShare?: number; readonly deadShare?: number }

/** Values of input that say enough about a layer's error: one image, or some rows of a table. */
const enoughValues = 4096;
const mostSamples = 4;
/** Where every node counts as quantized (half precision), those that compute are told. */
const mostNodes = 128;
const computing = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'LSTM', 'GRU', 'Softmax', 'LayerNormalization', 'InstanceNormalization', 'BatchNormalization']);

const valuesOf = (feeds: Feeds): number => Object.values(feeds).reduce((sum, { data }) => sum + data.length, 0);

/** The tensor of which the largest share of values lies outside of its range. */
export interface Clipped { readonly tensor: string; readonly share: number }

/** SQNR at the first output of each quantized node, errors of earlier layers included. @param allRanges look for clipped values, in all tensors with a range */
export async function blameLayers(lab: LabConnection, candidate: Written, samples: readonly Feeds[], allRanges: boolean): Promise<{ readonly layers: Layer[]; readonly clipped: Clipped | null }> {
  const told = candidate.quantized.length <= mostNodes ? candidate.quantized : candidate.quantized.filter(({ operator }) => computing.has(operator));
  const tensors = told.flatMap(({ scope, outputs }) => (outputs[0] === undefined ? [] : [rangeKey(scope, outputs[0])]));
  const some: Feeds[] = [];
  for (let values = 0, i = 0; i < Math.min(samples.length, mostSamples) && values < enoughValues; i++) { some.push(samples[i]!); values += valuesOf(samples[i]!); }
  const { sqnrDb, spread } = await lab.call('quantize.layers', { path: candidate.path, tensors, samples: some, allRanges });
  const layers = told.flatMap(({ node, operator, scope, outputs }): Layer[] => {
    const key = rangeKey(scope, outputs[0] ?? '');
    return Object.hasOwn(sqnrDb, key) ? [{ node, operator, sqnrDb: sqnrDb[key] ?? null, ...spread[key] }] : [];
  });
  const [most] = Object.entries(spread).sort(([, a], [, b]) => b.clipShare - a.clipShare);
  return {
    layers: layers.sort((a, b) => (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity) || a.node.localeCompare(b.node)),
    clipped: allRanges && most ? { tensor: tensorOfKey(most[0]), share: most[1].clipShare } : null,
  };
}
