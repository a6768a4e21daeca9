// Words for the meanings of a signature.
export const meanings = ['prepared', 'reviewed', 'approved'] as const;
export type Meaning = (typeof meanings)[number];
export const meaningWords: Readonly<Record<Meaning, string>> = { prepared: 'Prepared by', reviewed: 'Reviewed by', approved: 'Approved by' };

/** What is known of the name beside a signature. */
export const signerWords = ({ role, authenticated }: { readonly role?: string | undefined; readonly authenticated?: boolean | undefined }): string => [role ?? '', authenticated === true ? 'authenticated' : 'name not authenticated'].filter(Boolean).join(', ');

/** The next meaning a report lacks, in the order prepared, reviewed, approved. */
export function nextMeaning(signatures: readonly { readonly meaning: string }[]): Meaning | null {
  return meanings.find((meaning) => !signatures.some((signature) => signature.meaning === meaning)) ?? null;
}
