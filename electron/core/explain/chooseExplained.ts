// Which samples are explained: wrong ones, right ones that were a close call, and others drawn by chance; fixed by the seed.
import { seededRandom } from '../statistics/bootstrap.ts';

export type Why = 'wrong' | 'close call' | 'drawn';
export interface Judged { readonly index: number; readonly wrong: boolean; /** Least first is the closest call: score of the decision; for a number the error, negated. Null where unknown. */ readonly score: number | null }

export const mostWrong = 6, mostClose = 3, mostRight = 6;

/** At most `mostWrong` wrong ones drawn by chance, and `mostRight` right ones of which up to `mostClose` are the closest calls. In the order of the set. */
export function chooseExplained(judged: readonly Judged[], seed: number): { readonly index: number; readonly why: Why }[] {
  const random = seededRandom(seed);
  const draw = (list: readonly Judged[], count: number) => {
    const left = [...list];
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(Math.floor(random() * left.length), 1)[0]).flatMap((one) => (one ? [one.index] : []));
  };
  const wrong = draw(judged.filter((one) => one.wrong), mostWrong);
  const right = judged.filter((one) => !one.wrong);
  const close = right.filter(({ score }) => score !== null).sort((a, b) => (a.score ?? 0) - (b.score ?? 0) || a.index - b.index).slice(0, mostClose).map(({ index }) => index);
  const others = draw(right.filter(({ index }) => !close.includes(index)), mostRight - close.length);
  const as = (why: Why) => (index: number) => ({ index, why });
  return [...wrong.map(as('wrong')), ...close.map(as('close call')), ...others.map(as('drawn'))].sort((a, b) => a.index - b.index);
}
