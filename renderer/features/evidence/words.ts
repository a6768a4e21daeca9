// Words for the states of a report and the meanings of a signature.
import type { EvidenceRecord } from '#shared/contract/evidence';
import type { Tone } from '../../ui/Status.tsx';

export const stateWords: Readonly<Record<EvidenceRecord['state'], string>> = { draft: 'Draft', review: 'In review', approved: 'Approved', superseded: 'Superseded' };
export const stateTone: Readonly<Record<EvidenceRecord['state'], Tone>> = { draft: 'dim', review: 'info', approved: 'ok', superseded: 'warn' };
export const meanings = ['prepared', 'reviewed', 'approved'] as const;
export type Meaning = (typeof meanings)[number];
export const meaningWords: Readonly<Record<Meaning, string>> = { prepared: 'Prepared by', reviewed: 'Reviewed by', approved: 'Approved by' };

/** The next meaning a report lacks, in the order prepared, reviewed, approved. */
export function nextMeaning(signatures: readonly { readonly meaning: string }[]): Meaning | null {
  return meanings.find((meaning) => !signatures.some((signature) => signature.meaning === meaning)) ?? null;
}
