// Answers the operations of agreement studies; who rates at which screen is known to this host alone.
import { closeStudy, reportStudy } from '#services/agreement/closeStudy';
import { createStudy } from '#services/agreement/createStudy';
import { beginRating, giveAnswer, openRatingSeats, showSample, takeBackAnswer } from '#services/agreement/rate';
import { getStudy, shownStudy, studyRecords } from '#services/agreement/studyRecords';
import type { Services } from '#services/Services';
import type { Handlers } from './Handlers.ts';

export function agreementHandlers(services: Services): Pick<Handlers, Extract<keyof Handlers, `agreement.${string}`>> {
  const seats = openRatingSeats(services.clock);
  return {
    'agreement.list': async () => studyRecords(services).list().map(shownStudy),
    'agreement.show': async ({ id }) => shownStudy(getStudy(services, id)),
    'agreement.create': (input) => createStudy(services, input),
    'agreement.begin': (input) => beginRating(services, seats, input),
    'agreement.card': ({ sitting, position }) => showSample(services, seats, sitting, position),
    'agreement.answer': async ({ sitting, position, answer }) => giveAnswer(services, seats, sitting, position, answer),
    'agreement.undo': async ({ sitting }) => takeBackAnswer(services, seats, sitting),
    'agreement.close': async ({ id }) => closeStudy(services, id),
    'agreement.report': (input, { signal }) => reportStudy(services, input, { signal, progress: () => undefined, log: () => undefined }),
  };
}
