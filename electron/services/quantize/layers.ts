// Blame in the same run: how well each quantized layer still carries its signal, worst first.
import { rangeKey } from '#core/quantize/static/StaticOptions';
import type { Feeds } from '#shared/tensor';
import type { LabConnection } from './openLab.ts';
import type { Written } from './writeTask.ts';

export interface Layer { readonly node: string; readonly operator: string; readonly sqnrDb: number | null }

/** SQNR at the first output of each quantized node, errors of earlier layers included; two samples tell enough. */
export async function blameLayers(lab: LabConnection, candidate: Written, samples: readonly Feeds[]): Promise<Layer[]> {
  const tensors = candidate.quantized.flatMap(({ scope, outputs }) => (outputs[0] === undefined ? [] : [rangeKey(scope, outputs[0])]));
  const { sqnrDb } = await lab.call('quantize.layers', { path: candidate.path, tensors, samples: samples.slice(0, 2) });
  const layers = candidate.quantized.flatMap(({ node, operator, scope, outputs }): Layer[] => {
    const key = rangeKey(scope, outputs[0] ?? '');
    return Object.hasOwn(sqnrDb, key) ? [{ node, operator, sqnrDb: sqnrDb[key] ?? null }] : [];
  });
  return layers.sort((a, b) => (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity) || a.node.localeCompare(b.node));
}
