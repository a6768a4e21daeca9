// Inspects the machine: every probe beside the others, each with its own deadline, and what follows for a station.
import { mkdir } from 'node:fs/promises';
import { arch, hostname, loadavg } from 'node:os';
import { z } from 'zod';
import type { MachineReport } from '#shared/contract/machine';
import { detectEngine, type EngineFacts } from '../containers/detectEngine.ts';
import { engineSources } from '../containers/engineSources.ts';
import { listProviders } from '../inference/listProviders.ts';
import type { Services } from '../Services.ts';
import { explainProviders } from './explainProviders.ts';
import { changesBetween, fingerprintOf } from './fingerprint.ts';
import { preflight } from './preflight.ts';
import { probeContext, type ProbeContext } from './ProbeContext.ts';
import { probeDeadlineMs, probeIdentity } from './probeIdentity.ts';
import { plainClock, probeClock } from './probes/clock.ts';
import { probeDisks, probeTempExecutable, whyNotWritable, type Disk } from './probes/disks.ts';
import { noLimits, probeLimits } from './probes/limits.ts';
import { takenPorts } from './probes/ports.ts';
import { probeGovernors } from './probes/power.ts';
import { probeTemperature } from './probes/temperature.ts';
import { withDeadline } from './withDeadline.ts';

export interface InspectOptions {
  /** Keep this machine's identity, so that the next inspection tells what changed. */
  readonly remember: boolean;
}

const rememberedSchema = z.object({ takenAt: z.string(), fingerprint: z.string(), identity: z.record(z.string(), z.string()) });
const noEngine: EngineFacts = { engine: null, version: null, available: false, reason: 'The search for a container engine took too long.', socket: null, rootless: null };

/**
 * The report of cli.md's `millwright machine`. A probe that fails or is late is a row in `probes` and leaves its check unknown; nothing is thrown for it.
 * Mostly under 1 s; at most about 6 s, when the runtime's process does not answer.
 */
export async function inspectMachine(services: Services, { remember }: InspectOptions, context: ProbeContext = probeContext()): Promise<MachineReport> {
  const { dataDir, clock: now, store } = services;
  const { platform } = context;
  const deadlineMs = probeDeadlineMs(platform);
  const [machine, limits, backends, containers, disks, dataFailure, tempExecutable, clock, temperature, governors, ports] = await Promise.all([
    probeIdentity(context),
    withDeadline('limits', 1000, noLimits, () => probeLimits(context)),
    withDeadline<Awaited<ReturnType<typeof listProviders>> | null>('runtime', 6000, null, () => listProviders(services)),
    withDeadline('containers', 3500, noEngine, () => detectEngine({ ...engineSources(services), platform, env: context.env })),
    withDeadline<Disk[]>('disks', deadlineMs, [], () => probeDisks(context, dataDir)),
    withDeadline<string | null>('data folder', 2000, 'TIMEOUT', async () => { await mkdir(dataDir, { recursive: true }).catch(() => undefined); return whyNotWritable(dataDir); }),
    withDeadline<boolean | null>('temporary folder', 1000, null, () => probeTempExecutable(context)),
    withDeadline('clock', deadlineMs, plainClock(), () => probeClock(context)),
    withDeadline<number | null>('temperature', deadlineMs, null, () => probeTemperature(context)),
    withDeadline<string[]>('governor', 1000, [], () => probeGovernors(context)),
    withDeadline<number[]>('ports', 1000, [], () => takenPorts()),
  ]);

  const { os, cpu, memory, isa, gpus, identity, nvidiaFailure } = machine;
  const runtimeFailure = backends.row.ok ? null : backends.row.reason;
  const providers = explainProviders({ platform, arch: arch(), gpus, backends: backends.value, failure: backends.row.reason });
  const { rootless: _rootless, ...engine } = containers.value;
  const { throttledShare: _throttled, memoryUsedBytes: _used, openFiles: _files, ...reportLimits } = limits.value;
  const takenAt = new Date(now()).toISOString();
  const fingerprint = fingerprintOf(identity);
  const last = store.value('machine.last', rememberedSchema);
  const changes = changesBetween(last.get()?.identity ?? null, identity);
  if (remember && dataFailure.value === null) last.set({ takenAt, fingerprint, identity: { ...identity } });

  return {
    takenAt, hostname: hostname(), os, cpu, memory, limits: reportLimits, gpus: gpus.map(({ identity: _identity, ...gpu }) => gpu), providers, containers: engine, disks: disks.value,
    clock: clock.value, temperatureC: temperature.value, fingerprint, changes,
    preflight: preflight({
      platform, arch: arch(), cpu, isa, memory, limits: limits.value, gpus, nvidiaFailure, providers, runtimeFailure, containers: engine, disks: disks.value, dataDir, dataFailure: dataFailure.value,
      tempExecutable: tempExecutable.value, clock: clock.value, temperatureC: temperature.value, governors: governors.value, takenPorts: ports.value,
      loadPerThread: platform === 'win32' ? null : (loadavg()[0] ?? 0) / Math.max(1, cpu.threads),
    }),
    probes: [...machine.rows, ...[limits, backends, containers, disks, dataFailure, tempExecutable, clock, temperature, governors, ports].map(({ row }) => row)],
  };
}
