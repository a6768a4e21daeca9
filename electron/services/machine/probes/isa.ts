// Instruction sets that decide how fast, and how exactly, quantized models run.
import type { ProbeContext } from '../ProbeContext.ts';

/** Names in Linux's /proc/cpuinfo (x86 "flags", ARM "Features") -> the names shown. */
const linuxFlags: Readonly<Record<string, string>> = {
  sse4_2: 'SSE4_2', avx: 'AVX', f16c: 'F16C', fma: 'FMA', avx2: 'AVX2', avx_vnni: 'AVX_VNNI', avx_vnni_int8: 'AVX_VNNI_INT8',
  avx512f: 'AVX512F', avx512bw: 'AVX512BW', avx512vl: 'AVX512VL', avx512_vnni: 'AVX512_VNNI', avx512_bf16: 'AVX512_BF16', avx512_fp16: 'AVX512_FP16',
  amx_tile: 'AMX_TILE', amx_int8: 'AMX_INT8', amx_bf16: 'AMX_BF16', amx_fp16: 'AMX_FP16',
  asimd: 'NEON', neon: 'NEON', asimdhp: 'FP16', asimddp: 'DOTPROD', i8mm: 'I8MM', bf16: 'BF16', sve: 'SVE', sve2: 'SVE2', svei8mm: 'SVE_I8MM', sme: 'SME',
};

/** Apple's sysctl names; x86 Macs list words like on Linux. */
const macFlags: Readonly<Record<string, string>> = {
  'hw.optional.neon': 'NEON', 'hw.optional.AdvSIMD': 'NEON', 'hw.optional.arm.FEAT_DotProd': 'DOTPROD', 'hw.optional.arm.FEAT_I8MM': 'I8MM',
  'hw.optional.arm.FEAT_BF16': 'BF16', 'hw.optional.arm.FEAT_FP16': 'FP16', 'hw.optional.arm.FEAT_SME': 'SME',
  'hw.optional.avx2_0': 'AVX2', 'hw.optional.avx1_0': 'AVX', 'hw.optional.fma': 'FMA', 'hw.optional.avx512f': 'AVX512F', 'hw.optional.avx512vnni': 'AVX512_VNNI',
};

/** IsProcessorFeaturePresent numbers of winnt.h. Windows tells nothing about VNNI or AMX. */
const windowsFeatures: Readonly<Record<number, string>> = { 38: 'SSE4_2', 39: 'AVX', 40: 'AVX2', 41: 'AVX512F', 19: 'NEON', 43: 'DOTPROD', 46: 'SVE', 66: 'I8MM', 67: 'FP16', 68: 'BF16' };

/** With one of these sums of 8-bit products are exact at full speed, best first. */
export const exactInt8: readonly string[] = ['AMX_INT8', 'AVX512_VNNI', 'AVX_VNNI'];

const order = [...new Set(Object.values(linuxFlags))];
const sorted = (names: Iterable<string>) => [...new Set(names)].sort((a, b) => order.indexOf(a) - order.indexOf(b));

export interface Isa {
  readonly names: readonly string[];
  /** False where the system does not tell about VNNI and AMX: then their absence means nothing. */
  readonly complete: boolean;
}

export function isaOfCpuinfo(cpuinfo: string): string[] {
  const words = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1]?.split(/\s+/) ?? [];
  return sorted(words.flatMap((word) => linuxFlags[word] ?? []));
}

export function isaOfSysctl(text: string): string[] {
  return sorted(text.split('\n').flatMap((line) => {
    const [name = '', value = ''] = line.split(':').map((part) => part.trim());
    return value === '1' ? macFlags[name] ?? [] : [];
  }));
}

export function isaOfWindows(text: string): string[] {
  return sorted(text.split(/[\s,]+/).flatMap((number) => windowsFeatures[Number(number)] ?? []));
}

export async function probeIsa({ platform, readText, run }: ProbeContext): Promise<Isa> {
  switch (platform) {
    case 'linux': return { names: isaOfCpuinfo((await readText('/proc/cpuinfo')) ?? ''), complete: true };
    case 'darwin': return { names: isaOfSysctl((await run('sysctl', ['hw.optional'], 1500))?.stdout ?? ''), complete: true };
    case 'win32': {
      const script = `$k = Add-Type -PassThru -Name K -Namespace M -MemberDefinition '[DllImport("kernel32.dll")] public static extern bool IsProcessorFeaturePresent(uint f);'; `
        + `(${Object.keys(windowsFeatures).join(',')} | Where-Object { $k::IsProcessorFeaturePresent($_) }) -join ','`;
      const answer = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], 4500);
      return { names: isaOfWindows(answer?.stdout ?? ''), complete: false };
    }
    default: return { names: [], complete: false };
  }
}
