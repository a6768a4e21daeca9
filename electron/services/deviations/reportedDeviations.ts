// Deviations as the report lists them.
import type { Deviation } from '#shared/contract/deviations';
import type { ValidationReceipt } from '#core/report/receipt';
import type { Services } from '../Services.ts';
import { deviationsOf } from './deviationRecords.ts';

export const reportedDeviations = (services: Pick<Services, 'store'>, validationIds: readonly string[], station: string | null): ValidationReceipt['deviations'] => deviationsOf(services, { validationIds, station }).map(asReported);

const asReported = ({ id, severity, dueDate, text, impact, owner, limitIds, closure }: Deviation): ValidationReceipt['deviations'][number] => ({
  id, severity, dueDate, description: text, impact: impact || 'not given', owner, limitIds,
  rootCause: closure?.cause ?? 'not known yet', action: closure?.action ?? 'none yet',
  closure: closure === null ? null : `${closure.at}, ${closure.by}${closure.role === '' ? '' : ` (${closure.role})`}, ${closure.authenticated ? 'authenticated' : 'name not authenticated'}: ${closure.evidence}`,
});
