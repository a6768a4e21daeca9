// Weights alone, in the smallest forms that keep an SQNR floor: INT8 where rounding is harmless, halves where it is not, found by rounding each layer alone.
import type { WeightForm } from '#core/quantize/weights/packWeights';
import type { JobContext } from '../Services.ts';
import { measureSetting, type Measured } from './measureSetting.ts';
import { decibelsOf, noiseOf } from './noise.ts';
import type { LabConnection } from './openLab.ts';
import { probeAlone } from './probeAlone.ts';
import type { ProofSample } from './prove.ts';
import type { Setting } from './writeTask.ts';

type WeightSetting = Extract<Setting, { kind: 'weights' }>;

export interface WeightFormsInput {
  /** Means of the layers' inputs were observed, so biases can be corrected for rounded weights; it is done where that helps. */
  readonly observed: boolean;
  /** Nodes that the user excluded. */
  readonly keep: ReadonlyMap<string, string>;
  /** Bytes of float weights by node. */
  readonly nodeBytes: Readonly<Record<string, number>>;
  readonly inputBytes: number;
  readonly floorDb: number;
  readonly samples: readonly ProofSample[];
  /** Milliseconds since the epoch at which the search must end. */
  readonly deadline: number;
  readonly clock: () => number;
}

export interface WeightForms {
  readonly best: Measured<WeightSetting> | null;
  /** What rounding the weights of a node to INT8 alone does to the output, as noise over signal; empty where that was not measured node by node. */
  readonly noise: ReadonlyMap<string, number>;
  /** The most accurate that still saves half of the size; null where `best` is as good as that, or time ran out. */
  readonly accurate: () => Promise<Measured<WeightSetting> | null>;
  /** Goes on from here with more layers as halves: for when other samples show less than these did. */
  readonly beyond: (floorDb: number) => Promise<Measured<WeightSetting> | null>;
}

/** What is left to other layers when each is judged alone: noises add up only nearly. */
const marginDb = 0.5;
/** Beyond this nobody sees a difference. */
const plentyDb = 50;
/** Of the original's size: a little under a half, for names and operators that restore weights. */
const roomyShare = 0.48;

export async function findWeightForms(lab: LabConnection, { observed, keep, nodeBytes, inputBytes, floorDb, samples, deadline, clock }: WeightFormsInput, context: Pick<JobContext, 'signal' | 'progress'>): Promise<WeightForms | null> {
  let correctBias = false;
  const setting = (forms: ReadonlyMap<string, WeightForm>): WeightSetting => ({ kind: 'weights', keep, forms, correctBias });
  const measure = (forms: ReadonlyMap<string, WeightForm>, name: string) => measureSetting(lab, setting(forms), name, samples, context);
  let whole = await measure(new Map(), 'weights-int8');
  if (!whole) return null;
  if (observed) {
    correctBias = true;
    const corrected = await measure(new Map(), 'weights-int8-corrected');
    if (corrected && noiseOf(corrected.sqnrDb) < noiseOf(whole.sqnrDb)) whole = corrected;
    else correctBias = false;
  }
  const all = whole;
  const nodes = all.written.quantized.map(({ node }) => node);
  /** A part of its group's noise for each node. */
  const noise = new Map<string, number>();
  let singly = false;
  const probe = async (): Promise<void> => {
    if (noise.size) return;
    const measureOnly = (members: readonly string[]) => measure(new Map(nodes.filter((n) => !members.includes(n)).map((n) => [n, 'float32'])), 'probe');
    const groups = await probeAlone({ nodes, measureOnly, deadline, strict: false, clock, stage: 'Measuring the sensitivity of weights' }, context) ?? [];
    for (const { nodes: members, noise: sum } of groups) for (const member of members) noise.set(member, sum / members.length);
    singly = groups.every(({ nodes: members }) => members.length === 1);
  };
  const bytesOf = (node: string) => nodeBytes[node] ?? 1;
  // First those that silence most noise for each byte that a half costs more.
  const rankedNodes = () => [...noise].sort(([a, x], [b, y]) => y / bytesOf(b) - x / bytesOf(a));
  const halves = (chosen: readonly string[]) => measure(new Map(chosen.map((n) => [n, 'float16'])), `weights-${names++}`);
  let names = 0;
  let reached = 0;
  const search = async (floor: number): Promise<Measured<WeightSetting> | null> => {
    await probe();
    const ranked = rankedNodes();
    let rest = ranked.slice(reached).reduce((sum, [, one]) => sum + (Number.isFinite(one) ? one : 0), 0);
    const target = noiseOf(floor + marginDb);
    for (; reached < ranked.length && (rest > target || !Number.isFinite(ranked[reached]![1])); reached++) if (Number.isFinite(ranked[reached]![1])) rest -= ranked[reached]![1];
    for (; reached <= ranked.length; reached += Math.max(1, Math.ceil(ranked.length * 0.04))) {
      context.signal.throwIfAborted();
      const mixed = await halves(ranked.slice(0, reached).map(([n]) => n));
      if (mixed && decibelsOf(noiseOf(mixed.sqnrDb)) >= floor + 0.2) { reached++; return mixed; }
      if (clock() > deadline) return null;
    }
    return null;
  };
  const accurate = async (): Promise<Measured<WeightSetting> | null> => {
    if (decibelsOf(noiseOf(all.sqnrDb)) >= plentyDb || clock() > deadline) return null;
    await probe();
    if (clock() > deadline) return null;
    let room = roomyShare * inputBytes - all.written.sizeBytes;
    const chosen: string[] = [];
    for (const [node] of rankedNodes()) {
      const cost = bytesOf(node) / 4;
      if (cost > room) continue;
      room -= cost;
      chosen.push(node);
    }
    return chosen.length <= reached ? null : halves(chosen);
  };
  const best = decibelsOf(noiseOf(all.sqnrDb)) >= floorDb + 0.2 ? all : await search(floorDb) ?? await halves(nodes);
  return { best, get noise() { return singly ? noise : new Map<string, number>(); }, accurate, beyond: search };
}
