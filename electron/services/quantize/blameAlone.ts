// Blame to the end: what quantizing each layer alone does to the model's final output, measured one candidate a layer.
import type { JobContext } from '../Services.ts';
import { measureSetting } from './measureSetting.ts';
import type { LabConnection } from './openLab.ts';
import type { ProofSample } from './prove.ts';
import type { Setting, Written } from './writeTask.ts';

export interface BlameInput {
  readonly setting: Setting;
  readonly written: Written;
  /** In the order in which they are measured: what time does not reach is missing from the answer. */
  readonly nodes: readonly string[];
  readonly samples: readonly ProofSample[];
  readonly deadline: number;
  readonly clock: () => number;
}

/** By node: SQNR of the first output in decibels, null where it is bit-identical. A node that cannot be quantized alone is missing. */
export async function blameAlone(lab: LabConnection, { setting, written, nodes, samples, deadline, clock }: BlameInput, context: Pick<JobContext, 'signal' | 'progress'>): Promise<Map<string, number | null>> {
  const alone = new Map<string, number | null>();
  let done = 0;
  for (const node of nodes) {
    context.signal.throwIfAborted();
    if (clock() > deadline) break;
    const others = new Map(written.quantized.filter((one) => one.node !== node).map((one) => [one.node, 'probe'] as const));
    const measured = await measureSetting(lab, withKept(setting, others), 'alone', samples, context);
    if (measured?.ofFloats) alone.set(node, measured.sqnrDb);
    context.progress({ stage: 'Quantizing each layer alone', done: ++done, total: nodes.length });
  }
  return alone;
}

/** The setting with further nodes kept in float. */
function withKept(setting: Setting, more: ReadonlyMap<string, string>): Setting {
  const join = (keep: ReadonlyMap<string, string>) => new Map([...keep, ...more]);
  switch (setting.kind) {
    case 'static': { const { packKept: _kept, ...plain } = setting; return { ...plain, options: { ...setting.options, keep: join(setting.options.keep) } }; }
    case 'dynamic': return { ...setting, options: { ...setting.options, keep: join(setting.options.keep) } };
    case 'blocks': return { ...setting, options: { ...setting.options, keep: join(setting.options.keep) } };
    case 'weights': case 'fp16': return { ...setting, keep: join(setting.keep) };
  }
}
