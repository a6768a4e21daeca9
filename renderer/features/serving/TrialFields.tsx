// What a version on trial sees: canary or shadow, how much, and by which key.
import type { Trial } from '#shared/contract/serving';
import { trialSchema } from '#shared/contract/serving';
import { ShareField, TextField } from '../../ui/Field.tsx';
import { Segmented } from '../../ui/Tabs.tsx';

/** As it is being typed: the key is not checked yet, and empty is none. */
export interface TrialDraft { readonly kind: Trial['kind']; readonly percent: number; readonly key: string }

export const draftOf = (trial: Trial): TrialDraft => ({ kind: trial.kind, percent: trial.percent, key: trial.keyHeader ?? '' });

/** Null while the key is no name of a header. */
export function trialOf({ kind, percent, key }: TrialDraft): Trial | null {
  const named = key.trim().toLowerCase();
  const parsed = trialSchema.safeParse({ kind, percent, keyHeader: kind === 'shadow' || named === '' ? null : named });
  return parsed.success ? parsed.data : null;
}

const kindHelp: Readonly<Record<Trial['kind'], string>> = {
  canary: 'Its answers reach the line. Where it fails, the live version answers instead.',
  shadow: 'It sees copies. Its answers are compared with the live ones and never reach the line.',
};

export function TrialFields({ draft, onChange, live, disabled }: { readonly draft: TrialDraft; readonly onChange: (draft: TrialDraft) => void; readonly live: string; readonly disabled: boolean }) {
  const change = (part: Partial<TrialDraft>) => onChange({ ...draft, ...part });
  const canary = draft.kind === 'canary';
  return (
    <div className="cols3">
      <div className="field"><span className="label">Kind of trial</span><Segmented label="Kind of trial" value={draft.kind} onChange={(kind) => change({ kind })} items={[{ key: 'shadow', label: 'Shadow', disabled }, { key: 'canary', label: 'Canary', disabled }]} /><span className="help">{kindHelp[draft.kind]}</span></div>
      <ShareField label={canary ? 'Share that it answers' : 'Share that it sees'} value={draft.percent} onChange={(percent) => change({ percent })} disabled={disabled} help={canary ? `${live} answers the rest.` : `${live} answers everything.`} />
      {canary && <TextField label="Key header, optional" value={draft.key} onChange={(key) => change({ key })} placeholder="x-lot" mono disabled={disabled} wrong={trialOf(draft) ? null : 'Letters, digits and hyphens, at most 64.'} help="The same value always sees the same version, over HTTP. Empty: requests take turns." />}
    </div>
  );
}
