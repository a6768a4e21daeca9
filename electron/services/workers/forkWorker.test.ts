// A worker that was started early is taken once, by whoever wants the same one, and keeps nobody waiting who does not.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { isProcessAlive } from '../files/isProcessAlive.ts';
import { testWorkerEntry } from '#test/fakes/testWorkers';
import { until } from '#test/fakes/testHost';
import { forkWorker, startEarly } from './forkWorker.ts';
import { nodeWorkerLauncher } from './nodeWorkerLauncher.ts';

/** Processes that were started with this text in their environment. */
const marked = (text: string): string[] => readdirSync('/proc').filter((pid) => { try { return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text); } catch { return false; } });

it('is taken once, and works; another environment gets another process', async () => {
  const entry = await testWorkerEntry();
  startEarly(entry, { A: '1' });
  const other = forkWorker(entry, { A: '2' });
  const workers = nodeWorkerLauncher({ entry });
  const [first, second] = [await workers.launch({ env: { A: '1' } }), await workers.launch({ env: { A: '1' } })];
  // Processes get rising numbers: the first was there before the other.
  expect([first.pid < (other.pid ?? 0), second.pid > (other.pid ?? 0)]).toEqual([true, true]);
  expect(await first.call('inference.providers', {})).toEqual(await second.call('inference.providers', {}));
  other.disconnect();
  await Promise.all([first.end(), second.end()]);
  await until(() => Promise.resolve(!isProcessAlive(other.pid ?? 0)), 'the other has ended', 10_000);
}, 60_000);

it.runIf(process.platform === 'linux')('ends with a process that did not need it after all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-early-'));
  try {
    const program = join(folder, 'program.cjs');
    const entry = await testWorkerEntry();
    await build({ stdin: { contents: `import { startEarly } from './forkWorker.ts'; startEarly(${JSON.stringify(entry)}, { MILLWRIGHT_TEST_MARK: ${JSON.stringify(folder)} });`, resolveDir: import.meta.dirname, loader: 'ts' }, bundle: true, platform: 'node', format: 'cjs', outfile: program, logLevel: 'silent' });
    // It would hang here, were the worker waited for.
    execFileSync(process.execPath, [program], { timeout: 10_000 });
    await until(() => Promise.resolve(marked(folder).length === 0), 'nothing is left', 10_000);
  } finally { rmSync(folder, { recursive: true, force: true }); }
}, 60_000);
