// Runs the steps of the main job one after another: progress over all, a checkpoint after each, and a resume that skips what is done.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { commissionSteps, type CommissionOutput, type CommissionStep } from '#shared/contract/stations';
import type { JobContext } from '../Services.ts';

export type StepReport = CommissionOutput['steps'][number];

const stateSchema = z.object({
  results: z.record(z.string(), z.unknown()),
  reports: z.array(z.object({ step: z.enum(commissionSteps), status: z.enum(['done', 'warn', 'failed', 'skipped']), durationMs: z.number(), summary: z.string() })),
  inner: z.object({ step: z.enum(commissionSteps), state: z.unknown() }).nullable(),
});
type State = z.infer<typeof stateSchema>;

export const stepTitles: Readonly<Record<CommissionStep, string>> = {
  machine: 'Check the machine', import: 'Import the model', seal: 'Seal the test data', quantize: 'Quantize', compare: 'Compare decisions', validate: 'Validate', bench: 'Benchmark', evidence: 'Sign the evidence',
};

export interface StepRunner {
  /**
   * Runs one step, or answers what it gave before the interruption. `work` gets a context of its own, whose checkpoints live inside this job's;
   * its result must be JSON. `summary` makes the sentence for the table.
   */
  run<T>(step: CommissionStep, work: (context: JobContext) => Promise<T>, summary: (result: T) => { status: StepReport['status']; summary: string }): Promise<T>;
  readonly reports: readonly StepReport[];
}

export function stepRunner(job: JobContext, clock: () => number): StepRunner {
  const resumed = stateSchema.safeParse(job.resumeState);
  const state: State = resumed.success ? resumed.data : { results: {}, reports: [], inner: null };
  const count = commissionSteps.length;
  return {
    get reports() { return state.reports; },
    async run(step, work, summary) {
      const position = commissionSteps.indexOf(step);
      const report = (stage: string, fraction: number) => job.progress({ stage: stage === '' ? stepTitles[step] : `${stepTitles[step]}: ${stage}`, done: Math.round(((position + fraction) / count) * 100), total: 100 });
      if (Object.hasOwn(state.results, step)) {
        report('done before', 1);
        return state.results[step] as never; // this step's own result, stored below
      }
      job.signal.throwIfAborted();
      report('', 0);
      const workDir = join(job.workDir, step);
      await mkdir(workDir, { recursive: true });
      const start = clock();
      const result = await work({
        ...job, workDir,
        progress: ({ stage, done, total }) => report(stage, total > 0 ? Math.min(1, done / total) : 0),
        checkpoint: (inner) => { state.inner = { step, state: inner }; job.checkpoint(state); },
        resumeState: state.inner?.step === step ? state.inner.state : null,
      });
      const line = { step, durationMs: Math.round(clock() - start), ...summary(result) };
      state.reports.push(line);
      state.results[step] = result;
      state.inner = null;
      job.checkpoint(state);
      job.log(`${stepTitles[step]}: ${line.summary}`);
      report('done', 1);
      return result;
    },
  };
}
