// Graphics processors: NVIDIA through nvidia-smi, others through the kernel (Linux), WMI (Windows) and system_profiler (macOS).
import type { Gpu } from '#shared/contract/machine';
import { numberOf, type ProbeContext } from '../ProbeContext.ts';

/** `identity` names card and driver in a way that does not depend on whether a tool answers: it goes into the fingerprint. */
export interface GpuFacts extends Readonly<Gpu> { readonly identity: string }

export const nvidiaDeadlineMs = 2000;
const query = ['index', 'name', 'memory.total', 'memory.used', 'utilization.gpu', 'temperature.gpu', 'driver_version'] as const;
const mib = 1024 * 1024;

/** Rows of `nvidia-smi --format=csv,noheader,nounits`; "[N/A]" and "[Not Supported]" are null. */
export function parseNvidiaSmi(csv: string): GpuFacts[] {
  return csv.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    const [index, model, total, used, utilisation, temperature, driver] = cells;
    if (cells.length !== query.length || numberOf(index) === null || model === undefined) return [];
    const bytes = (text: string | undefined) => { const value = numberOf(text); return value === null ? null : value * mib; };
    return [{
      index: Number(index), vendor: 'NVIDIA', model, memoryTotalBytes: bytes(total), memoryUsedBytes: bytes(used), utilisationPercent: numberOf(utilisation), temperatureC: numberOf(temperature),
      driver: driver ?? null, source: 'nvidia-smi', identity: `${model} ${driver ?? ''}`,
    }];
  });
}

/** Null when nvidia-smi is not installed. Throws TIMEOUT when it hangs (a driver that is being reset does that). */
export async function probeNvidia({ run }: ProbeContext): Promise<GpuFacts[] | null> {
  const answer = await run('nvidia-smi', [`--query-gpu=${query.join(',')}`, '--format=csv,noheader,nounits'], nvidiaDeadlineMs);
  return answer === null ? null : parseNvidiaSmi(answer.stdout);
}

const linuxVendors: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

/** Display-class devices on the PCI bus of the vendors whose GPUs compute; works without any driver. Plain frame buffers are left out. */
export async function probePciGpus({ readNames, readText, readLinkName }: ProbeContext): Promise<GpuFacts[]> {
  const found: GpuFacts[] = [];
  for (const slot of await readNames('/sys/bus/pci/devices')) {
    const folder = `/sys/bus/pci/devices/${slot}`;
    const [kind, vendorId, deviceId] = await Promise.all(['class', 'vendor', 'device'].map((file) => readText(`${folder}/${file}`)));
    const vendor = linuxVendors[vendorId ?? ''];
    if (vendor === undefined || kind?.startsWith('0x03') !== true) continue;
    const driver = await readLinkName(`${folder}/driver`);
    const [product, total, used, busy, version, sensors] = await Promise.all([
      readText(`${folder}/product_name`), readText(`${folder}/mem_info_vram_total`), readText(`${folder}/mem_info_vram_used`), readText(`${folder}/gpu_busy_percent`),
      driver === null ? null : readText(`/sys/module/${driver}/version`), readNames(`${folder}/hwmon`),
    ]);
    const millidegrees = sensors[0] === undefined ? null : numberOf(await readText(`${folder}/hwmon/${sensors[0]}/temp1_input`));
    const ids = `${(vendorId ?? '').slice(2)}:${(deviceId ?? '').slice(2)}`;
    found.push({
      index: found.length, vendor, model: product ?? `${vendor} GPU ${ids}`, memoryTotalBytes: numberOf(total), memoryUsedBytes: numberOf(used), utilisationPercent: numberOf(busy),
      temperatureC: millidegrees === null ? null : millidegrees / 1000, driver: driver === null ? null : [driver, version].filter(Boolean).join(' '), source: 'sysfs', identity: `${ids} ${driver ?? 'no driver'} ${version ?? ''}`.trim(),
    });
  }
  return found;
}

