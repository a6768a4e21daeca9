// Real worker processes for tests: bundles the worker's entry once per run and starts it by fork.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, statSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { nodeWorkerLauncher } from '#services/workers/nodeWorkerLauncher';
import type { WorkerLauncher } from '#services/workers/WorkerLauncher';
import { externalPackages } from '../../scripts/build.mjs';

/** Newest change of any source that a worker can hold: names the bundle, so that parallel test files share it. */
function newestChange(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((newest, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return Math.max(newest, newestChange(path));
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? Math.max(newest, statSync(path).mtimeMs) : newest;
  }, 0);
}

export async function testWorkerEntry(): Promise<string> {
  const stamp = createHash('sha256').update(['shared', 'electron/core', 'electron/services', 'electron/host'].map((folder) => newestChange(folder)).join(' ')).digest('hex').slice(0, 12);
  const file = resolve(`.build/test-worker/worker-${stamp}.cjs`);
  if (!existsSync(file)) {
    mkdirSync(resolve('.build/test-worker'), { recursive: true });
    const part = `${file}.${process.pid}.${Math.floor(performance.now())}.cjs`;
    // The host of the self-test beside it, and the worker last: who finds that finds both.
    for (const [entry, made] of [['electron/host/trial/main.ts', file.replace('worker-', 'trialHost-')], ['electron/services/workers/worker.ts', file]] as const) {
      await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'cjs', target: 'node16.17', outfile: part, external: await externalPackages(), logLevel: 'silent', define: { MILLWRIGHT_VERSIONS: JSON.stringify({ app: 'test', onnxruntime: 'test' }) } });
      renameSync(part, made);
    }
  }
  return file;
}

export async function testWorkers(): Promise<WorkerLauncher> {
  return nodeWorkerLauncher({ entry: await testWorkerEntry() });
}
