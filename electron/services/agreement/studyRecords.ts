// The agreement studies as they are stored, and what of them may be seen.
import { z } from 'zod';
import { studySchema, type Study } from '#shared/contract/agreement';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import type { Collection } from '../store/Store.ts';

const raterSchema = z.object({
  name: z.string(), user: z.string().nullable(),
  /** Places of the samples in the order in which this person sees them; those that are repeated come twice. */
  order: z.array(z.number().int()), answers: z.array(z.string().nullable()), given: z.array(z.number().int()),
});
export type StoredRater = z.infer<typeof raterSchema>;
export const storedStudySchema = studySchema.omit({ samples: true, raters: true }).extend({ chosen: z.array(z.object({ index: z.number().int(), sample: z.string(), label: z.string().nullable() })), raters: z.array(raterSchema) });
export type StoredStudy = z.infer<typeof storedStudySchema>;

export const studyRecords = (services: Pick<Services, 'store'>): Collection<StoredStudy> => services.store.collection('agreement', storedStudySchema);

export function getStudy(services: Pick<Services, 'store'>, id: string): StoredStudy {
  const found = studyRecords(services).get(id);
  if (found === null) throw new AppError('NOT_FOUND', `There is no agreement study with the id ${id}.`, { hint: '`millwright agreement list` shows all.' });
  return found;
}

export const answeredBy = ({ answers }: StoredRater): number => answers.filter((answer) => answer !== null).length;

export function shownStudy({ chosen, raters, ...study }: StoredStudy): Study {
  return { ...study, samples: chosen.length, raters: raters.map((rater) => ({ name: rater.name, answered: answeredBy(rater), total: rater.order.length })) };
}
