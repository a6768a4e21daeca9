// Answers the operations on jobs.
import { AppError } from '#shared/errors';
import type { Jobs } from '../jobs/openJobs.ts';
import { untilAborted } from '../untilAborted.ts';
import type { Handlers } from './Handlers.ts';

export const jobsHandlers = (jobs: Jobs): Pick<Handlers, 'jobs.list' | 'jobs.show' | 'jobs.watch' | 'jobs.cancel' | 'jobs.resume'> => ({
  'jobs.list': async ({ limit }) => jobs.list(limit),
  'jobs.show': async ({ id }) => ({ ...jobs.get(id), log: jobs.log(id) }),
  'jobs.watch': async ({ id }, { signal, emit }) => {
    if (signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    if (id !== undefined) emit(jobs.get(id));
    const stop = jobs.watch((record) => { if (id === undefined || record.id === id) emit(record); });
    await untilAborted(signal).finally(stop);
  },
  'jobs.cancel': async ({ id, force }) => jobs.cancel(id, force),
  'jobs.resume': async ({ id }) => jobs.resume(id),
});
