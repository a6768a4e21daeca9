// A host killed in the middle of a job: nothing finished is lost, the job is interrupted and goes on, no half-written file remains.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestHost, until } from '#test/fakes/testHost';

const root = mkdtempSync(join(tmpdir(), 'millwright-kill-'));
const bundleDir = join(process.cwd(), '.build', 'test-programs');
const program = join(bundleDir, `killedHost-${process.pid}.cjs`);
const children: ChildProcess[] = [];

beforeAll(async () => {
  mkdirSync(bundleDir, { recursive: true });
  await build({ entryPoints: ['test/contract/killedHostProgram.ts'], bundle: true, platform: 'node', format: 'cjs', target: 'node16.17', packages: 'external', outfile: program, logLevel: 'error' });
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
  rmSync(program, { force: true });
});

it.each([0, 1, 2, 3, 4])('survives SIGKILL, try %i', async (n) => {
  const dataDir = join(root, `data-${n}`);
  const outputDir = join(root, `out-${n}`);
  mkdirSync(outputDir);
  const child = spawn(process.execPath, [program, dataDir, outputDir, '1000', '80'], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  await until(() => output.split('finished').length > n + 1 && output.includes('job '), 'some steps are finished');
  await new Promise((resolve) => { setTimeout(resolve, 17 * n); }); // in the middle of writing a file, each time elsewhere
  const exited = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill('SIGKILL');
  await exited;
  const finished = [...output.matchAll(/finished (\d+)/g)].map((match) => Number(match[1]));
  const jobId = /job (\S+)/.exec(output)?.[1] ?? '';

  let resumedFrom: unknown = null;
  const next = openTestHost({ dataDir, handlers: () => ({ 'stations.commission': {
    subject: () => 'resumed',
    run: async (_input, job) => {
      resumedFrom = job.resumeState;
      return { station: 'x', stationId: 'x', verdict: 'PASS', limits: [], steps: [], evidence: { zip: '', html: '', pdf: '', json: '', junit: '' }, modelId: '', candidateModelId: null, evidenceId: '' };
    },
  } }) });
  try {
    await next.host.jobs.recovered;
    expect(next.host.jobs.get(jobId)).toMatchObject({ state: 'interrupted', resumable: true, attempt: 1 });
    const files = readdirSync(outputDir);
    expect(files.filter((name) => !/^step-\d+\.bin$/.test(name))).toEqual([]);
    for (const name of files) {
      const bytes = readFileSync(join(outputDir, name));
      expect([name, bytes.length, bytes.every((byte) => byte === bytes[0])]).toEqual([name, 64 * 16 * 1024, true]);
    }
    for (const step of finished) expect(files).toContain(`step-${step}.bin`);
    await next.host.call('jobs.resume', { id: jobId });
    await until(() => next.host.jobs.get(jobId).state === 'done', 'the job went on to its end');
    expect(Number(resumedFrom)).toBeGreaterThanOrEqual(finished.length);
    expect(next.host.jobs.get(jobId).attempt).toBe(2);
  } finally {
    await next.close();
  }
});

it('is noticed by another host that is running on the same data folder, which cleans up after it', async () => {
  const dataDir = join(root, 'data-shared');
  const outputDir = join(root, 'out-shared');
  mkdirSync(outputDir);
  const witness = openTestHost({ dataDir });
  try {
    const child = spawn(process.execPath, [program, dataDir, outputDir, '1000', '400'], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    await until(() => output.includes('job ') && readdirSync(outputDir).some((name) => name.startsWith('.mw')), 'it writes a file');
    const jobId = /job (\S+)/.exec(output)?.[1] ?? '';
    expect(witness.host.jobs.get(jobId).state).toBe('running');
    child.kill('SIGKILL');
    await until(() => witness.host.jobs.get(jobId).state === 'interrupted', 'the witness notices');
    await until(() => !readdirSync(outputDir).some((name) => name.startsWith('.mw')), 'the witness sweeps');
  } finally {
    await witness.close();
  }
});
