import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { probeContext } from '../ProbeContext.ts';
import { parseW32tmStatus } from './clock.ts';
import { isContainerLayer, mountOf, parseDf } from './disks.ts';
import { mergeGpus, parseNvidiaSmi, parseSystemProfiler, parseVideoControllers, probePciGpus } from './gpus.ts';
import { isaOfCpuinfo, isaOfSysctl, isaOfWindows } from './isa.ts';
import { countCpuList, probeLimits } from './limits.ts';
import { probeGovernors } from './power.ts';
import { probeTemperature } from './temperature.ts';

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))));

/** Lays out /proc and /sys of another machine. A value that starts with "-> " is a link. */
async function machine(files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'machine-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await (text.startsWith('-> ') ? symlink(text.slice(3), join(root, path)) : writeFile(join(root, path), text));
  }
  return probeContext({ root, env: {}, platform: 'linux' });
}

describe('instruction sets', () => {
  it('reads what decides quantization from x86 flags', () => {
    expect(isaOfCpuinfo('processor : 0\nflags\t\t: fpu sse4_2 avx2 fma avx512f avx512_vnni avx_vnni amx_int8 amx_tile hypervisor\n')).toEqual(['SSE4_2', 'FMA', 'AVX2', 'AVX_VNNI', 'AVX512F', 'AVX512_VNNI', 'AMX_TILE', 'AMX_INT8']);
  });
  it('reads ARM features', () => {
    expect(isaOfCpuinfo('Features\t: fp asimd asimdhp asimddp sve i8mm bf16\n')).toEqual(['NEON', 'FP16', 'DOTPROD', 'I8MM', 'BF16', 'SVE']);
  });
  it('reads Apple sysctl, only what is 1', () => {
    expect(isaOfSysctl('hw.optional.arm.FEAT_DotProd: 1\nhw.optional.arm.FEAT_SME: 0\nhw.optional.AdvSIMD: 1\n')).toEqual(['NEON', 'DOTPROD']);
  });
  it('reads the numbers that Windows answers', () => {
    expect(isaOfWindows('38,39,40\r\n')).toEqual(['SSE4_2', 'AVX', 'AVX2']);
  });
});

describe('limits', () => {
  const mountV2 = '30 1 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n27 1 254:0 / / rw - overlay overlay rw';

  it('takes the tightest limit on the way up a version 2 tree', async () => {
    const found = await probeLimits(await machine({
      'proc/self/cgroup': '0::/plant/line', 'proc/self/mountinfo': mountV2, 'proc/self/limits': 'Max open files            1024                 4096                 files',
      'sys/fs/cgroup/plant/line/cpu.max': 'max 100000', 'sys/fs/cgroup/plant/cpu.max': '150000 100000', 'sys/fs/cgroup/plant/line/memory.max': '536870912', 'sys/fs/cgroup/plant/memory.max': 'max',
      'sys/fs/cgroup/plant/line/memory.current': '1000', 'sys/fs/cgroup/plant/line/pids.max': '64', 'sys/fs/cgroup/plant/line/cpu.stat': 'usage_usec 5\nnr_periods 200\nnr_throttled 50',
    }));
    expect(found).toEqual({ inContainer: false, cgroupVersion: 2, cpuQuota: 1.5, cpuset: null, memoryBytes: 536870912, pids: 64, throttledShare: 0.25, memoryUsedBytes: 1000, openFiles: 1024 });
  });

  it('reads version 1, seen from inside a container', async () => {
    const found = await probeLimits(await machine({
      '.dockerenv': '', 'proc/self/cgroup': '4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc',
      'proc/self/mountinfo': '32 31 0:24 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n33 31 0:25 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n27 1 0:44 / / rw - overlay overlay rw',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '268435456', 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000', 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
    }));
    expect(found).toMatchObject({ inContainer: true, cgroupVersion: 1, cpuQuota: 0.5, memoryBytes: 268435456 });
  });

  it('does not take "no limit" for a number', async () => {
    const found = await probeLimits(await machine({
      'proc/self/cgroup': '4:memory:/\n1:cpu:/', 'proc/self/mountinfo': '32 31 0:24 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n33 31 0:25 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712', 'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1', 'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
    }));
    expect(found).toMatchObject({ cpuQuota: null, memoryBytes: null });
  });

  it('does not take a virtual machine made from an image for a container', async () => {
    const found = await probeLimits(await machine({ '.dockerenv': '', 'proc/self/cgroup': '0::/', 'proc/self/mountinfo': '27 1 254:0 / / rw - ext4 /dev/vda rw' }));
    expect(found.inContainer).toBe(false);
  });

  it('counts processor lists', () => {
    expect([countCpuList('0-3,8'), countCpuList('5'), countCpuList(null)]).toEqual([5, 1, null]);
  });
});

