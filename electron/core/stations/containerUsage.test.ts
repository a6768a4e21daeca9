import { describe, expect, it } from 'vitest';
import { containerUsage } from './containerUsage.ts';

const reading = (cpu: number, system: number, periods: number, throttled: number) => ({
  cpu_stats: { cpu_usage: { total_usage: cpu }, system_cpu_usage: system, online_cpus: 4, throttling_data: { periods, throttled_periods: throttled } },
  memory_stats: { usage: 200, limit: 512, stats: { total_inactive_file: 50 } }, pids_stats: { current: 7 },
});

describe('containerUsage', () => {
  it('counts a whole processor as 100 percent, and memory without the cache', () => {
    expect(containerUsage(reading(1000, 10_000, 10, 1), reading(2000, 14_000, 20, 6))).toEqual({ cpuPercent: 100, throttledPercent: 50, memoryBytes: 150, memoryLimitBytes: 512, processes: 7 });
  });
  it('knows no share from one reading, nor across a restart', () => {
    expect(containerUsage(null, reading(1, 1, 1, 0)).cpuPercent).toBeNull();
    expect(containerUsage(reading(9000, 10_000, 10, 1), reading(10, 14_000, 20, 6)).cpuPercent).toBeNull();
  });
  it('reads the empty statistics of a stopped container', () => {
    expect(containerUsage(null, { memory_stats: {} })).toEqual({ cpuPercent: null, throttledPercent: null, memoryBytes: 0, memoryLimitBytes: 0, processes: 0 });
  });
});
