// How near the answers of a quantized model are to its original's, in words: nothing is called identical that was not compared.
export interface AnswerQuality {
  /** Signal to noise of the float output that counts; null where there is no difference in it, or no such output. */
  readonly sqnrDb: number | null;
  /** Least share of equal entries in an integer or bool output; null where there is none. Absent in receipts of former versions. */
  readonly agreement?: number | null | undefined;
  /** False where no value of any output could be compared. */
  readonly compared?: boolean | undefined;
  /** Every output was compared on every sample, and no value differs. */
  readonly identical?: boolean | undefined;
}

/** Rounded down, so that 100 % means all of them. */
export const equalShare = (agreement: number): string => `${(Math.floor(agreement * 1000) / 10).toFixed(1)} % equal`;

/** @param decibels how the caller writes a ratio */
export function answerQuality({ sqnrDb, agreement, compared = true, identical = false }: AnswerQuality, decibels = (db: number): string => `${db.toFixed(1)} dB`): string {
  if (!compared) return 'not compared';
  if (identical) return 'identical';
  const parts = [...(sqnrDb === null ? [] : [decibels(sqnrDb)]), ...(agreement === null || agreement === undefined || agreement === 1 ? [] : [equalShare(agreement)])];
  return parts.join(', ') || 'no difference in what was compared';
}
