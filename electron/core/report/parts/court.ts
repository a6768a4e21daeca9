// What the flip court decided, for the section on parity.
import { facts, notPerformed, paragraph, type Block } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { say } from '../texts/say.ts';
import { formatInterval, formatNumber, formatPercent, formatTime } from '../text.ts';

/** NOT PERFORMED where flips wait for a judge; nothing where there is none. */
export function courtBlocks({ compare, court }: ValidationReceipt): Block[] {
  if (compare === null || compare.flips.length === 0) return [];
  if (court === null) return [notPerformed('Adjudication of flips', 'Nobody has judged the changed decisions yet.')];
  const share = (count: number) => `${count} (${formatPercent(count / Math.max(1, court.flips))})`;
  return [
    facts([
      ['Judges, blind and each alone', court.judges.join(', ')], ['Repairs (only the optimised is right)', share(court.repairs)], ['Regressions (only the original is right)', share(court.regressions)],
      ['Harmless (both acceptable)', share(court.harmless)], ['Both wrong', share(court.bothWrong)], ['Cannot say', share(court.undecided)],
      ['Judges agreed', share(court.agreed)], ['Adjudicated', court.adjudicated === 0 ? say('none needed') : say('{n}, by {names}', { n: court.adjudicated, names: court.adjudicators.join(', ') })],
      ["Cohen's kappa of the judges", court.kappa === null ? say('not defined: both gave one verdict throughout') : `${formatNumber(court.kappa)}; ${formatInterval(court.interval)}`],
      ['Closed', say('{time} by {name}', { time: formatTime(court.closedAt), name: court.closedBy })],
    ]),
    paragraph('The judges saw the input and two answers in an order drawn anew for each of them, without the names of the models, the sample or its label.', 'muted'),
  ];
}
