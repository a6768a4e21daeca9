// What a preflight check is given, and how it says its result.
import type { MachineReport, Preflight } from '#shared/contract/machine';
import type { Clock } from './probes/clock.ts';
import type { Disk } from './probes/disks.ts';
import type { GpuFacts } from './probes/gpus.ts';
import type { Isa } from './probes/isa.ts';
import type { LimitFacts } from './probes/limits.ts';

export interface PreflightFacts {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly cpu: MachineReport['cpu'];
  readonly isa: Isa;
  readonly memory: MachineReport['memory'];
  readonly limits: LimitFacts;
  readonly gpus: readonly GpuFacts[];
  /** Why NVIDIA's tool failed; null when it did not. */
  readonly nvidiaFailure: string | null;
  readonly providers: MachineReport['providers'];
  /** Why the runtime did not load; null when it did. */
  readonly runtimeFailure: string | null;
  readonly containers: MachineReport['containers'];
  readonly disks: readonly Disk[];
  readonly dataDir: string;
  /** The system's code when the data folder is not writable, else null. */
  readonly dataFailure: string | null;
  readonly tempExecutable: boolean | null;
  readonly clock: Clock;
  readonly temperatureC: number | null;
  readonly governors: readonly string[];
  readonly takenPorts: readonly number[];
  /** Work waiting per thread over the last minute; null on Windows, which does not keep it. */
  readonly loadPerThread: number | null;
}

export type Check = (facts: PreflightFacts) => Preflight;

/** The parts that all rows of one check share; a passing row has no hint and no command. */
export function rowsOf(id: string, title: string, consequence: string) {
  const row = (status: Preflight['status'], message: string, hint = '', command: string | null = null): Preflight => ({ id, title, status, message, consequence, hint, command });
  return {
    pass: (message: string) => row('pass', message),
    warn: (message: string, hint: string, command: string | null = null) => row('warn', message, hint, command),
    fail: (message: string, hint: string, command: string | null = null) => row('fail', message, hint, command),
    unknown: (message: string, hint = '', command: string | null = null) => row('unknown', message, hint, command),
  };
}

const units = [['TiB', 1024 ** 4], ['GiB', 1024 ** 3], ['MiB', 1024 ** 2]] as const;
/** "3.5 GiB": sentences of the machine report are read in terminals and reports alike. */
export function sayBytes(bytes: number): string {
  const [unit, size] = units.find(([, size]) => bytes >= size) ?? units[2];
  const value = bytes / size;
  return `${value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${unit}`;
}
