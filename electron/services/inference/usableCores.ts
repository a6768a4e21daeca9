// How many processors this process, or the container it runs in, may use.
import * as os from 'node:os';
import { readFileSync } from 'node:fs';

/** Node 16, which older Electron has, does not know what the scheduler allows. */
const allowedCores = (): number => ('availableParallelism' in os ? os.availableParallelism() : (os as { cpus(): readonly unknown[] }).cpus().length);

/** Whole processors, at least 1: the quota of the control group where there is one, else all that the system gives. */
export function usableCores(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): number {
  try {
    const [quota, period] = read('/sys/fs/cgroup/cpu.max').trim().split(' ');
    if (quota !== undefined && quota !== 'max') return Math.max(1, Math.min(allowedCores(), Math.floor(Number(quota) / Number(period))));
  } catch { /* not Linux, or an older control group */ }
  return allowedCores();
}
