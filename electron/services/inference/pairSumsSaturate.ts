// Whether this processor's instructions for INT8 can lose the upper bits of a sum.
import { readFileSync } from 'node:fs';
import { exactInt8, isaOfCpuinfo } from '../machine/probes/isa.ts';

/** @param cpuinfo of Linux; null on systems that do not tell about VNNI, where it may be missing */
export function lacksVnni(arch: string, cpuinfo: string | null): boolean {
  if (arch !== 'x64') return false;
  const names = isaOfCpuinfo(cpuinfo ?? '');
  return !exactInt8.some((name) => names.includes(name));
}

let known: boolean | null = null;
/**
 * True on x64 processors that are not known to have VNNI: there the runtime adds pairs of products of an unsigned and a signed byte in 16 bits (VPMADDUBSW), which saturate beyond 32767.
 * Weights within ±64 cannot reach that: 255 · (64 + 64) = 32640.
 */
export function pairSumsSaturate(): boolean {
  if (known === null) {
    let cpuinfo: string | null = null;
    if (process.platform === 'linux' && process.arch === 'x64') try { cpuinfo = readFileSync('/proc/cpuinfo', 'utf8'); } catch { /* not told */ }
    known = lacksVnni(process.arch, cpuinfo);
  }
  return known;
}
