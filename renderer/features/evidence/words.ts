// Words for the meanings of a signature.
export const meanings = ['prepared', 'reviewed', 'approved'] as const;
export type Meaning = (typeof meanings)[number];
export const meaningWords: Readonly<Record<Meaning, string>> = { prepared: 'Prepared by', reviewed: 'Reviewed by', approved: 'Approved by' };

/** The next meaning a report lacks, in the order prepared, reviewed, approved. */
export function nextMeaning(signatures: readonly { readonly meaning: string }[]): Meaning | null {
  return meanings.find((meaning) => !signatures.some((signature) => signature.meaning === meaning)) ?? null;
}
