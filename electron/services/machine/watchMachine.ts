// Samples the machine's load once per interval until aborted; a sample never waits for a slow tool.
import { cpus, freemem, totalmem } from 'node:os';
import type { MachineSample } from '#shared/contract/machine';
import { pause } from '../pause.ts';
import type { Services } from '../Services.ts';
import { mergeGpus, probeNvidia, probeSystemGpus, type GpuFacts } from './probes/gpus.ts';
import { probeTemperature } from './probes/temperature.ts';
import { probeContext, type ProbeContext } from './ProbeContext.ts';

interface Ticks { readonly busy: number; readonly total: number }

/** After a tool has hung it is left alone for this long. */
const pauseAfterFailureMs = 30_000;
/** The engine is asked at this pace: often enough for a person who waits for it, and no load on it. */
const engineEveryMs = 5000;

type EngineSeen = NonNullable<MachineSample['engine']>;

/** Emits one sample after each interval, the first after about 200 ms. Ends when the signal is aborted; the tools it started have ended by then or are being ended. */
export async function watchMachine({ clock }: Pick<Services, 'clock'>, { intervalMs }: { readonly intervalMs: number }, emit: (sample: MachineSample) => void, signal: AbortSignal, context: ProbeContext = probeContext(), findEngine: (() => Promise<EngineSeen>) | null = null): Promise<void> {
  const gpus = latest<GpuFacts[]>([], clock, signal, async (before) => {
    // WMI and system_profiler tell no load and are slow: outside Linux only NVIDIA's tool is asked again.
    const system = context.platform === 'linux' || before.length === 0 ? await probeSystemGpus(context) : before;
    return mergeGpus(system, await probeNvidia(context));
  });
  const temperature = latest<number | null>(null, clock, signal, () => probeTemperature(context));
  const engine = latest<EngineSeen | null>(null, clock, signal, async (last) => findEngine?.() ?? last, engineEveryMs);
  let before = readTicks();
  let waitMs = Math.min(200, intervalMs);
  while (!signal.aborted) {
    gpus.refresh();
    temperature.refresh();
    engine.refresh();
    await pause(waitMs, signal);
    if (signal.aborted) break;
    waitMs = intervalMs;
    const after = readTicks();
    const corePercent = after.map((core, index) => percentBusy(before[index], core));
    before = after;
    const memory = await readMemory(context);
    emit({
      at: new Date(clock()).toISOString(), cpuPercent: corePercent.length === 0 ? 0 : Math.round((corePercent.reduce((sum, value) => sum + value, 0) / corePercent.length) * 10) / 10, corePercent, ...memory,
      gpus: gpus.value().map(({ index, utilisationPercent, memoryUsedBytes, temperatureC }) => ({ index, utilisationPercent, memoryUsedBytes, temperatureC })), temperatureC: temperature.value(), ...(findEngine === null ? {} : { engine: engine.value() }),
    });
  }
}

/** The last answer of a probe that runs on its own pace, at most once at a time. */
function latest<T>(initial: T, clock: () => number, signal: AbortSignal, probe: (before: T) => Promise<T>, paceMs = 0) {
  let value = initial;
  let running = false;
  let notBeforeMs = 0;
  return {
    value: () => value,
    refresh() {
      if (running || signal.aborted || clock() < notBeforeMs) return;
      running = true;
      void probe(value).then((next) => { value = next; notBeforeMs = clock() + paceMs; }, () => { value = initial; notBeforeMs = clock() + pauseAfterFailureMs; }).finally(() => { running = false; });
    },
  };
}

const readTicks = (): Ticks[] => cpus().map(({ times }) => {
  const total = times.user + times.nice + times.sys + times.idle + times.irq;
  return { busy: total - times.idle, total };
});

function percentBusy(before: Ticks | undefined, after: Ticks): number {
  if (before === undefined || after.total <= before.total) return 0;
  return Math.min(100, Math.max(0, Math.round(((after.busy - before.busy) / (after.total - before.total)) * 1000) / 10));
}

async function readMemory({ platform, readText }: ProbeContext): Promise<Pick<MachineSample, 'memoryUsedBytes' | 'memoryTotalBytes'>> {
  // Node's "free" leaves out what Linux would give back from its caches.
  const available = platform === 'linux' ? /^MemAvailable:\s+(\d+) kB/m.exec((await readText('/proc/meminfo')) ?? '')?.[1] : undefined;
  const total = totalmem();
  return { memoryTotalBytes: total, memoryUsedBytes: total - (available === undefined ? freemem() : Number(available) * 1024) };
}
