// The processor: model, cores, caches, and whether a hypervisor is between it and this process.
import { cpus } from 'node:os';
import si from 'systeminformation';
import type { MachineReport } from '#shared/contract/machine';
import type { ProbeContext } from '../ProbeContext.ts';

export type CpuFacts = Omit<MachineReport['cpu'], 'isa'>;

const positive = (value: number | null | undefined) => (typeof value === 'number' && value > 0 ? value : null);

/** What Node tells by itself, for when the probe fails. */
export function plainCpu(): CpuFacts {
  const all = cpus();
  return {
    model: all[0]?.model.trim() || 'unknown', vendor: 'unknown', cores: all.length, threads: all.length, baseGHz: positive((all[0]?.speed ?? 0) / 1000),
    cacheBytes: { l1d: null, l1i: null, l2: null, l3: null }, virtualised: null,
  };
}

export async function probeCpu(context: ProbeContext): Promise<CpuFacts> {
  const [cpu, virtualised] = await Promise.all([si.cpu(), probeVirtualised(context)]);
  const plain = plainCpu();
  return {
    model: plain.model === 'unknown' ? `${cpu.manufacturer} ${cpu.brand}`.trim() || 'unknown' : plain.model,
    vendor: cpu.manufacturer || cpu.vendor || 'unknown', cores: cpu.physicalCores || plain.cores, threads: cpu.cores || plain.threads, baseGHz: positive(cpu.speed) ?? plain.baseGHz,
    cacheBytes: { l1d: positive(cpu.cache.l1d), l1i: positive(cpu.cache.l1i), l2: positive(cpu.cache.l2), l3: positive(cpu.cache.l3) }, virtualised,
  };
}

async function probeVirtualised({ platform, readText, run }: ProbeContext): Promise<boolean | null> {
  switch (platform) {
    case 'linux': {
      const [cpuinfo, product] = await Promise.all([readText('/proc/cpuinfo'), readText('/sys/class/dmi/id/product_name')]);
      if (cpuinfo === null) return null;
      return /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo) || /virtual|vmware|kvm|qemu|hvm|bochs/i.test(product ?? '');
    }
    case 'darwin': {
      const answer = (await run('sysctl', ['-n', 'kern.hv_vmm_present'], 1000))?.stdout.trim();
      return answer === '1' ? true : answer === '0' ? false : null;
    }
    case 'win32': {
      const answer = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', '(Get-CimInstance Win32_ComputerSystem).Model'], 4000);
      return answer === null || answer.exitCode !== 0 ? null : /virtual|vmware|kvm|qemu|hvm/i.test(answer.stdout);
    }
    default: return null;
  }
}