describe('graphics', () => {
  it('reads nvidia-smi, with what the card does not support left open', () => {
    expect(parseNvidiaSmi('0, NVIDIA RTX A2000, 6138, 512, 7, 41, 550.54.15\n1, Tesla K80, 11441, 0, [N/A], [Not Supported], 470.82\nNVIDIA-SMI has failed\n')).toMatchObject([
      { index: 0, model: 'NVIDIA RTX A2000', memoryTotalBytes: 6138 * 1024 ** 2, memoryUsedBytes: 512 * 1024 ** 2, utilisationPercent: 7, temperatureC: 41, driver: '550.54.15' },
      { index: 1, model: 'Tesla K80', utilisationPercent: null, temperatureC: null },
    ]);
  });

  it('finds cards on the PCI bus, with and without driver, and leaves plain frame buffers out', async () => {
    const gpus = await probePciGpus(await machine({
      'sys/bus/pci/devices/0000:00:02.0/class': '0x030000', 'sys/bus/pci/devices/0000:00:02.0/vendor': '0x1a03', 'sys/bus/pci/devices/0000:00:02.0/device': '0x2000',
      'sys/bus/pci/devices/0000:01:00.0/class': '0x030200', 'sys/bus/pci/devices/0000:01:00.0/vendor': '0x10de', 'sys/bus/pci/devices/0000:01:00.0/device': '0x2330',
      'sys/bus/pci/devices/0000:03:00.0/class': '0x030000', 'sys/bus/pci/devices/0000:03:00.0/vendor': '0x1002', 'sys/bus/pci/devices/0000:03:00.0/device': '0x744c',
      'sys/bus/pci/devices/0000:03:00.0/driver': '-> ../../../bus/pci/drivers/amdgpu', 'sys/bus/pci/devices/0000:03:00.0/mem_info_vram_total': '25753026560', 'sys/bus/pci/devices/0000:03:00.0/mem_info_vram_used': '1048576',
      'sys/bus/pci/devices/0000:03:00.0/gpu_busy_percent': '12', 'sys/bus/pci/devices/0000:03:00.0/hwmon/hwmon3/temp1_input': '47000', 'sys/module/amdgpu/version': '6.8.5',
      'sys/bus/pci/devices/0000:04:00.0/class': '0x020000', 'sys/bus/pci/devices/0000:04:00.0/vendor': '0x8086', 'sys/bus/pci/devices/0000:04:00.0/device': '0x1521',
    }));
    expect(gpus).toMatchObject([
      { vendor: 'NVIDIA', model: 'NVIDIA GPU 10de:2330', driver: null },
      { vendor: 'AMD', memoryTotalBytes: 25753026560, memoryUsedBytes: 1048576, utilisationPercent: 12, temperatureC: 47, driver: 'amdgpu 6.8.5' },
    ]);
  });

  it('keeps the identity of a card when nvidia-smi stops answering', () => {
    const system = [{ index: 0, vendor: 'NVIDIA', model: 'NVIDIA GPU 10de:2330', memoryTotalBytes: null, memoryUsedBytes: null, utilisationPercent: null, temperatureC: null, driver: 'nvidia 550', source: 'sysfs', identity: '10de:2330 nvidia 550' }];
    const identities = (gpus: readonly { identity: string }[]) => gpus.map(({ identity }) => identity);
    expect(identities(mergeGpus(system, parseNvidiaSmi('0, NVIDIA H100, 81559, 1, 0, 30, 550')))).toEqual(identities(mergeGpus(system, null)));
  });

  it('reads Windows and Apple lists', () => {
    expect(parseVideoControllers('[{"Name":"Microsoft Basic Display Adapter"},{"Name":"Intel(R) UHD Graphics 630","AdapterRAM":1073741824,"DriverVersion":"31.0.101.2111"}]')).toMatchObject([{ index: 0, vendor: 'Intel', memoryTotalBytes: 1073741824, driver: '31.0.101.2111' }]);
    expect(parseSystemProfiler('{"SPDisplaysDataType":[{"sppci_model":"Apple M2","spdisplays_vendor":"sppci_vendor_Apple","sppci_cores":"10"}]}')).toMatchObject([{ vendor: 'Apple', model: 'Apple M2 (10 cores)' }]);
    expect([parseVideoControllers(''), parseSystemProfiler('{}')]).toEqual([[], []]);
  });
});

