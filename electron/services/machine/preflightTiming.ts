// Checks of what changes speed, repeatability and the worth of evidence: instruction sets, cores, clock, heat, power, load.
import { rowsOf, type Check } from './preflightRows.ts';
import { exactInt8 } from './probes/isa.ts';

const int8: Check = ({ isa, arch }) => {
  const { pass, warn, unknown } = rowsOf('cpu-int8', 'INT8 instructions', 'They decide how much faster a quantized model is, and on some processors whether its sums saturate.');
  const has = (name: string) => isa.names.includes(name);
  if (arch === 'arm64') {
    if (has('I8MM') || has('DOTPROD')) return pass(`${has('I8MM') ? 'I8MM' : 'DOTPROD'} is there: INT8 runs at full speed.`);
    return isa.names.length === 0 ? unknown('The instruction sets could not be read.') : warn('Neither DOTPROD nor I8MM: INT8 gains little here.', 'Measure before a quantized model is chosen; keep the original if it is as fast.');
  }
  const best = exactInt8.find(has);
  if (best !== undefined) return pass(`${best} is there: INT8 runs at full speed without saturation.`);
  if (has('AVX2')) {
    return isa.complete
      ? warn('AVX2 without VNNI: exact sums of 8-bit products take slower instructions, by a sixth to a third.', 'Quantize on this machine: auto also tries weights in 7 bits, which run on the fast ones; --reduce-range names them.')
      : unknown('AVX2 is there; this system does not tell about VNNI.', 'Compare the quantized model on this machine before it is approved.');
  }
  return isa.names.length === 0 ? unknown('The instruction sets could not be read.') : warn('No AVX2: quantized models run slowly and may be slower than the original.', 'Keep the original model, or use a processor made after 2013.');
};

const cores: Check = ({ cpu, limits }) => {
  const { pass, warn } = rowsOf('cpu-cores', 'Processor cores', 'One is needed for the line\'s own software, one for the model.');
  const usable = Math.min(cpu.cores, limits.cpuset ?? Infinity, limits.cpuQuota ?? Infinity);
  const said = `${cpu.cores} cores, ${cpu.threads} threads${usable < cpu.cores ? `; ${Math.round(usable * 100) / 100} may be used` : ''}.`;
  return usable < 2 ? warn(said, 'Run nothing else beside the model, and leave a margin in the takt.') : pass(said);
};

const clock: Check = ({ clock: { synchronised }, platform }) => {
  const { pass, warn, unknown } = rowsOf('clock', 'Clock', 'Evidence and the audit trail carry times; a wrong clock makes them worthless in an audit.');
  const command = platform === 'win32' ? 'w32tm /query /status' : platform === 'darwin' ? 'sudo systemsetup -getusingnetworktime' : 'timedatectl';
  if (synchronised === true) return pass('Set by a time server.');
  if (synchronised === false) return warn('Not synchronised with a time server.', 'Set the plant\'s time server; without a network note the clock\'s offset in the report.', platform === 'linux' ? 'sudo timedatectl set-ntp true' : command);
  return unknown('This system does not tell whether a time server sets it.', 'Compare it with a known clock and note the offset.', command);
};

const virtualisation: Check = ({ cpu: { virtualised } }) => {
  const { pass, warn, unknown } = rowsOf('virtualisation', 'Virtual machine', 'Other guests take processor time without a trace: high percentiles measured here hold for this host only.');
  if (virtualised === null) return unknown('The system does not tell.');
  return virtualised ? warn('This is a virtual machine.', 'Measure on the station\'s own PC, or fix the processors of this guest.') : pass('No: it runs on the hardware itself.');
};

const swap: Check = ({ memory: { swapTotalBytes } }) => {
  const { pass, warn } = rowsOf('swap', 'Swap', 'Memory that was swapped out makes single inferences a hundred times slower.');
  return swapTotalBytes === 0 ? pass('None.') : warn('There is swap space.', 'Watch the maximum latency; turn swap off on a station that does nothing else.', 'sudo swapoff -a');
};

const governor: Check = ({ governors, cpu, platform }) => {
  const { pass, warn, unknown } = rowsOf('governor', 'Clock governor', 'A saving governor lets the clock fall between two parts: the first inference of each takes longer.');
  if (governors.length === 0) return unknown(cpu.virtualised === true ? 'The host of this virtual machine decides.' : 'The system does not tell.', platform === 'win32' ? 'Choose the power plan "High performance".' : '', platform === 'win32' ? 'powercfg /setactive SCHEME_MIN' : null);
  const saving = governors.filter((name) => name !== 'performance');
  return saving.length === 0 ? pass('performance.') : warn(`${saving.join(', ')}.`, 'Set the governor to performance while measuring, and on the station for good.', 'sudo cpupower frequency-set -g performance');
};

const temperature: Check = ({ temperatureC }) => {
  const { pass, warn, unknown } = rowsOf('temperature', 'Temperature', 'A hot processor lowers its clock; results measured then are not repeatable.');
  if (temperatureC === null) return unknown('No sensor can be read.');
  return temperatureC >= 85 ? warn(`${Math.round(temperatureC)} °C.`, 'Clean the fans and filters, and let it cool before measuring.') : pass(`${Math.round(temperatureC)} °C.`);
};

const load: Check = ({ loadPerThread, cpu }) => {
  const { pass, warn, unknown } = rowsOf('load', 'Other work', 'Whatever else runs now is measured with the model.');
  if (loadPerThread === null) return unknown('The system does not keep a load average.');
  const said = `The load of the last minute is ${Math.round(loadPerThread * cpu.threads * 100) / 100} on ${cpu.threads} threads.`;
  return loadPerThread > 0.5 ? warn(said, 'End other programs before latency is measured.') : pass(said);
};

export const checkTiming: readonly Check[] = [int8, cores, clock, virtualisation, swap, governor, temperature, load];
