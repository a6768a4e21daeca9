// millwright jobs list | show | cancel | resume
import type { Command } from 'commander';
import type { JobRecord } from '#shared/contract/jobs';
import type { CliContext } from '../CliContext.ts';
import { exitOfJob } from '../exitOfJob.ts';

const seconds = (from: string | null, to: string | null) => (from === null ? '' : `${(((to === null ? Date.now() : Date.parse(to)) - Date.parse(from)) / 1000).toFixed(1)} s`);
const brief = (job: JobRecord) => `${job.title} ${job.subject}: ${job.state}${job.error ? ` (${job.error.message})` : ''}`;

export function registerJobs(program: Command, cli: CliContext): void {
  const jobs = program.command('jobs').description('long operations: list, show, cancel and resume them')
    .addHelpText('after', '\nExamples:\n  millwright jobs list --limit 5\n  millwright jobs resume 0f8c21ab-5d0e-4a52-9a51-7f0c8e3b6d14');
  jobs.command('list').description('list jobs, newest first').option('--limit <n>', 'at most so many', '50')
    .action(cli.action(async ({ limit }: { limit: string }) => {
      const list = await cli.call('jobs.list', { limit: Number(limit) });
      cli.result(list, () => (list.length === 0 ? 'No jobs yet.' : cli.table(['ID', 'WHAT', 'SUBJECT', 'STATE', 'STARTED', 'TOOK'],
        list.map((job) => [job.id, job.title, job.subject, job.state, job.startedAt ?? '', seconds(job.startedAt, job.endedAt)]))));
    }));
  jobs.command('show <id>').description('a job with its log and result')
    .action(cli.action(async (id: string) => {
      const job = await cli.call('jobs.show', { id });
      cli.result(job, () => [
        cli.style.bold(brief(job)), ...(job.progress ? [`  at: ${job.progress.stage} (${job.progress.done} of ${job.progress.total})`] : []),
        ...job.log.map(({ at, line }) => `  ${at}  ${line}`), ...(job.output === undefined ? [] : [JSON.stringify(job.output, null, 2)]),
      ].join('\n'));
    }));
  jobs.command('cancel <id>').description('finish the unit, checkpoint and stop; --force ends it now').option('--force', 'end the job now')
    .action(cli.action(async (id: string, { force }: { force?: boolean }) => {
      const job = await cli.call('jobs.cancel', { id, force: force === true });
      cli.result(job, () => brief(job));
    }));
  jobs.command('resume <id>').description('go on with a cancelled, interrupted or failed job, from its last checkpoint, and wait for its end')
    .action(cli.action(async (id: string) => {
      const resumed = await cli.call('jobs.resume', { id });
      await cli.followJob(resumed.id);
      const job = await cli.call('jobs.show', { id });
      cli.result(job, () => [brief(job), JSON.stringify(job.output, null, 2)].join('\n'), exitOfJob(job.op, job.output));
    }));
}
