// Signal-to-noise ratios as noise power over signal power, which adds up over layers, and back.
import type { AnswerQuality } from '#shared/answerQuality';

/** 0 where the outputs are bit-identical. */
export const noiseOf = (sqnrDb: number | null): number => (sqnrDb === null ? 0 : 10 ** (-sqnrDb / 10));
/** What ranks results and steers searches: the ratio of the float output; of models without one the share of entries that differ, taken as noise. null where nothing differs. */
export function qualityDb({ sqnrDb, agreement, compared = true }: AnswerQuality): number | null {
  if (!compared) return -Infinity;
  return sqnrDb ?? (agreement === null || agreement === undefined || agreement === 1 ? null : decibelsOf(1 - agreement));
}
/** The same for comparing: what does not differ at all is above everything. */
export const qualityOf = (answers: AnswerQuality): number => qualityDb(answers) ?? Infinity;
/** For sorting; a difference of two infinities would be no number. */
export const byQuality = (a: AnswerQuality, b: AnswerQuality): number => { const [x, y] = [qualityOf(a), qualityOf(b)]; return x < y ? 1 : x > y ? -1 : 0; };
export const decibelsOf = (noise: number): number => -10 * Math.log10(noise);
