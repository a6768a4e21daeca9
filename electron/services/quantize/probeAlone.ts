// Rounds layers alone, one by one, or neighbours together where there is no time for each; what each does to the output decides what stays precise.
import type { JobContext } from '../Services.ts';
import type { Measured } from './measureSetting.ts';
import { noiseOf } from './noise.ts';

export interface Probed { readonly nodes: readonly string[]; /** Noise over signal at the output; infinite where the group cannot be run so. */ readonly noise: number }

export interface ProbeInput {
  readonly nodes: readonly string[];
  /** Measures with these nodes rounded and all others as they are. */
  readonly measureOnly: (members: readonly string[]) => Promise<Measured | null>;
  /** Milliseconds since the epoch; groups are made as large as it needs. */
  readonly deadline: number;
  /** Ends the search there; else what was begun is finished. */
  readonly strict: boolean;
  readonly clock: () => number;
  readonly stage: string;
}

/** This much of the time left is for probing. */
const shareOfTime = 0.7;

/** @returns null where a strict deadline passed first */
export async function probeAlone({ nodes, measureOnly, deadline, strict, clock, stage }: ProbeInput, context: Pick<JobContext, 'signal' | 'progress'>): Promise<readonly Probed[] | null> {
  const started = clock();
  const first = await measureOnly(nodes.slice(0, 1));
  const affordable = Math.max(4, Math.floor(((deadline - clock()) * shareOfTime) / Math.max(1, clock() - started)));
  const size = Math.max(1, Math.ceil(nodes.length / affordable));
  const groups: Probed[] = [];
  for (let from = 0; from < nodes.length; from += size) {
    context.signal.throwIfAborted();
    if (strict && clock() > deadline) return null;
    const members = nodes.slice(from, from + size);
    const alone = from === 0 && size === 1 ? first : await measureOnly(members);
    groups.push({ nodes: members, noise: alone ? noiseOf(alone.sqnrDb) : Infinity });
    context.progress({ stage, done: Math.min(nodes.length, from + size), total: nodes.length });
  }
  return groups;
}
