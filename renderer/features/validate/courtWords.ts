// The words of the flip court: verdicts with their keys, states, and what comes next.
import type { CourtOutcome, CourtVerdict, Docket } from '#shared/contract/court';
import type { Tone } from '../../ui/Status.tsx';

export const verdictKeys: readonly { readonly verdict: CourtVerdict; readonly key: string; readonly label: string }[] = [
  { verdict: 'a', key: 'A', label: 'A is right' }, { verdict: 'b', key: 'B', label: 'B is right' }, { verdict: 'both', key: 'E', label: 'Both acceptable' }, { verdict: 'neither', key: 'N', label: 'Both wrong' }, { verdict: 'unsure', key: 'U', label: 'Cannot say' },
];
export const verdictOfKey = (key: string): CourtVerdict | null => verdictKeys.find((each) => each.key === key.toUpperCase())?.verdict ?? null;
export const outcomeWords: Readonly<Record<CourtOutcome, string>> = { original: 'Original', optimised: 'Optimised', both: 'Both acceptable', neither: 'Both wrong', unsure: 'Cannot say' };
export const docketWords: Readonly<Record<Docket['state'], { readonly word: string; readonly tone: Tone }>> = {
  judging: { word: 'Being judged', tone: 'info' }, disputed: { word: 'Disputes to decide', tone: 'warn' }, decided: { word: 'Ready to close', tone: 'info' }, closed: { word: 'Closed', tone: 'ok' },
};

/** What a person has to do next, in one sentence. */
export function nextStep({ state, judges, flips, disputed, adjudicated }: Docket): string {
  switch (state) {
    case 'judging': return judges.length < 2 ? `${judges.length === 0 ? 'Two people judge' : 'A second person judges'} every flip, each alone.` : `${judges.filter(({ judged }) => judged < flips).map(({ printedName }) => printedName).join(' and ')} still judge${judges.filter(({ judged }) => judged < flips).length === 1 ? 's' : ''}.`;
    case 'disputed': return `The judges differ on ${disputed ?? 0}; ${adjudicated} decided. A third person, or both judges together, decide the rest.`;
    case 'decided': return 'Everything is decided. Closing makes the verdicts final and known.';
    case 'closed': return 'The verdicts are final.';
  }
}
