// A person rates: begins or goes on, sees a sample, answers, takes the last answer back.
import type { InputView } from '#shared/contract/inputView';
import type { Credential } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { viewSample } from '../datasets/viewSample.ts';
import { authenticate } from '../people/authenticate.ts';
import { personOf } from '../people/personOf.ts';
import { openSittings, type Sittings } from '../people/sittings.ts';
import type { Services } from '../Services.ts';
import { answeredBy, getStudy, studyRecords, type StoredRater, type StoredStudy } from './studyRecords.ts';

export interface RatingTally { readonly answered: number; readonly total: number; readonly next: number | null }
/** Who rates at this screen, by a token that only that screen knows. */
export type RatingSeats = Sittings<{ readonly id: string; readonly name: string }>;
export const openRatingSeats = (clock: () => number): RatingSeats => openSittings(clock, { message: 'Nobody rates at this screen any more.', hint: 'Begin again; every answer given so far is kept.' });

const tallyOf = (rater: StoredRater): RatingTally => {
  const next = rater.answers.indexOf(null);
  return { answered: answeredBy(rater), total: rater.order.length, next: next === -1 ? null : next };
};
const raterOf = (study: StoredStudy, name: string): StoredRater => {
  const found = study.raters.find((rater) => [rater.name, rater.user ?? rater.name].map(personOf).includes(personOf(name)));
  if (!found) throw new AppError('NOT_FOUND', `${name} does not rate in this study.`, { hint: `Its people: ${study.raters.map((rater) => rater.name).join(', ')}.` });
  return found;
};
function seatOf(services: Services, seats: RatingSeats, token: string): { study: StoredStudy; rater: StoredRater } {
  const { id, name } = seats.of(token);
  const study = getStudy(services, id);
  return { study, rater: raterOf(study, name) };
}

/** UNAUTHENTICATED, LOCKED_OUT; FORBIDDEN where the password is another person's or the study is closed. */
export async function beginRating(services: Services, seats: RatingSeats, input: { readonly id: string; readonly name: string; readonly by?: Credential | undefined }): Promise<RatingTally & { classes: string[]; sitting: string }> {
  const study = getStudy(services, input.id);
  if (study.closedAt !== null) throw new AppError('FORBIDDEN', 'This study is closed.');
  const rater = raterOf(study, input.name);
  if (rater.user !== null) {
    if (input.by === undefined) throw new AppError('UNAUTHENTICATED', `${rater.name} is a user here and gives the password.`);
    const person = await authenticate(services, input.by, 'agreement.begin');
    if (person.user !== rater.user) throw new AppError('FORBIDDEN', `${person.printedName} cannot answer for ${rater.name}.`);
  }
  return { ...tallyOf(rater), classes: study.classes, sitting: seats.begin({ id: study.id, name: rater.name }) };
}

export async function showSample(services: Services, seats: RatingSeats, token: string, position: number): Promise<{ position: number; input: InputView; answer: string | null }> {
  const { study, rater } = seatOf(services, seats, token);
  const chosen = study.chosen[rater.order[position] ?? -1];
  if (!chosen) throw new AppError('BAD_INPUT', `There is no sample ${position + 1}; there are ${rater.order.length}.`);
  return { position, input: await viewSample(services, study.data, chosen, 'the study was drawn from'), answer: rater.answers[position] ?? null };
}

export function giveAnswer(services: Services, seats: RatingSeats, token: string, position: number, answer: string): RatingTally {
  return change(services, seats, token, (study, rater) => {
    if (rater.order[position] === undefined) throw new AppError('BAD_INPUT', `There is no sample ${position + 1}; there are ${rater.order.length}.`);
    if (!study.classes.includes(answer)) throw new AppError('BAD_INPUT', `"${answer}" is not among the answers: ${study.classes.slice(0, 20).join(', ')}.`);
    return { ...rater, answers: rater.answers.map((old, at) => (at === position ? answer : old)), given: [...rater.given.filter((at) => at !== position), position] };
  });
}

export function takeBackAnswer(services: Services, seats: RatingSeats, token: string): RatingTally {
  return change(services, seats, token, (_study, rater) => {
    const last = rater.given.at(-1);
    if (last === undefined) throw new AppError('BAD_INPUT', 'There is no answer to take back.');
    return { ...rater, answers: rater.answers.map((old, at) => (at === last ? null : old)), given: rater.given.slice(0, -1) };
  });
}

function change(services: Services, seats: RatingSeats, token: string, step: (study: StoredStudy, rater: StoredRater) => StoredRater): RatingTally {
  return services.store.atomically(() => {
    const { study, rater } = seatOf(services, seats, token);
    if (study.closedAt !== null) throw new AppError('FORBIDDEN', 'This study is closed.');
    const next = step(study, rater);
    studyRecords(services).put({ ...study, raters: study.raters.map((other) => (other.name === rater.name ? next : other)) });
    return tallyOf(next);
  });
}
