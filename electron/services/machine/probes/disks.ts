// Disks: room on each, and which one holds the data folder.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import si from 'systeminformation';
import type { MachineReport } from '#shared/contract/machine';
import type { ProbeContext } from '../ProbeContext.ts';

export type Disk = MachineReport['disks'][number];

/** Rows of `df -PkT`: source, type, 1K-blocks, used, available, capacity, mount. */
export function parseDf(text: string): Omit<Disk, 'holdsData'>[] {
  return text.split('\n').slice(1).flatMap((line) => {
    const match = /^(.+?)\s+(\S+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+\S+\s+(\/.*)$/.exec(line);
    return match ? [{ mount: match[6] ?? '', totalBytes: Number(match[3]) * 1024, availableBytes: Math.max(0, Number(match[5]) * 1024), fileSystem: match[2] ?? '' }] : [];
  });
}

/** The root file systems of running containers are no disks: each would be listed as a copy of the one that it lies on. */
export const isContainerLayer = ({ mount, fileSystem }: Pick<Disk, 'mount' | 'fileSystem'>): boolean => mount !== '/' && /^(fuse[.-])?overlay(fs)?$/.test(fileSystem);

export async function probeDisks(context: ProbeContext, dataDir: string): Promise<Disk[]> {
  const [known, own] = await Promise.all([si.fsSize(), context.platform === 'linux' ? context.run('df', ['-PkT', await existingFolder(dataDir)], 1500) : null]);
  const listed = known.map(({ mount, size, available, type }) => ({ mount, totalBytes: size, availableBytes: available, fileSystem: type })).filter((disk) => !isContainerLayer(disk));
  const held = parseDf(own?.stdout ?? '')[0];
  // A data folder on a network share or a tmpfs is not in the list of local disks.
  const all = held === undefined || listed.some(({ mount }) => mount === held.mount) ? listed : [...listed, held];
  const home = held?.mount ?? mountOf(dataDir, all.map(({ mount }) => mount), context.platform);
  return all.map((disk) => ({ ...disk, holdsData: disk.mount === home }));
}

/** The mount point that the path lies under: the longest one that it starts with. */
export function mountOf(path: string, mounts: readonly string[], platform: NodeJS.Platform): string | null {
  const plain = (text: string) => { const unified = text.replace(/\\/g, '/').replace(/\/+$/, ''); return platform === 'win32' ? unified.toLowerCase() : unified; };
  const inside = mounts.filter((mount) => plain(path) === plain(mount) || plain(path).startsWith(`${plain(mount)}/`));
  return inside.sort((a, b) => b.length - a.length)[0] ?? null;
}

async function existingFolder(path: string): Promise<string> {
  const { access } = await import('node:fs/promises');
  for (let folder = path; ; folder = dirname(folder)) {
    if (await access(folder).then(() => true, () => false) || dirname(folder) === folder) return folder;
  }
}

/** Null when a file could be written and removed there; else the system's code, such as EROFS. */
export async function whyNotWritable(folder: string): Promise<string | null> {
  try {
    const probe = await mkdtemp(join(folder, '.millwright-probe-'));
    try {
      await writeFile(join(probe, 'probe'), 'probe');
    } finally {
      await rm(probe, { recursive: true, force: true });
    }
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'; // file system errors carry a code
  }
}

/** Whether programs and libraries may be run from the folder for temporary files; null where the system does not tell. */
export async function probeTempExecutable({ platform, readText }: ProbeContext): Promise<boolean | null> {
  if (platform !== 'linux') return null;
  const lines = ((await readText('/proc/self/mounts')) ?? '').split('\n').map((line) => line.split(' '));
  const home = mountOf(tmpdir(), lines.map(([, point = '']) => point), platform);
  const options = lines.filter(([, point]) => point === home).pop()?.[3];
  return options === undefined ? null : !options.split(',').includes('noexec');
}
