// Limits that this process runs under: control groups of version 1 and 2, processor sets, containers, file descriptors.
import { cpus } from 'node:os';
import type { MachineReport } from '#shared/contract/machine';
import { numberOf, type ProbeContext } from '../ProbeContext.ts';

export interface LimitFacts extends Readonly<MachineReport['limits']> {
  /** Periods in which the kernel held this group back, of all periods so far; null where it does not tell. */
  readonly throttledShare: number | null;
  readonly memoryUsedBytes: number | null;
  readonly openFiles: number | null;
}

export const noLimits: LimitFacts = { inContainer: false, cgroupVersion: null, cpuQuota: null, cpuset: null, memoryBytes: null, pids: null, throttledShare: null, memoryUsedBytes: null, openFiles: null };

interface Mount { readonly root: string; readonly point: string; readonly type: string; readonly source: string; readonly controllers: readonly string[] }

/** Lines of /proc/self/mountinfo (proc(5)): id parent dev root point options [fields] - type source super-options. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const left = before.split(' ');
    const [type, source, superOptions] = after.split(' ');
    if (type === undefined || left[4] === undefined) return [];
    return [{ root: left[3] ?? '/', point: left[4].replace(/\\040/g, ' '), type, source: source ?? '', controllers: (superOptions ?? '').split(',') }];
  });
}

/** "2-3,5" -> 3 */
export function countCpuList(text: string | null): number | null {
  if (text === null || text === '') return null;
  return text.split(',').reduce((sum, part) => {
    const [first, last] = part.split('-').map(Number);
    return sum + (first === undefined ? 0 : (last ?? first) - first + 1);
  }, 0);
}

/** The group's folder and those above it up to the mount point: each may set a tighter limit. */
function foldersOf(mount: Mount, groupPath: string): string[] {
  const inside = mount.root === '/' ? groupPath : groupPath === mount.root ? '/' : groupPath.startsWith(`${mount.root}/`) ? groupPath.slice(mount.root.length) : '/';
  const parts = inside.split('/').filter((part) => part !== '' && part !== '..');
  return [...Array(parts.length + 1).keys()].map((count) => [mount.point, ...parts.slice(0, count)].join('/')).reverse();
}

const tightest = (values: readonly (number | null)[]) => values.reduce<number | null>((best, value) => (value === null ? best : best === null ? value : Math.min(best, value)), null);
const boundless = 2 ** 60; // version 1 writes "no limit" as the largest page-aligned number

export async function probeLimits(context: ProbeContext): Promise<LimitFacts> {
  if (context.platform !== 'linux') return noLimits;
  const { readText } = context;
  const [groups, mountinfo, status, limits] = await Promise.all([readText('/proc/self/cgroup'), readText('/proc/self/mountinfo'), readText('/proc/self/status'), readText('/proc/self/limits')]);
  const mounts = parseMountinfo(mountinfo ?? '');
  const pathOf = new Map((groups ?? '').split('\n').map((line) => line.split(':')).map(([, controllers = '', ...path]) => [controllers, path.join(':')] as const));
  const v1 = mounts.some((mount) => mount.type === 'cgroup' && ['cpu', 'memory'].some((controller) => mount.controllers.includes(controller)));
  const folders = (controller: string) => {
    const mount = mounts.find(({ type, controllers }) => (v1 ? type === 'cgroup' && controllers.includes(controller) : type === 'cgroup2'));
    const path = v1 ? [...pathOf].find(([names]) => names.split(',').includes(controller))?.[1] : pathOf.get('');
    return mount === undefined || path === undefined ? [] : foldersOf(mount, path);
  };
  const read = (controller: string, file: string) => Promise.all(folders(controller).map((folder) => readText(`${folder}/${file}`)));

  const [memory, memoryUsed, pids, cpuQuota, throttledShare] = await Promise.all([
    read('memory', v1 ? 'memory.limit_in_bytes' : 'memory.max'), read('memory', v1 ? 'memory.usage_in_bytes' : 'memory.current'), read('pids', 'pids.max'),
    v1 ? quotaV1(read) : quotaV2(read), read('cpu', 'cpu.stat').then((stats) => shareThrottled(stats[0] ?? null)),
  ]);
  const allowed = countCpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status ?? '')?.[1] ?? null);
  return {
    inContainer: await isContainer(context, mounts), cgroupVersion: groups === null ? null : v1 ? 1 : 2,
    cpuQuota, cpuset: allowed !== null && allowed < cpus().length ? allowed : null,
    memoryBytes: tightest(memory.map(numberOf).map((bytes) => (bytes === null || bytes >= boundless ? null : bytes))), pids: tightest(pids.map(numberOf)),
    throttledShare, memoryUsedBytes: numberOf(memoryUsed[0]),
    openFiles: numberOf(/^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1]),
  };
}

type Read = (controller: string, file: string) => Promise<(string | null)[]>;

async function quotaV1(read: Read): Promise<number | null> {
  const [quotas, periods] = await Promise.all([read('cpu', 'cpu.cfs_quota_us'), read('cpu', 'cpu.cfs_period_us')]);
  return tightest(quotas.map((text, index) => {
    const [quota, period] = [numberOf(text), numberOf(periods[index])];
    return quota === null || quota <= 0 || period === null || period <= 0 ? null : quota / period;
  }));
}

async function quotaV2(read: Read): Promise<number | null> {
  return tightest((await read('cpu', 'cpu.max')).map((text) => {
    const [quota, period] = (text ?? '').split(' ').map(numberOf);
    return quota === null || quota === undefined || !period ? null : quota / period;
  }));
}

function shareThrottled(stat: string | null): number | null {
  const periods = numberOf(/^nr_periods (\d+)/m.exec(stat ?? '')?.[1]);
  const throttled = numberOf(/^nr_throttled (\d+)/m.exec(stat ?? '')?.[1]);
  return periods === null || throttled === null ? null : periods === 0 ? 0 : throttled / periods;
}

async function isContainer({ readText, readNames, env }: ProbeContext, mounts: readonly Mount[]): Promise<boolean> {
  const [init, rootNames, runNames] = await Promise.all([readText('/proc/1/cgroup'), readNames('/'), readNames('/run')]);
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined || runNames.includes('.containerenv') || /docker|kubepods|containerd|libpod|lxc/.test(init ?? '')) return true;
  // A virtual machine made from an image keeps the marker file, but its root is a disk.
  const onDisk = mounts.some(({ point, source }) => point === '/' && /^\/dev\/(vd|sd|xvd|hd|nvme|mmcblk)/.test(source));
  return rootNames.includes('.dockerenv') && !onDisk;
}
