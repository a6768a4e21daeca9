// Why a candidate's answers are not good enough for `--recipe auto`; what nothing was compared of is not good enough either.
import type { Proof } from './prove.ts';

/** Further outputs may be so much worse than the first. */
const allowanceDb = 10;

/**
 * Outputs that have the same shape on every sample decide; where there is none, those that may change it (what a model selects) do, by the samples on which they kept it.
 * @param maxDropPercent also of the entries of integer and bool outputs, in each of them
 */
export function outputsFault({ outputs, sqnrDb, compared }: Pick<Proof, 'outputs' | 'sqnrDb' | 'compared'>, floorDb: number, maxDropPercent: number): string | null {
  if (!compared) return 'nothing of its answers could be compared with the original';
  const some = outputs.filter((o) => o.compared > 0);
  const steady = some.filter((o) => o.otherShape === 0);
  const judged = steady.length ? steady : some;
  for (const { output, otherShape, samples } of judged) if (otherShape / samples > maxDropPercent / 100) return `it answers another number of values in "${output}" on ${otherShape} of ${samples} samples, and no other output tells more`;
  for (const { output, agreement } of judged) if (agreement !== null && 1 - agreement > maxDropPercent / 100) return `${(100 * (1 - agreement)).toFixed(2)} % of the entries of "${output}" differ, more than ${maxDropPercent} %`;
  if (sqnrDb !== null && sqnrDb < floorDb) return `${sqnrDb.toFixed(1)} dB, below the floor of ${floorDb} dB`;
  const [, ...further] = judged.filter(({ kind }) => kind === 'float');
  const worse = further.find((o) => o.sqnrDb !== null && o.sqnrDb < floorDb - allowanceDb);
  return worse ? `its output "${worse.output}" is at ${worse.sqnrDb!.toFixed(1)} dB` : null;
}
