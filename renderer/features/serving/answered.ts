// Keeps an answer together with what was asked: it stands beside its own sample only.
export interface Asked { readonly stationId: string; readonly setId: string; readonly index: number }
export interface Answered<T> { readonly asked: Asked; readonly answer: T }

/** Null where something else is chosen by now than was asked, at another station too. */
export const answerTo = <T>(answered: Answered<T> | null, setId: string | undefined, stationId: string, index: number): T | null =>
  (answered !== null && answered.asked.setId === setId && answered.asked.stationId === stationId && answered.asked.index === index ? answered.answer : null);
