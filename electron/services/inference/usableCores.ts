// How many processors this process, or the container it runs in, may use.
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';

/** Whole processors, at least 1: the quota of the control group where there is one, else all that the system gives. */
export function usableCores(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): number {
  try {
    const [quota, period] = read('/sys/fs/cgroup/cpu.max').trim().split(' ');
    if (quota !== undefined && quota !== 'max') return Math.max(1, Math.min(availableParallelism(), Math.floor(Number(quota) / Number(period))));
  } catch { /* not Linux, or an older control group */ }
  return availableParallelism();
}
