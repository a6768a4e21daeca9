// The version of a model, as its maker or the plant counts it; a change is asked for its reason, which goes to the audit trail.
import { useState } from 'react';
import type { ModelRecord } from '#shared/contract/models';
import { useAction } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { TextField } from '../../ui/Field.tsx';

export function VersionForm({ model }: { readonly model: ModelRecord }) {
  const change = useAction('models.setVersion');
  const [draft, setDraft] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  if (draft === null) return <span className="row"><span>{model.version ?? 'not stated'}</span><Button size="tiny" onClick={() => { setDraft(model.version ?? ''); setReason(''); }}>Change</Button></span>;
  const save = async () => { if (await change.run({ id: model.id, version: draft.trim() === '' ? null : draft.trim(), ...(reason.trim() === '' ? {} : { reason: reason.trim() }) })) setDraft(null); };
  return (
    <div className="stack tight">
      {change.error && <ErrorNote error={change.error} />}
      <TextField label="Version" value={draft} onChange={setDraft} placeholder="not stated" onEnter={() => void save()} begin />
      <TextField label="Reason" value={reason} onChange={setReason} help="Stands in the audit trail." onEnter={() => void save()} />
      <div className="row"><Button disabled={change.busy} onClick={() => void save()}>Save</Button><Button onClick={() => setDraft(null)}>Cancel</Button></div>
    </div>
  );
}
