// Words for signatures and deviations.
import type { Deviation, Severity } from '#shared/contract/deviations';

export const meanings = ['prepared', 'reviewed', 'approved'] as const;
export type Meaning = (typeof meanings)[number];
export const meaningWords: Readonly<Record<Meaning, string>> = { prepared: 'Prepared by', reviewed: 'Reviewed by', approved: 'Approved by' };

interface Signer { readonly role?: string | undefined; readonly authenticated?: boolean | undefined }
export const authenticatedWords = ({ authenticated }: Signer): string => (authenticated === true ? 'Authenticated' : 'Name not authenticated');
/** What is known of the name beside a signature: "Quality, authenticated". */
export const signerWords = (signer: Signer): string => [signer.role ?? '', authenticatedWords(signer).toLowerCase()].filter(Boolean).join(', ');

const personOf = (name: string) => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
/** Who prepared a report neither reviews nor approves it; the author of a run is named by the settings, which may hold the user name. */
export const isAuthor = (signatures: readonly { readonly meaning: string; readonly signer: string }[], { user, printedName }: { readonly user: string; readonly printedName: string }): boolean =>
  signatures.some(({ meaning, signer }) => meaning === 'prepared' && [user, printedName].map(personOf).includes(personOf(signer)));

/** The next meaning a report lacks, in the order prepared, reviewed, approved. */
export function nextMeaning(signatures: readonly { readonly meaning: string }[]): Meaning | null {
  return meanings.find((meaning) => !signatures.some((signature) => signature.meaning === meaning)) ?? null;
}

export const severityTone: Readonly<Record<Severity, 'bad' | 'warn'>> = { critical: 'bad', major: 'warn', minor: 'warn' };
/** @param now ISO 8601; one that is due before is overdue. */
export const deviationWords = ({ closure, dueDate }: Pick<Deviation, 'closure' | 'dueDate'>, now: string): string => (closure !== null ? 'Closed' : now !== '' && dueDate < now.slice(0, 10) ? 'Open, overdue' : 'Open');
