// The machine: what it has, what of it matters for models, and whether it is fit to commission on.
import { z } from 'zod';
import { checkStatusSchema } from '../finding.ts';
import { query, stream } from './operation.ts';
import { isoTimeSchema } from './references.ts';

export const gpuSchema = z.object({
  index: z.number(), vendor: z.string(), model: z.string(),
  memoryTotalBytes: z.number().nullable(), memoryUsedBytes: z.number().nullable(),
  utilisationPercent: z.number().nullable(), temperatureC: z.number().nullable(), driver: z.string().nullable(), source: z.string(),
});
export type Gpu = z.infer<typeof gpuSchema>;

export const preflightSchema = z.object({
  id: z.string(), title: z.string(), status: checkStatusSchema, message: z.string(),
  /** Why it matters for a station. */
  consequence: z.string(),
  /** What to do, in words; empty when it passes. */
  hint: z.string(),
  /** A command to copy, where one exists. */
  command: z.string().nullable(),
});
export type Preflight = z.infer<typeof preflightSchema>;

export const machineReportSchema = z.object({
  takenAt: isoTimeSchema,
  hostname: z.string(),
  os: z.object({ platform: z.string(), distro: z.string(), release: z.string(), kernel: z.string(), arch: z.string() }),
  cpu: z.object({
    model: z.string(), vendor: z.string(), cores: z.number(), threads: z.number(), baseGHz: z.number().nullable(),
    /** Instruction sets that decide quantization: AVX2, AVX512F, AVX512_VNNI, AVX_VNNI, AMX_INT8, NEON, DOTPROD, I8MM, SVE … */
    isa: z.array(z.string()),
    cacheBytes: z.object({ l1d: z.number().nullable(), l1i: z.number().nullable(), l2: z.number().nullable(), l3: z.number().nullable() }),
    virtualised: z.boolean().nullable(),
  }),
  memory: z.object({ totalBytes: z.number(), availableBytes: z.number(), swapTotalBytes: z.number() }),
  /** Limits of the cgroup or container that this process runs in; null = no limit. */
  limits: z.object({ inContainer: z.boolean(), cgroupVersion: z.number().nullable(), cpuQuota: z.number().nullable(), cpuset: z.number().nullable(), memoryBytes: z.number().nullable(), pids: z.number().nullable() }),
  gpus: z.array(gpuSchema),
  providers: z.array(z.object({ name: z.string(), available: z.boolean(), reason: z.string() })),
  containers: z.object({ engine: z.string().nullable(), version: z.string().nullable(), available: z.boolean(), reason: z.string(), socket: z.string().nullable(), /** What to do, where the reason calls for something of its own. */ hint: z.string().optional() }),
  disks: z.array(z.object({ mount: z.string(), totalBytes: z.number(), availableBytes: z.number(), fileSystem: z.string(), holdsData: z.boolean() })),
  clock: z.object({ source: z.string().nullable(), synchronised: z.boolean().nullable(), timeZone: z.string() }),
  temperatureC: z.number().nullable(),
  /** SHA-256 over what identifies this machine for evidence; stable over restarts. */
  fingerprint: z.string(),
  /** What differs from the last report that was stored. */
  changes: z.array(z.object({ field: z.string(), before: z.string(), after: z.string() })),
  preflight: z.array(preflightSchema),
  /** Probes that missed their deadline or failed, with the reason. */
  probes: z.array(z.object({ id: z.string(), ok: z.boolean(), durationMs: z.number(), reason: z.string() })),
});
export type MachineReport = z.infer<typeof machineReportSchema>;

export const machineSampleSchema = z.object({
  at: isoTimeSchema, cpuPercent: z.number(), corePercent: z.array(z.number()),
  memoryUsedBytes: z.number(), memoryTotalBytes: z.number(),
  gpus: z.array(z.object({ index: z.number(), utilisationPercent: z.number().nullable(), memoryUsedBytes: z.number().nullable(), temperatureC: z.number().nullable() })),
  temperatureC: z.number().nullable(),
  /** Whether the container engine answers, asked every few seconds; null or absent: not known. */
  engine: z.object({ engine: z.string().nullable(), version: z.string().nullable(), available: z.boolean(), reason: z.string() }).nullable().optional(),
});
export type MachineSample = z.infer<typeof machineSampleSchema>;

export const machineOperations = {
  'machine.inspect': query('Check the machine', () => z.object({ remember: z.boolean().default(true) }), () => machineReportSchema),
  'machine.watch': stream('Watch the machine', () => z.object({ intervalMs: z.number().min(200).max(60_000).default(1000) }), () => machineSampleSchema),
} as const;
