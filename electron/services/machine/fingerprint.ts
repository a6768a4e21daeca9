// What identifies a machine for evidence, its hash, and what differs from last time.
import { createHash } from 'node:crypto';
import type { MachineReport } from '#shared/contract/machine';
import { canonicalJson } from '../store/canonicalJson.ts';

/** Flat and readable, because the differences are shown to a person. Names and addresses on the network are left out: they change without the machine changing. */
export type MachineIdentity = Readonly<Record<string, string>>;

export interface IdentityFacts extends Pick<MachineReport, 'os' | 'memory'> {
  readonly cpu: Pick<MachineReport['cpu'], 'model' | 'cores' | 'threads' | 'isa'>;
  readonly gpuIdentities: readonly string[];
  readonly runtime: string;
}

const gib = 1024 ** 3;

export function identityOf({ os, cpu, memory, gpuIdentities, runtime }: IdentityFacts): MachineIdentity {
  return {
    processor: cpu.model, cores: String(cpu.cores), threads: String(cpu.threads), 'instruction sets': [...cpu.isa].sort().join(' '),
    memory: `${Math.round(memory.totalBytes / gib)} GiB`, GPUs: [...gpuIdentities].sort().join('; ') || 'none',
    system: `${os.distro} ${os.release}`.trim(), kernel: os.kernel, architecture: `${os.platform} ${os.arch}`, runtime,
  };
}

/** SHA-256 of the identity's canonical JSON, in hex. */
export function fingerprintOf(identity: MachineIdentity): string {
  return createHash('sha256').update(canonicalJson(identity)).digest('hex');
}

export function changesBetween(before: MachineIdentity | null, after: MachineIdentity): MachineReport['changes'] {
  if (before === null) return [];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields.filter((field) => before[field] !== after[field]).map((field) => ({ field, before: before[field] ?? 'unknown', after: after[field] ?? 'unknown' }));
}
