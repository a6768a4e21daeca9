// The rows of the layer table: what was measured, what was kept in float, and what a person excluded, also where nothing matches it.
import type { QuantizeOutput } from '#shared/contract/optimize';

export interface LayerRow {
  /** Nodes may lack a name, or share one: their place in the list tells them apart. */
  readonly key: string;
  readonly node: string;
  readonly operator: string;
  readonly sqnrDb: number | null;
  readonly aloneDb?: number | null | undefined;
  readonly clipShare?: number | undefined;
  readonly deadShare?: number | undefined;
  /** It is in low precision, and has figures. */
  readonly measured: boolean;
  /** Why it is in float. */
  readonly reason: string | null;
  /** A person may choose its precision. */
  readonly choosable: boolean;
}

/** @param exclude what the shown run was told to keep in float: names, `type:Softmax`, patterns */
export function layerRows({ layers, nodesKept }: Pick<QuantizeOutput, 'layers' | 'nodesKept'>, exclude: readonly string[]): readonly LayerRow[] {
  const measured = new Set(layers.map(({ node }) => node));
  const kept = nodesKept.filter(({ node }) => !measured.has(node));
  const known = new Set([...measured, ...kept.map(({ node }) => node)]);
  const inFloat = (node: string, reason: string) => ({ node, operator: '', sqnrDb: null, measured: false, reason, choosable: exclude.includes(node) });
  const rows: Omit<LayerRow, 'key'>[] = [
    ...layers.map(({ node, operator = '', ...figures }) => ({ node, operator, ...figures, measured: true, reason: null, choosable: node !== '' })),
    ...[...new Set(exclude)].filter((node) => !known.has(node)).map((node) => inFloat(node, /^type:|\*/u.test(node) ? 'kept in float by this rule' : 'not among the layers listed')),
    ...kept.map(({ node, reason }) => inFloat(node, reason)),
  ];
  const rank = (row: Omit<LayerRow, 'key'>) => (row.measured ? 2 : row.choosable ? 1 : 0); // what can be chosen stands above what cannot
  return rows.map((row, index) => ({ ...row, key: String(index) })).sort((a, b) => rank(b) - rank(a) || (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity) || Number(a.key) - Number(b.key));
}

/** Which figures beside the noise a run has for its layers; with them the table takes the whole width of the screen. */
export const figuresOf = ({ layers }: Pick<QuantizeOutput, 'layers'>) => ({ alone: layers.some((layer) => layer.aloneDb !== undefined), spread: layers.some((layer) => layer.clipShare !== undefined || layer.deadShare !== undefined) });

/** What the layers of a result are in, where they are not in float. */
export const lowPrecision = (recipe: string): 'INT8' | 'INT4' | 'FP16' => (recipe === 'fp16' ? 'FP16' : recipe === 'int4-weights' ? 'INT4' : 'INT8');

/** The share as a percentage that does not round a little to nothing. */
export const shareWords = (share: number): string => (share > 0 && share < 0.0005 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`);
