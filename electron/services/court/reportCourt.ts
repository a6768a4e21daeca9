// Puts the result of a closed docket into the next revision of the validation's report.
import type { CourtOutcome } from '#shared/contract/court';
import { AppError } from '#shared/errors';
import { reviseReport } from '../evidence/reviseReport.ts';
import type { JobContext, Services } from '../Services.ts';
import { docketRecords, getDocket } from './docketRecords.ts';

const words: Readonly<Record<CourtOutcome, string>> = { original: 'regression', optimised: 'repair', both: 'both acceptable', neither: 'both wrong', unsure: 'cannot say' };

/** BUSY while the docket is open; NOT_FOUND for a comparison, which has no report. */
export async function reportCourt(services: Services, input: { readonly id: string; readonly outputDir?: string | undefined; readonly force: boolean }, context: Pick<JobContext, 'signal' | 'progress' | 'log'>): Promise<{ evidenceId: string; reportSha256: string; zip: string }> {
  const docket = getDocket(services, input.id);
  const { result } = docket;
  if (result === null) throw new AppError('BUSY', 'The docket is still open.', { hint: 'Close it first.' });
  const adjudications = result.decisions.map(({ sample, outcome, adjudicated }) => ({ sample, decision: words[outcome], by: adjudicated ? result.adjudicators : result.judges, note: adjudicated ? 'adjudicated' : '' }));
  const record = await reviseReport(services, docket.id, `The ${result.flips} changed decisions were judged by ${result.judges.join(' and ')}.`, (receipt) => ({ ...receipt, adjudications, court: result }), { outputDir: input.outputDir, force: input.force }, context);
  services.store.atomically(() => {
    docketRecords(services).put({ ...getDocket(services, docket.id), reportSha256: record.reportSha256 });
    services.store.audit.append({ actor: result.closedBy, action: 'court.reported', subject: docket.title, detail: { id: docket.id, evidence: record.id, reportSha256: record.reportSha256 } });
  });
  return { evidenceId: record.id, reportSha256: record.reportSha256, zip: record.paths.zip };
}
