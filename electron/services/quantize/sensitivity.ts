// Mixed precision: which layers to keep in float so that the whole stays above an SQNR floor, found by quantizing each layer alone.
import type { StaticOptions } from '#core/quantize/static/StaticOptions';
import type { JobContext } from '../Services.ts';
import type { LabConnection } from './openLab.ts';
import { measureSetting, type Measured } from './measureSetting.ts';
import { decibelsOf, noiseOf } from './noise.ts';
import { probeAlone } from './probeAlone.ts';
import type { ProofSample } from './prove.ts';
import type { Setting, Written } from './writeTask.ts';

type StaticSetting = Extract<Setting, { kind: 'static' }>;

export interface SensitivityInput {
  readonly setting: StaticSetting;
  /** The candidate with everything quantized. */
  readonly whole: Written;
  readonly floorDb: number;
  readonly samples: readonly ProofSample[];
  /** Milliseconds since the epoch at which the search must end. */
  readonly deadline: number;
  readonly clock: () => number;
}

export interface Mixed {
  readonly setting: StaticSetting;
  readonly written: Written;
  readonly sqnrDb: number | null;
  readonly kept: number;
  readonly keptNodes: readonly string[];
  /** Noise over signal at the output where a layer alone is quantized; of groups measured together nothing. */
  readonly noise: ReadonlyMap<string, number>;
  readonly of: number;
  /** Goes on from here, with more layers in float: for when other samples show less than these did. */
  readonly beyond: (floorDb: number) => Promise<Mixed | null>;
}

const weighty = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Add', 'Mul', 'Concat', 'Softmax', 'Sigmoid', 'GlobalAveragePool']);

/**
 * Layers' noises at the output nearly add up, so those that cost most are kept in float until the sum meets the floor; then it is measured and corrected.
 * @returns null when the floor cannot be met with at least one layer quantized, or time ran out before the first answer
 */
export async function findMixed(lab: LabConnection, { setting, whole, floorDb, samples, deadline, clock }: SensitivityInput, context: Pick<JobContext, 'signal' | 'progress'>): Promise<Mixed | null> {
  const nodes = whole.quantized.filter(({ operator }) => weighty.has(operator)).map(({ node }) => node);
  const measure = (keep: ReadonlyMap<string, string>, name: string): Promise<Measured<StaticSetting> | null> => {
    const options: StaticOptions = { ...setting.options, keep: new Map([...setting.options.keep, ...keep]) };
    return measureSetting(lab, { ...setting, options }, name, samples, context);
  };

  const measureOnly = (members: readonly string[]) => measure(new Map(nodes.filter((n) => !members.includes(n)).map((n) => [n, 'probe'])), 'probe');
  const groups = await probeAlone({ nodes, measureOnly, deadline, strict: true, clock, stage: 'Measuring the sensitivity of layers' }, context);
  if (!groups) return null;
  const ranked = [...groups].sort((a, b) => b.noise - a.noise);
  const keepFirst = (count: number) => new Map(ranked.slice(0, count).flatMap(({ nodes: members, noise }) => members.map((n) => [n, Number.isFinite(noise) ? `quantizing ${members.length > 1 ? 'its group' : 'it'} alone leaves ${decibelsOf(noise).toFixed(1)} dB` : 'the runtime cannot run it quantized'] as const)));
  const search = async (from: number, floor: number): Promise<Mixed | null> => {
    const target = noiseOf(floor + 1);
    let count = 0;
    for (let rest = ranked.reduce((sum, g) => sum + (Number.isFinite(g.noise) ? g.noise : 0), 0); count < ranked.length && (count < from || !Number.isFinite(ranked[count]!.noise) || rest > target); count++) {
      const { noise } = ranked[count]!;
      if (Number.isFinite(noise)) rest -= noise;
    }
    for (; count < ranked.length; count += Math.max(1, Math.ceil(ranked.length * 0.06))) {
      context.signal.throwIfAborted();
      const keep = keepFirst(count);
      const mixed = await measure(keep, `mixed-${setting.method}-${setting.options.operators}-${count}`);
      const next = count + 1;
      if (mixed && (mixed.sqnrDb ?? Infinity) >= floor + 0.3) return { ...mixed, kept: keep.size, keptNodes: [...keep.keys()], noise: new Map(groups.flatMap(({ nodes: members, noise }) => (members.length === 1 ? [[members[0]!, noise] as const] : []))), of: nodes.length, beyond: (higher) => search(next, higher) };
      if (clock() > deadline) return null;
    }
    return null;
  };
  return search(0, floorDb);
}
