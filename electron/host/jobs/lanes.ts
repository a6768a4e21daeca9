// Which queued jobs may start beside those that run: a pure decision over what is queued and running.
import type { Lane } from '#shared/contract/operation';

export interface LaneJob { readonly id: string; readonly lane: Lane; readonly running: boolean }

/** So many light jobs run at once. */
export const lightAtOnce = 2;

/**
 * The ids of queued jobs that may start now, first come first. light: up to two, beside light and compute · compute: one · exclusive: alone.
 * Nothing overtakes a waiting exclusive job, so that it gets its turn.
 */
export function startable(jobs: readonly LaneJob[]): string[] {
  const running = { light: 0, compute: 0, exclusive: 0 };
  for (const job of jobs) if (job.running) running[job.lane]++;
  const starting: string[] = [];
  for (const job of jobs) {
    if (job.running) continue;
    if (running.exclusive > 0) break;
    if (job.lane === 'exclusive') {
      if (running.light + running.compute === 0) starting.push(job.id);
      break;
    }
    if (running[job.lane] >= (job.lane === 'light' ? lightAtOnce : 1)) continue;
    running[job.lane]++;
    starting.push(job.id);
  }
  return starting;
}
