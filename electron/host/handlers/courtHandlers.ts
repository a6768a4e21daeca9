// Answers the operations of the flip court; who sits is known to this host alone, and only until it ends.
import { compareOutputSchema } from '#shared/contract/optimize';
import { dataRefSchema } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { closeDocket } from '#services/court/closeDocket';
import { docketRecords, getDocket, shownDocket } from '#services/court/docketRecords';
import { giveVerdict, showCard, takeBack } from '#services/court/judge';
import { openDocket } from '#services/court/openDocket';
import { reportCourt } from '#services/court/reportCourt';
import { sit } from '#services/court/sit';
import { openCourtSittings } from '#services/court/sittings';
import type { Services } from '#services/Services';
import { validationRecords } from '#services/validation/validateModel';
import type { Jobs } from '../jobs/openJobs.ts';
import type { Handlers } from './Handlers.ts';

type CourtNames = Extract<keyof Handlers, `court.${string}`>;

export function courtHandlers(services: Services, jobs: Pick<Jobs, 'get'>): Pick<Handlers, CourtNames> {
  const sittings = openCourtSittings(services.clock);
  return {
    'court.list': async () => docketRecords(services).list().map(shownDocket),
    'court.show': async ({ id }) => shownDocket(getDocket(services, id)),
    'court.open': (input) => ('jobId' in input ? openComparison(services, jobs, input.jobId) : openValidation(services, input.validationId)),
    'court.sit': (input) => sit(services, sittings, input),
    'court.card': ({ sitting, position }) => showCard(services, sittings.of(sitting), position),
    'court.judge': async ({ sitting, position, verdict }) => giveVerdict(services, sittings.of(sitting), position, verdict),
    'court.undo': async ({ sitting }) => takeBack(services, sittings.of(sitting)),
    'court.leave': async ({ sitting }) => { sittings.end(sitting); return {}; },
    'court.close': (input) => closeDocket(services, input),
    'court.report': (input, { signal }) => reportCourt(services, input, { signal, progress: () => undefined, log: () => undefined }),
  };
}

function openValidation(services: Services, id: string) {
  const run = validationRecords(services).get(id);
  if (!run) throw new AppError('NOT_FOUND', `There is no validation with the id ${id}.`, { hint: 'The console lists them: Validate, Attempts.' });
  return openDocket(services, { id, title: `Validation of ${run.takenAt}`, source: 'validation', data: run.data, manifestSha256: run.manifestSha256, compare: run.compare });
}

function openComparison(services: Services, jobs: Pick<Jobs, 'get'>, id: string) {
  const job = jobs.get(id);
  const output = compareOutputSchema.safeParse(job.output);
  if (job.op !== 'models.compare' || !output.success) throw new AppError('BAD_INPUT', `The job ${id} is no finished comparison.`);
  const { data } = job.input as { readonly data: unknown }; // the input of a comparison names its data
  return openDocket(services, { id, title: `Comparison ${job.subject}`, source: 'comparison', data: dataRefSchema.parse(data), manifestSha256: null, compare: output.data });
}
