// What a report was approved for against what is there now: each part that differs, and the sections that have to be run again because of it.
import type { StaleDifference } from '#shared/contract/evidence';
import { rerunSections, type RerunSection } from '#shared/contract/validation';

/** Null: not known, and so not compared. */
export type OperatingFacts = Readonly<Record<StaleDifference['part'], string | null>>;

/** A model or the way its input is made changes every figure; a driver, a runtime or how its sessions are set changes what is computed and how fast; the rest of a machine how fast. A threshold changes which decisions are right, and which differ from the reference's. */
const sectionsOf: Readonly<Record<StaleDifference['part'], readonly RerunSection[]>> = {
  processor: ['iq', 'parity', 'performance'], memory: ['iq', 'performance'], system: ['iq', 'oq', 'performance'], driver: ['iq', 'accuracy', 'parity', 'performance'],
  runtime: ['iq', 'oq', 'accuracy', 'parity', 'robustness', 'performance'], image: ['iq', 'oq', 'performance'],
  session: ['accuracy', 'parity', 'robustness', 'performance'],
  model: rerunSections, preprocessing: rerunSections, threshold: ['accuracy', 'parity', 'robustness'], limits: ['accuracy', 'parity', 'performance'],
};

export function compareOperation(approved: OperatingFacts, now: OperatingFacts): { readonly differences: StaleDifference[]; readonly sections: RerunSection[] } {
  const differences = (Object.keys(sectionsOf) as Array<StaleDifference['part']>).flatMap((part): StaleDifference[] => { // the keys of a record of exactly these parts
    const [before, after] = [approved[part], now[part]];
    return before === null || after === null || before === after ? [] : [{ part, approved: before, now: after }];
  });
  const again = new Set(differences.flatMap(({ part }) => sectionsOf[part]));
  return { differences, sections: rerunSections.filter((section) => again.has(section)) };
}
