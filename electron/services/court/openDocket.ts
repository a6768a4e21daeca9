// Puts every decision that the optimised model changed on a docket.
import { randomBytes } from 'node:crypto';
import type { Docket } from '#shared/contract/court';
import type { CompareOutput } from '#shared/contract/optimize';
import type { DataRef } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { openDataset } from '../datasets/openDataset.ts';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { docketRecords, shownDocket, type StoredDocket } from './docketRecords.ts';

export interface DocketSource {
  /** The id of the validation or of the comparison's job: one docket each. */
  readonly id: string;
  readonly title: string;
  readonly source: Docket['source'];
  readonly data: DataRef | null;
  readonly manifestSha256: string | null;
  readonly compare: CompareOutput | null;
}

/** A docket that exists already is answered as it is. BAD_INPUT where nothing was compared or changed, BAD_DATA where the samples are not there any more. */
export async function openDocket(services: Services, { id, title, source, data, manifestSha256, compare }: DocketSource): Promise<Docket> {
  const known = docketRecords(services).get(id);
  if (known !== null) return shownDocket(known);
  if (compare === null || data === null) throw new AppError('BAD_INPUT', 'No reference model was compared in that run, so no decision can have changed.', { hint: 'Validate with --reference, or compare two models first.' });
  if (compare.flips.length === 0) throw new AppError('BAD_INPUT', 'No decision changed: there is nothing to judge.');
  const reader = await openDataset(services, data, null);
  try {
    const places = new Map(reader.names.map((name, index) => [name, index]));
    const flips = compare.flips.map((flip) => {
      const index = places.get(flip.sample);
      if (index === undefined) throw new AppError('BAD_DATA', `The sample ${flip.sample} is not in the data set any more.`, { hint: 'Put the data set back as it was, or compare again.' });
      return { ...flip, index };
    });
    const docket: StoredDocket = { id, title, source, createdAt: new Date(services.clock()).toISOString(), reportSha256: null, data, manifestSha256, flips, seed: randomBytes(32).toString('hex'), judges: [], bench: null, result: null };
    return services.store.atomically(() => {
      const other = docketRecords(services).get(id);
      if (other !== null) return shownDocket(other);
      docketRecords(services).put(docket);
      services.store.audit.append({ actor: actorOf(services), action: 'court.opened', subject: title, detail: { id, source, flips: flips.length, samples: compare.samples, manifestSha256 } });
      return shownDocket(docket);
    });
  } finally { await reader.close(); }
}