interface VideoController { readonly Name?: string; readonly AdapterCompatibility?: string; readonly AdapterRAM?: number; readonly DriverVersion?: string }

/** Windows: `Win32_VideoController` as JSON, one object or a list. AdapterRAM ends at 4 GiB, so a full one means "unknown". */
export function parseVideoControllers(json: string): GpuFacts[] {
  if (json.trim() === '') return [];
  const parsed = JSON.parse(json) as VideoController | VideoController[]; // every field is optional, and read as such
  return (Array.isArray(parsed) ? parsed : [parsed])
    .filter(({ Name = '' }) => Name !== '' && !/basic (render|display)|hyper-v|remote|virtual|mirror/i.test(Name))
    .map(({ Name = '', AdapterCompatibility = '', AdapterRAM, DriverVersion }, index) => ({
      index, vendor: /nvidia/i.test(Name) ? 'NVIDIA' : /amd|radeon/i.test(Name) ? 'AMD' : /intel/i.test(Name) ? 'Intel' : AdapterCompatibility || 'unknown', model: Name,
      memoryTotalBytes: typeof AdapterRAM === 'number' && AdapterRAM > 0 && AdapterRAM < 4_293_000_000 ? AdapterRAM : null, memoryUsedBytes: null, utilisationPercent: null, temperatureC: null,
      driver: DriverVersion ?? null, source: 'WMI', identity: `${Name} ${DriverVersion ?? ''}`.trim(),
    }));
}

interface AppleDisplays { readonly SPDisplaysDataType?: ReadonlyArray<{ readonly sppci_model?: string; readonly spdisplays_vendor?: string; readonly sppci_cores?: string }> }

export function parseSystemProfiler(json: string): GpuFacts[] {
  const { SPDisplaysDataType: cards = [] } = JSON.parse(json) as AppleDisplays; // every field is optional, and read as such
  return cards.map(({ sppci_model: model = 'Apple GPU', spdisplays_vendor: vendor = '', sppci_cores: cores }, index) => ({
    index, vendor: /apple/i.test(vendor + model) ? 'Apple' : vendor || 'unknown', model: cores === undefined ? model : `${model} (${cores} cores)`,
    memoryTotalBytes: null, memoryUsedBytes: null, utilisationPercent: null, temperatureC: null, driver: null, source: 'system_profiler', identity: model,
  }));
}

/** The cards that the system itself knows, without NVIDIA's tool. */
export async function probeSystemGpus(context: ProbeContext): Promise<GpuFacts[]> {
  switch (context.platform) {
    case 'linux': return probePciGpus(context);
    case 'win32': {
      const script = 'Get-CimInstance Win32_VideoController | Select-Object Name,AdapterCompatibility,AdapterRAM,DriverVersion | ConvertTo-Json -Compress';
      return parseVideoControllers((await context.run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], 4500))?.stdout ?? '');
    }
    case 'darwin': return parseSystemProfiler((await context.run('system_profiler', ['SPDisplaysDataType', '-json'], 4500))?.stdout ?? '{}');
    default: return [];
  }
}

/** nvidia-smi knows more of NVIDIA's cards; the identity stays the system's, so that a hanging tool does not change the fingerprint. */
export function mergeGpus(system: readonly GpuFacts[], nvidia: readonly GpuFacts[] | null): GpuFacts[] {
  if (nvidia === null || nvidia.length === 0) return system.map((gpu, index) => ({ ...gpu, index }));
  const own = system.filter(({ vendor }) => vendor === 'NVIDIA');
  const others = system.filter(({ vendor }) => vendor !== 'NVIDIA');
  const better = nvidia.map((gpu, index) => ({ ...gpu, identity: own[index]?.identity ?? gpu.identity }));
  return [...better, ...others.map((gpu, index) => ({ ...gpu, index: better.length + index }))];
}
