// What a container uses, from two readings of Docker's statistics. Source: Docker Engine API, "Get container stats based on resource usage".
export interface StatsReading {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number }; readonly system_cpu_usage?: number; readonly online_cpus?: number; readonly throttling_data?: { readonly periods?: number; readonly throttled_periods?: number } };
  readonly memory_stats?: { readonly usage?: number; readonly limit?: number; readonly stats?: Readonly<Record<string, number>> };
  readonly pids_stats?: { readonly current?: number };
}

export interface ContainerUsage {
  /** 100 is one whole processor; null until there are two readings. */
  readonly cpuPercent: number | null;
  /** Share of the scheduler's periods in which the limit held it back. */
  readonly throttledPercent: number | null;
  /** Without the page cache that the kernel gives back when it is wanted. */
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly processes: number;
}

export function containerUsage(before: StatsReading | null, now: StatsReading): ContainerUsage {
  const memory = now.memory_stats ?? {};
  const reclaimable = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file'] ?? 0;
  const usage = memory.usage ?? 0;
  const difference = (of: (reading: StatsReading) => number | undefined): number | null => {
    const [a, b] = [before === null ? undefined : of(before), of(now)];
    return a === undefined || b === undefined || b < a ? null : b - a;
  };
  const cpu = difference((reading) => reading.cpu_stats?.cpu_usage?.total_usage);
  const system = difference((reading) => reading.cpu_stats?.system_cpu_usage);
  const periods = difference((reading) => reading.cpu_stats?.throttling_data?.periods);
  const throttled = difference((reading) => reading.cpu_stats?.throttling_data?.throttled_periods);
  return {
    cpuPercent: cpu === null || system === null || system === 0 ? null : (cpu / system) * (now.cpu_stats?.online_cpus ?? 1) * 100,
    throttledPercent: periods === null || throttled === null ? null : periods === 0 ? 0 : (throttled / periods) * 100,
    memoryBytes: Math.max(0, usage - Math.min(usage, reclaimable)), memoryLimitBytes: memory.limit ?? 0, processes: now.pids_stats?.current ?? 0,
  };
}
