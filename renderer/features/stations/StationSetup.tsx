// What a station is made of: model, calibration and test set, limits, takt; each choice is stored at once.
import type { StationRecord } from '#shared/contract/stations';
import { useAction, useOp } from '../../api/useOp.ts';
import { routeHref } from '../../app/routes.ts';
import { Card, KeyValue } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField, SelectField, TextField } from '../../ui/Field.tsx';
import { formatBytes, formatCount, formatDateTime, shortHash } from '../../ui/format.ts';
import { LinkButton } from '../../ui/Button.tsx';
import { useState } from 'react';

export function StationSetup({ station }: { readonly station: StationRecord }) {
  const models = useOp('models.list', {}).data ?? [];
  const datasets = useOp('datasets.list', {}).data ?? [];
  const limits = useOp('validation.listLimits', {}).data ?? [];
  const update = useAction('stations.update');
  const [takt, setTakt] = useState(station.taktMs);
  const [reason, setReason] = useState('');
  const change = (part: Partial<Pick<StationRecord, 'name' | 'line' | 'description' | 'modelId' | 'calibrationId' | 'testId' | 'limitsId' | 'taktMs' | 'threshold'>>) => void update.run({ id: station.id, change: part, ...(reason.trim() === '' ? {} : { reason }) });
  const sets = (purpose: string) => datasets.filter((set) => set.purpose === purpose || set.purpose === 'challenge').map((set) => ({ value: set.id, label: `${set.name} · ${formatCount(set.check.samples)} samples${set.seal ? ' · sealed' : ''}` }));
  const model = models.find((each) => each.id === station.modelId);
  const candidate = models.find((each) => each.id === station.candidateModelId);
  return (
    <div className="cols2">
      <Card title="Model and data" unit="stored as you choose">
        <div className="stack">
          {update.error && <ErrorNote error={update.error} />}
          <TextField label="Reason for the next changes (optional)" value={reason} onChange={setReason} help="Stands in the audit trail, beside the old and the new value." />
          <SelectField label="Model" placeholder={models.length === 0 ? 'No model imported yet' : 'Choose a model'} choices={models.map((each) => ({ value: each.id, label: `${each.name} · ${each.summary.precision} · ${formatBytes(each.summary.sizeBytes)}` }))} value={station.modelId} onChange={(modelId) => change({ modelId })} />
          <SelectField label="Calibration set" clearable placeholder="None: only recipes that need none" choices={sets('calibration')} value={station.calibrationId} onChange={(calibrationId) => change({ calibrationId })} />
          <SelectField label="Test set" placeholder={datasets.length === 0 ? 'No data set yet' : 'Choose a test set'} choices={sets('test')} value={station.testId} onChange={(testId) => change({ testId })} />
          <SelectField label="Locked limits" clearable placeholder="None: the run is exploratory" choices={limits.map((each) => ({ value: each.id, label: `${each.limits.map((limit) => limit.id).slice(0, 5).join(', ')} · ${formatDateTime(each.lockedAt)} · ${shortHash(each.sha256, 8)}` }))} value={station.limitsId} onChange={(limitsId) => change({ limitsId })} help="Locked on the Validate screen before the first run." />
          <div style={{ width: 200 }}><NumberField label="Takt" unit="ms a part" optional value={takt} min={0.1} max={3_600_000} step={1} onChange={(value) => { setTakt(value); change({ taktMs: value }); }} /></div>
          <ThresholdFields threshold={station.threshold} classes={model?.labels ?? []} onChange={(threshold) => change({ threshold })} />
          <div className="row wrap"><LinkButton href={routeHref('models', null, { add: '1' })}>Import a model</LinkButton><LinkButton href={routeHref('datasets', null, { add: '1' })}>Add a data set</LinkButton><LinkButton href={routeHref('validate')}>Lock limits</LinkButton></div>
        </div>
      </Card>
      <div className="stack">
        <Card title="Words"><Words station={station} onSave={change} /></Card>
        <Card title="Approved path"><KeyValue rows={[['Original', model ? <a key="m" href={routeHref('models', model.id)}>{model.name}</a> : 'none'], ['Candidate', candidate ? <a key="c" href={routeHref('models', candidate.id)}>{candidate.name}</a> : 'none yet'], ['Evidence', station.evidenceId ? <a key="e" href={routeHref('evidence', station.evidenceId)}>open</a> : 'none yet']]} /></Card>
      </div>
    </div>
  );
}

/** From which score on the station decides. The report is stale once it differs from the one that was validated. */
function ThresholdFields({ threshold, classes, onChange }: { readonly threshold: StationRecord['threshold']; readonly classes: readonly string[]; readonly onChange: (threshold: StationRecord['threshold']) => void }) {
  const set = (value: number | null, positive: string | null) => { onChange(value === null ? null : { value, positive }); };
  return (
    <div className="row wrap" style={{ alignItems: 'flex-start' }}>
      <div style={{ width: 200 }}><NumberField label="Decision threshold" optional value={threshold?.value ?? null} step={0.05} onChange={(value) => set(value, threshold?.positive ?? null)} help="Empty: the largest score" /></div>
      {threshold !== null && classes.length === 2 && <div style={{ width: 200 }}><SelectField label="On the class" clearable placeholder="As the limits name it" choices={classes.map((name) => ({ value: name, label: name }))} value={threshold.positive} onChange={(positive) => set(threshold.value, positive)} /></div>}
    </div>
  );
}

function Words({ station, onSave }: { readonly station: StationRecord; readonly onSave: (part: { readonly name?: string; readonly line?: string; readonly description?: string }) => void }) {
  const [name, setName] = useState(station.name);
  const [line, setLine] = useState(station.line);
  const [description, setDescription] = useState(station.description);
  const save = () => { if (name.trim() && (name !== station.name || line !== station.line || description !== station.description)) onSave({ name: name.trim(), line, description }); };
  return <div className="stack" onBlur={save}><div className="cols2"><TextField label="Name" value={name} onChange={setName} onEnter={save} /><TextField label="Line" value={line} onChange={setLine} onEnter={save} /></div><TextField label="What is decided here" value={description} onChange={setDescription} rows={2} /></div>;
}
