// The report that a new one follows, so that revisions are linked by hash.
import { evidenceRecordSchema, type EvidenceRecord } from '#shared/contract/evidence';
import type { Services } from '../Services.ts';

/** The newest that is in force or in work: of the station where there is one, else of these runs. `revision` counts the reports before. */
export function followedReport(services: Pick<Services, 'store'>, { station, validationIds }: { readonly station: string | null; readonly validationIds: readonly string[] }): { readonly record: EvidenceRecord; readonly revision: number } | null {
  const line = services.store.collection('evidence', evidenceRecordSchema).list()
    .filter((record) => (station === null ? record.station === null && record.validationId !== null && validationIds.includes(record.validationId) : record.station === station));
  const record = line.find(({ state }) => state !== 'superseded') ?? line[0];
  return record ? { record, revision: line.length } : null;
}
