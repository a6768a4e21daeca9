// Cleans up after hosts that died: their jobs become interrupted and their temporary files go.
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JobRecord } from '#shared/contract/jobs';
import { makeFolder } from '#services/files/makeFolder';
import { sweepDeadTempFiles } from '#services/files/tempFiles';
import type { JobTable } from './jobTable.ts';
import type { Owners } from './owners.ts';

/** Marks the jobs of dead owners: those asked to cancel are cancelled, all others interrupted; answers their records. */
export function markOrphans(table: JobTable, owners: Owners): JobRecord[] {
  const moved: JobRecord[] = [];
  for (const job of table.active()) {
    if (owners.isAlive(job.owner)) continue;
    if (!table.move(job.id, ['queued', 'running', 'cancelling'], job.state === 'cancelling' ? 'cancelled' : 'interrupted')) continue;
    const record = table.get(job.id);
    if (record) moved.push(record);
  }
  return moved;
}

const textField = (input: unknown, key: string): string | null => {
  const value: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, key) : null;
  return typeof value === 'string' && value !== '' ? value : null;
};

/** The folders that a job may have been writing to. */
function writtenFolders(record: JobRecord): string[] {
  const outputDir = textField(record.input, 'outputDir');
  const outputPath = textField(record.input, 'outputPath');
  return [...(outputDir === null ? [] : [outputDir]), ...(outputPath === null ? [] : [dirname(outputPath)])];
}

/** Removes what dead processes left half-written in the data folder and in the output folders of these jobs. */
export async function sweepAfter(dataDir: string, records: readonly JobRecord[]): Promise<void> {
  const nouns = await readdir(dataDir, { withFileTypes: true }).then((entries) => entries.filter((entry) => entry.isDirectory()).map((entry) => join(dataDir, entry.name)), (): string[] => []);
  const folders = new Set([dataDir, ...nouns, ...records.flatMap(writtenFolders), ...records.map((record) => join(dataDir, 'jobs', record.id))]);
  for (const folder of folders) await sweepDeadTempFiles(folder);
}

/** Scratch folders of jobs that are done or unknown go; those that can be resumed stay. */
export async function sweepWorkDirs(dataDir: string, table: JobTable): Promise<void> {
  const root = join(dataDir, 'jobs');
  for (const name of await readdir(root).catch((): string[] => [])) {
    const record = table.get(name);
    if (record === null || record.state === 'done') await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

export function makeWorkDir(dataDir: string, jobId: string): string {
  const workDir = join(dataDir, 'jobs', jobId);
  makeFolder(workDir);
  return workDir;
}
