// Starts a job of a test's host and answers what it gave, or throws what it failed with.
import type { InputOf, JobName, OutputOf } from '#shared/contract/index';
import { fromErrorReport, isErrorCode } from '#shared/errors';
import { until, type TestHost } from './testHost.ts';

const ends: readonly string[] = ['done', 'failed', 'cancelled', 'interrupted'];

export async function runJob<N extends JobName>({ host }: TestHost, op: N, input: InputOf<N>): Promise<OutputOf<N>> {
  const { jobId } = await host.call(op, input) as { readonly jobId: string }; // a job's answer by the contract
  await until(async () => ends.includes((await host.call('jobs.show', { id: jobId })).state), `${op} ends`, 150_000);
  const job = await host.call('jobs.show', { id: jobId });
  if (job.state === 'done') return job.output as OutputOf<N>; // checked by the host
  throw fromErrorReport({ code: job.error && isErrorCode(job.error.code) ? job.error.code : 'INTERNAL', message: job.error?.message ?? job.state, hint: job.error?.hint ?? '' });
}
