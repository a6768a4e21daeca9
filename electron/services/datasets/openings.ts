// The ledger of openings: each use of the same samples, told by their manifest, whether the set is registered or was given by its path.
import { z } from 'zod';
import type { DatasetRecord } from '#shared/contract/datasets';
import type { Services } from '../Services.ts';

export type Opening = DatasetRecord['openings'][number];

export const openingAction = 'dataset.open';
const sameMs = 1000;
const detailSchema = z.object({ manifestSha256: z.string(), reason: z.string() });

/**
 * First to last. The audit trail holds each opening, in a chain that shows what was taken out; the record of a registered set adds those of
 * earlier contents of its folder, from before it was sealed.
 */
export function openingsOf(services: Pick<Services, 'store'>, manifestSha256: string, record: DatasetRecord | null): Opening[] {
  const audited: Opening[] = [];
  for (const { action, at, actor, detail } of services.store.audit.all()) {
    if (action !== openingAction) continue;
    const told = detailSchema.safeParse(detail);
    if (told.success && told.data.manifestSha256 === manifestSha256) audited.push({ at, by: actor, reason: told.data.reason });
  }
  // Earlier versions took the time of the two notes one after the other, so that they may be some milliseconds apart.
  const isAudited = (opening: Opening) => audited.some((one) => one.by === opening.by && one.reason === opening.reason && Math.abs(Date.parse(one.at) - Date.parse(opening.at)) < sameMs);
  return [...record?.openings.filter((opening) => !isAudited(opening)) ?? [], ...audited].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
