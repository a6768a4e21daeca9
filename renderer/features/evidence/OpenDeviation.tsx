// The fields of a new deviation.
import { useState } from 'react';
import { severities, type Severity } from '#shared/contract/deviations';
import { useAction, useOp } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';

/** @param validationId the run that it is found against; without it a station is chosen. */
export function OpenDeviation({ validationId, onDone }: { readonly validationId?: string; readonly onDone: () => void }) {
  const stations = useOp('stations.list', validationId === undefined ? {} : null);
  const opening = useAction('deviations.open');
  const [text, setText] = useState('');
  const [impact, setImpact] = useState('');
  const [severity, setSeverity] = useState<Severity>('major');
  const [owner, setOwner] = useState('');
  const [dueDate, setDueDate] = useState('');
  const [stationId, setStationId] = useState<string | null>(null);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(dueDate);
  const ready = text.trim() !== '' && owner.trim() !== '' && isDate && (validationId !== undefined || stationId !== null);
  const submit = async () => {
    if (!ready) return;
    const opened = await opening.run({ text, impact, severity, owner, dueDate, ...(validationId === undefined ? { stationId: stationId ?? '' } : { validationId }) });
    if (opened) onDone();
  };
  return (
    <Card title="New deviation">
      <div className="stack">
        {opening.error && <ErrorNote error={opening.error} />}
        <TextField label="What was found" value={text} onChange={setText} rows={3} />
        <TextField label="Impact" value={impact} onChange={setImpact} placeholder="What it means for the parts" />
        <div className="row wrap" style={{ alignItems: 'flex-end' }}>
          {validationId === undefined && <div style={{ width: 240 }}><SelectField label="Station" choices={(stations.data ?? []).map(({ id, name }) => ({ value: id, label: name }))} value={stationId} onChange={setStationId} /></div>}
          <div style={{ width: 140 }}><SelectField label="Severity" choices={severities.map((value) => ({ value, label: value }))} value={severity} onChange={(value) => setSeverity((value ?? 'major') as Severity)} /></div>
          <div style={{ width: 200 }}><TextField label="Owner" value={owner} onChange={setOwner} placeholder="Who sees to it" /></div>
          <div style={{ width: 150 }}><TextField label="Due" value={dueDate} onChange={setDueDate} placeholder="2026-12-01" mono wrong={dueDate === '' || isDate ? null : 'As YYYY-MM-DD.'} /></div>
          <Button disabled={!ready || opening.busy} onClick={() => void submit()}>Open it</Button>
        </div>
      </div>
    </Card>
  );
}
