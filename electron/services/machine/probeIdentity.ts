// The probes that decide what a machine is: system, processor, memory and graphics; the full inspection and the fingerprint share them.
import { arch, freemem, release, totalmem, type as osType } from 'node:os';
import si from 'systeminformation';
import type { MachineReport } from '#shared/contract/machine';
import { identityOf, type MachineIdentity } from './fingerprint.ts';
import type { ProbeContext } from './ProbeContext.ts';
import { plainCpu, probeCpu } from './probes/cpu.ts';
import { mergeGpus, nvidiaDeadlineMs, probeNvidia, probeSystemGpus, type GpuFacts } from './probes/gpus.ts';
import { probeIsa, type Isa } from './probes/isa.ts';
import { runtimeVersion } from './runtimeVersion.ts';
import { withDeadline, type ProbeRow } from './withDeadline.ts';

export interface IdentityProbes extends Pick<MachineReport, 'os' | 'cpu' | 'memory'> {
  readonly isa: Isa;
  readonly gpus: readonly GpuFacts[];
  /** Why NVIDIA's tool failed; null when it did not. */
  readonly nvidiaFailure: string | null;
  readonly identity: MachineIdentity;
  readonly rows: readonly ProbeRow[];
}

/** Windows starts PowerShell and WMI for what Linux reads from files. */
export const probeDeadlineMs = (platform: NodeJS.Platform) => (platform === 'win32' ? 5000 : 2500);

export async function probeIdentity(context: ProbeContext): Promise<IdentityProbes> {
  const deadlineMs = probeDeadlineMs(context.platform);
  const plainOs = { platform: context.platform, distro: osType(), release: release(), kernel: release(), arch: arch() };
  const noIsa: Isa = { names: [], complete: false };
  const [os, cpu, isa, memory, nvidia, system] = await Promise.all([
    withDeadline('os', deadlineMs, plainOs, async () => {
      const found = await si.osInfo();
      return { ...plainOs, distro: found.distro || plainOs.distro, release: found.release || plainOs.release, kernel: found.kernel || plainOs.kernel };
    }),
    withDeadline('cpu', deadlineMs, plainCpu(), () => probeCpu(context)),
    withDeadline('instruction sets', deadlineMs, noIsa, () => probeIsa(context)),
    withDeadline('memory', deadlineMs, { totalBytes: totalmem(), availableBytes: freemem(), swapTotalBytes: 0 }, async () => {
      const found = await si.mem();
      return { totalBytes: found.total, availableBytes: found.available, swapTotalBytes: found.swaptotal };
    }),
    withDeadline<GpuFacts[] | null>('nvidia-smi', nvidiaDeadlineMs + 200, null, () => probeNvidia(context)),
    withDeadline<GpuFacts[]>('gpus', deadlineMs, [], () => probeSystemGpus(context)),
  ]);
  const gpus = mergeGpus(system.value, nvidia.value);
  const cpuAll = { ...cpu.value, isa: [...isa.value.names] };
  return {
    os: os.value, cpu: cpuAll, memory: memory.value, isa: isa.value, gpus, nvidiaFailure: nvidia.row.ok ? null : nvidia.row.reason,
    identity: identityOf({ os: os.value, cpu: cpuAll, memory: memory.value, gpuIdentities: gpus.map(({ identity }) => identity), runtime: runtimeVersion() }),
    rows: [os, cpu, isa, memory, nvidia, system].map(({ row }) => row),
  };
}
