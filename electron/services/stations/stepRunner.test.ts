// The main job goes on where it was interrupted: finished steps are not run again, and an unfinished one gets its own checkpoint back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { JobContext } from '../Services.ts';
import { stepRunner } from './stepRunner.ts';

const workDir = mkdtempSync(join(tmpdir(), 'millwright-steps-'));
afterAll(() => rmSync(workDir, { recursive: true, force: true }));

function fakeJob(resumeState: unknown = null) {
  const seen = { progress: [] as string[], lines: [] as string[], saved: resumeState };
  const stop = new AbortController();
  const job: JobContext = {
    jobId: 'j', workDir, signal: stop.signal, killSignal: new AbortController().signal, resumeState,
    progress: ({ stage, done, total }) => { seen.progress.push(`${stage} ${done}/${total}`); }, log: (line) => { seen.lines.push(line); },
    checkpoint: (state) => { seen.saved = JSON.parse(JSON.stringify(state)); },
  };
  return { job, seen, stop };
}
const done = (summary: string) => () => ({ status: 'done' as const, summary });

it('resumes at the unfinished step, with that step\'s own checkpoint', async () => {
  const first = fakeJob();
  const steps = stepRunner(first.job, () => 0);
  await steps.run('machine', async () => ({ cpu: 'x' }), done('fine'));
  await expect(steps.run('import', async (context) => { context.checkpoint({ at: 3 }); throw new Error('killed'); }, done('never'))).rejects.toThrow('killed');

  const second = fakeJob(first.seen.saved);
  const again = stepRunner(second.job, () => 0);
  let machineRuns = 0;
  expect(await again.run('machine', async () => { machineRuns++; return { cpu: 'y' }; }, done('fine'))).toEqual({ cpu: 'x' });
  expect(await again.run('import', async ({ resumeState }) => ({ resumeState }), done('imported'))).toEqual({ resumeState: { at: 3 } });
  expect(await again.run('seal', async ({ resumeState }) => ({ resumeState }), done('sealed'))).toEqual({ resumeState: null });
  expect(machineRuns).toBe(0);
  expect(again.reports.map(({ step, summary }) => [step, summary])).toEqual([['machine', 'fine'], ['import', 'imported'], ['seal', 'sealed']]);
});

it('shows progress over all steps, never backwards', async () => {
  const { job, seen } = fakeJob();
  const steps = stepRunner(job, () => 0);
  await steps.run('machine', async (context) => { context.progress({ stage: 'Probing', done: 1, total: 2 }); return 1; }, done('a'));
  await steps.run('import', async (context) => { context.progress({ stage: 'Reading', done: 5, total: 0 }); return 1; }, done('b'));
  expect(seen.progress).toEqual(['Check the machine 0/100', 'Check the machine: Probing 6/100', 'Check the machine: done 13/100', 'Import the model 13/100', 'Import the model: Reading 13/100', 'Import the model: done 25/100']);
  expect(seen.lines).toEqual(['Check the machine: a', 'Import the model: b']);
});

it('starts no step after a cancel', async () => {
  const { job, stop } = fakeJob();
  stop.abort(new Error('stop'));
  await expect(stepRunner(job, () => 0).run('machine', async () => 1, done('a'))).rejects.toThrow('stop');
});

it('starts anew when the checkpoint is of another shape', async () => {
  const { job } = fakeJob({ old: 'shape' });
  expect(await stepRunner(job, () => 0).run('machine', async () => 2, done('a'))).toBe(2);
});