describe('disks, clock, heat, power', () => {
  it('counts no running container as a disk, but the root of one that it runs in itself', () => {
    expect([['/', 'overlay'], ['/var/lib/docker/overlay2/e8e8/merged', 'overlay'], ['/home/a/.local/share/containers/storage/overlay/x/merged', 'fuse.overlayfs'], ['/data', 'ext4']].map(([mount = '', fileSystem = '']) => isContainerLayer({ mount, fileSystem }))).toEqual([false, true, true, false]);
  });
  it('reads df, with spaces in the mount point', () => {
    expect(parseDf('Filesystem     Type 1024-blocks     Used Available Capacity Mounted on\n//nas/plant data cifs 1000 400 600 40% /mnt/plant data\n')).toEqual([{ mount: '/mnt/plant data', totalBytes: 1024000, availableBytes: 614400, fileSystem: 'cifs' }]);
  });
  it('finds the mount point that a path lies under', () => {
    expect([mountOf('/data/models', ['/', '/data', '/database'], 'linux'), mountOf('D:\\plant', ['C:', 'D:'], 'win32'), mountOf('/database', ['/', '/data'], 'linux')]).toEqual(['/data', 'D:', '/']);
  });
  it('reads the leap indicator whatever the language of Windows', () => {
    expect([parseW32tmStatus('Sprungindikator: 0(Keine Warnung)\r\nStratum: 3'), parseW32tmStatus('Leap Indicator: 3(not synchronized)'), parseW32tmStatus('Access is denied.')]).toEqual([true, false, null]);
  });
  it('takes the hottest processor sensor and no other', async () => {
    const context = await machine({
      'sys/class/thermal/thermal_zone0/type': 'acpitz', 'sys/class/thermal/thermal_zone0/temp': '90000', 'sys/class/thermal/thermal_zone1/type': 'x86_pkg_temp', 'sys/class/thermal/thermal_zone1/temp': '61000',
      'sys/class/hwmon/hwmon0/name': 'nvme', 'sys/class/hwmon/hwmon0/temp1_input': '77000',
    });
    expect(await probeTemperature(context)).toBe(61);
  });
  it('lists the governors in use once', async () => {
    const context = await machine({ 'sys/devices/system/cpu/cpufreq/policy0/scaling_governor': 'powersave', 'sys/devices/system/cpu/cpufreq/policy1/scaling_governor': 'powersave' });
    expect(await probeGovernors(context)).toEqual(['powersave']);
  });
});
