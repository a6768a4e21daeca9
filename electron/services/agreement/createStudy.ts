// Draws the samples of a study by a seed, and for each person an order of their own.
import { randomUUID } from 'node:crypto';
import type { ParsedInputOf } from '#shared/contract/index';
import type { Study } from '#shared/contract/agreement';
import { AppError } from '#shared/errors';
import { safeLine } from '#core/report/text';
import { seededRandom } from '#core/statistics/bootstrap';
import { openDataset } from '../datasets/openDataset.ts';
import { personOf } from '../people/personOf.ts';
import { userRecords } from '../people/userRecords.ts';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { shownStudy, studyRecords, type StoredStudy } from './studyRecords.ts';

/** BAD_INPUT where one person is named twice or there are too few samples; BAD_DATA where the data has no classes to choose from. */
export async function createStudy(services: Services, input: ParsedInputOf<'agreement.create'>): Promise<Study> {
  const names = input.raters.map((name) => safeLine(name, 120));
  if (new Set(names.map(personOf)).size < names.length || names.includes('')) throw new AppError('BAD_INPUT', 'Each person rates once: a name is empty or given twice.');
  const reader = await openDataset(services, input.data, null);
  try {
    if (reader.task === 'regression' || reader.classes.length < 2) throw new AppError('BAD_DATA', 'People choose among classes, and the data has fewer than two.', { hint: 'Name the classes as `labels` in dataset.yaml.' });
    if (input.samples > reader.length) throw new AppError('BAD_INPUT', `The data set has ${reader.length} samples, and ${input.samples} are asked for.`);
    if (input.repeats > input.samples) throw new AppError('BAD_INPUT', 'No more samples can be repeated than there are.');
    const random = seededRandom(input.seed);
    const chosen = shuffled(Array.from({ length: reader.length }, (_, index) => index), random).slice(0, input.samples);
    const users = userRecords(services).list();
    const study: StoredStudy = {
      id: randomUUID(), title: safeLine(input.title, 200), createdAt: new Date(services.clock()).toISOString(), data: input.data, seed: input.seed, repeats: input.repeats, classes: [...reader.classes], result: null, closedAt: null,
      chosen: chosen.map((index) => ({ index, sample: reader.names[index] ?? String(index), label: reader.labels?.[index] ?? null })),
      raters: names.map((name) => {
        const places = chosen.map((_, place) => place);
        // The second showing comes after all first ones, so that nobody answers from memory of a moment ago.
        const order = [...shuffled(places, random), ...shuffled(places, random).slice(0, input.repeats)];
        const user = users.find((each) => [each.user, each.printedName].map(personOf).includes(personOf(name)));
        return { name: user?.printedName ?? name, user: user?.user ?? null, order, answers: order.map(() => null), given: [] };
      }),
    };
    if (new Set(study.raters.map((rater) => personOf(rater.name))).size < study.raters.length) throw new AppError('BAD_INPUT', 'Two of the names are one person.');
    services.store.atomically(() => {
      studyRecords(services).put(study);
      services.store.audit.append({ actor: actorOf(services), action: 'agreement.created', subject: study.title, detail: { id: study.id, seed: study.seed, samples: chosen.length, repeats: study.repeats, raters: study.raters.map(({ name }) => name) } });
    });
    return shownStudy(study);
  } finally { await reader.close(); }
}

/** Fisher and Yates, from a generator that the caller seeds. */
function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const out = [...list];
  for (let last = out.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1));
    const swap = out[last] as T; // both places are within the list
    out[last] = out[at] as T;
    out[at] = swap;
  }
  return out;
}
