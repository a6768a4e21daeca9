// How the processor's clock is governed: a saving governor makes latency jump.
import type { ProbeContext } from '../ProbeContext.ts';

/** The governors in use, such as `performance` or `powersave`; empty where the system does not tell (most virtual machines). */
export async function probeGovernors({ platform, readNames, readText }: ProbeContext): Promise<string[]> {
  if (platform !== 'linux') return [];
  const policies = await readNames('/sys/devices/system/cpu/cpufreq');
  const governors = await Promise.all(policies.filter((name) => name.startsWith('policy')).map((name) => readText(`/sys/devices/system/cpu/cpufreq/${name}/scaling_governor`)));
  return [...new Set(governors.flatMap((governor) => governor ?? []))].sort();
}
