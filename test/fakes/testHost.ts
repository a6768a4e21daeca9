// A host for tests: the real one, in a data folder of its own, with handlers that a test may replace.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, type Host, type HostConfig } from '#host/createHost';
import type { Logger } from '#services/Services';
import type { WorkerLauncher } from '#services/workers/WorkerLauncher';

export interface TestLog extends Logger { readonly lines: string[] }

export function testLog(): TestLog {
  const lines: string[] = [];
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => { lines.push(`${level} ${message} ${fields ? JSON.stringify(fields) : ''}`); };
  return { lines, info: write('info'), warn: write('warn'), error: write('error') };
}

/** For hosts whose tests start no model. */
export const noWorkers: WorkerLauncher = { launch: () => Promise.reject(new Error('This test starts no worker.')) };

export interface TestHost { readonly host: Host; readonly dataDir: string; readonly log: TestLog; close(): Promise<void> }

export function openTestHost(config: Partial<HostConfig> = {}): TestHost {
  const dataDir = config.dataDir ?? mkdtempSync(join(tmpdir(), 'millwright-test-'));
  const log = testLog();
  const host = createHost({ dataDir, resourcesDir: join(process.cwd(), 'resources'), workers: noWorkers, shell: 'test', log, ...config });
  return {
    host, dataDir, log,
    async close() {
      await host.close();
      if (config.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Resolves when the condition holds; for what happens in another process or thread. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, withinMs = 10_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}
