// Which measured candidate wins by the user's goal, and for each other one why it lost; pure, so that the rules can be read and tried without a model.
import type { Candidate, QuantizeInput } from '#shared/contract/optimize';
import type { AbResult } from '../benchmarks/abTask.ts';
import { isFaster, isSlower } from '../benchmarks/measureAb.ts';
import { byQuality, qualityOf } from './noise.ts';

export interface Contender { readonly candidate: Pick<Candidate, 'sizeBytes' | 'sqnrDb' | 'agreement' | 'compared'>; readonly ab: AbResult | null; /** Once loaded it runs the original's operators: only a clear measurement says that it is slower. */ readonly sameArithmetic?: boolean }

/** "Much smaller": what is worth having when it is no faster. */
const worthwhileSize = 0.6;
/** Where speed cannot be won, half of the size is enough: beyond that, accuracy is worth more. */
const halfSize = 0.5;

/** A smaller gain is not worth ranges that fit the calibration set better than what comes later, where half the size is to be had without any. */
const worthwhileSpeed = 0.8;

/** Within what two equal models differ by, or hardly beyond it where the measurement cannot tell. */
const hardly = 1.05;
const isNoSlower = (ab: AbResult, sameArithmetic = false): boolean => ab.ratio <= Math.max(1, ab.nullHigh) || ((sameArithmetic || ab.ratio <= hardly) && !isSlower(ab));

const quality = ({ candidate }: Contender): number => qualityOf(candidate);
const mostAccurate = <T extends Contender>(some: readonly T[]): T | null => [...some].sort((a, b) => byQuality(a.candidate, b.candidate))[0] ?? null;

const notFaster = ({ ratio, nullLow, nullHigh }: AbResult): string => `not faster beyond what two equal models differ by (${ratio.toFixed(2)} in ${nullLow.toFixed(2)} to ${nullHigh.toFixed(2)})`;

/** The winner by goal: of candidates whose speeds differ by less than what is worth accuracy, or than the measurement can tell, the most accurate. And for each other one why it lost. */
export function chooseCandidate<T extends Contender>(measured: readonly T[], goal: QuantizeInput['goal'], originalBytes: number): { readonly chosen: T | null; readonly reasons: ReadonlyMap<T, string> } {
  const reasons = new Map<T, string>();
  const ratio = (one: T) => one.ab?.ratio ?? Infinity;
  const bySize = [...measured].sort((a, b) => a.candidate.sizeBytes - b.candidate.sizeBytes);
  const fast = measured.filter(({ ab }) => ab && isFaster(ab)).sort((a, b) => ratio(a) - ratio(b));
  const smallAndNoSlower = bySize.filter(({ ab, candidate, sameArithmetic }) => ab && isNoSlower(ab, sameArithmetic) && candidate.sizeBytes <= worthwhileSize * originalBytes);
  let chosen: T | null;
  switch (goal) {
    case 'speed': {
      const [quickest] = fast;
      const fastest = mostAccurate(fast.filter((one) => one.ab && quickest?.ab && (one.ab.low <= quickest.ab.high || ratio(quickest) > worthwhileSpeed * ratio(one))));
      const half = mostAccurate(smallAndNoSlower.filter(({ candidate }) => candidate.sizeBytes <= halfSize * originalBytes));
      // By the fastest of all, not by the more accurate one near it: what is given up for accuracy would add up.
      const preferHalf = half !== null && fastest !== null && quickest !== undefined && ratio(quickest) > worthwhileSpeed && quality(half) > quality(fastest);
      chosen = (preferHalf ? half : fastest ?? half) ?? smallAndNoSlower[0] ?? null;
      break;
    }
    case 'size': chosen = bySize.find(({ candidate }) => candidate.sizeBytes < originalBytes) ?? null; break;
    case 'accuracy': chosen = mostAccurate([...new Set([...fast, ...smallAndNoSlower])]); break;
  }
  for (const one of measured) {
    if (one === chosen || !one.ab) continue;
    if (isSlower(one.ab)) reasons.set(one, `${one.ab.ratio.toFixed(2)} times the original's latency`);
    else if (!isFaster(one.ab) && goal === 'speed' && chosen === null) reasons.set(one, `${notFaster(one.ab)}${one.candidate.sizeBytes > worthwhileSize * originalBytes ? ', and not much smaller' : ''}`);
    else if (goal === 'speed' && chosen && fast.includes(one) && ratio(one) < ratio(chosen)) reasons.set(one, `${ratio(one).toFixed(2)} times the original's latency: too little gained for the accuracy lost against the one chosen`);
    else if (goal === 'speed' && chosen && !fast.includes(one) && ratio(one) <= ratio(chosen)) reasons.set(one, notFaster(one.ab));
    else reasons.set(one, goal === 'size' ? 'larger than the one chosen' : goal === 'accuracy' || (chosen && fast.includes(one) && quality(one) <= quality(chosen)) ? 'less accurate than the one chosen, and not clearly faster' : `${one.ab.ratio.toFixed(2)} times the original's latency, the chosen one has ${chosen?.ab?.ratio.toFixed(2) ?? '1.00'}`);
  }
  return { chosen, reasons };
}
