// Closes a study once everybody answered everything, and puts it into the next revision of a report.
import type { Study } from '#shared/contract/agreement';
import { AppError } from '#shared/errors';
import { agreementResult } from '#core/statistics/agreementResult';
import { reviseReport } from '../evidence/reviseReport.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { answeredBy, getStudy, shownStudy, studyRecords } from './studyRecords.ts';

/** BUSY while someone still rates. */
export function closeStudy(services: Services, id: string): Study {
  return services.store.atomically(() => {
    const study = getStudy(services, id);
    if (study.closedAt !== null) return shownStudy(study);
    const open = study.raters.filter((rater) => answeredBy(rater) < rater.order.length);
    if (open.length > 0) throw new AppError('BUSY', `${open.map(({ name }) => name).join(', ')} ${open.length === 1 ? 'has' : 'have'} not answered everything.`, { hint: 'Let them go on, or make a study without them.' });
    const result = agreementResult(study.chosen, study.raters.map(({ name, user, order, answers }) => {
      const shown = (place: number, time: 'first' | 'again') => { const at = time === 'first' ? order.indexOf(place) : order.lastIndexOf(place); return time === 'again' && at === order.indexOf(place) ? null : answers[at] ?? null; };
      return { name, authenticated: user !== null, answers: study.chosen.map((_, place) => shown(place, 'first') ?? ''), again: study.chosen.map((_, place) => shown(place, 'again')) };
    }));
    const closed = { ...study, result, closedAt: new Date(services.clock()).toISOString() };
    studyRecords(services).put(closed);
    const { disputed, ...figures } = result;
    services.store.audit.append({ actor: actorOf(services), action: 'agreement.closed', subject: study.title, detail: { id, seed: study.seed, ...figures, disputed: disputed.length } });
    return shownStudy(closed);
  });
}

/** BUSY while the study is open; NOT_FOUND where the validation has no report. */
export async function reportStudy(services: Services, input: { readonly id: string; readonly validationId: string; readonly outputDir?: string | undefined; readonly force: boolean }, context: Pick<JobContext, 'signal' | 'progress' | 'log'>): Promise<{ evidenceId: string; reportSha256: string; zip: string }> {
  const { result, title, seed, closedAt } = getStudy(services, input.id);
  if (result === null || closedAt === null) throw new AppError('BUSY', 'The study is still open.', { hint: 'Close it first.' });
  const record = await reviseReport(services, input.validationId, `The agreement study "${title}" was added.`, (receipt) => ({ ...receipt, agreementStudy: { title, seed, closedAt, result } }), { outputDir: input.outputDir, force: input.force }, context);
  services.store.audit.append({ actor: actorOf(services), action: 'agreement.reported', subject: title, detail: { id: input.id, evidence: record.id, reportSha256: record.reportSha256 } });
  return { evidenceId: record.id, reportSha256: record.reportSha256, zip: record.paths.zip };
}
