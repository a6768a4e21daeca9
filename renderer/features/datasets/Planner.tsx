// How many parts do I need? Exact one-sided binomial bound, live while the figures are typed.
import { useState } from 'react';
import { useOp } from '../../api/useOp.ts';
import { Card } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField } from '../../ui/Field.tsx';
import { formatCount, formatShare } from '../../ui/format.ts';
import { Stat } from '../../ui/Card.tsx';

export function Planner({ samples: have }: { readonly samples?: number }) {
  const [ratePercent, setRate] = useState<number>(0.5);
  const [confidencePercent, setConfidence] = useState<number>(95);
  const [failures, setFailures] = useState<number>(0);
  const [samples, setSamples] = useState<number | null>(have ?? null);
  const plan = useOp('datasets.plan', { maxRate: ratePercent / 100, confidence: confidencePercent / 100, failures, ...(samples === null ? {} : { samples }) });
  return (
    <Card title="How many parts do I need?" unit="to prove a rate of escapes or false rejects">
      <div className="row wrap top" style={{ gap: 20 }}>
        <div className="row wrap" style={{ alignItems: 'flex-end' }}>
          <div style={{ width: 130 }}><NumberField label="Rate at most" unit="%" value={ratePercent} min={0.001} max={50} step={0.1} onChange={(value) => value !== null && setRate(value)} /></div>
          <div style={{ width: 120 }}><NumberField label="Confidence" unit="%" value={confidencePercent} min={51} max={99.99} step={1} onChange={(value) => value !== null && setConfidence(value)} /></div>
          <div style={{ width: 120 }}><NumberField whole label="Failures allowed" value={failures} min={0} max={1000} step={1} onChange={(value) => value !== null && setFailures(Math.round(value))} /></div>
          <div style={{ width: 130 }}><NumberField whole label="Samples I have" optional value={samples} min={0} max={10_000_000} step={50} onChange={(value) => setSamples(value === null ? null : Math.round(value))} /></div>
        </div>
        {plan.error ? <ErrorNote error={plan.error} /> : plan.data && plan.data.samplesNeeded !== null && (
          <div className="row grow" style={{ alignItems: 'stretch' }}><Stat label="Samples needed" value={formatCount(plan.data.samplesNeeded)} note={samples === null ? '' : samples >= plan.data.samplesNeeded ? 'you have enough' : `${formatCount(plan.data.samplesNeeded - samples)} more`} />{plan.data.provenRate !== null && <Stat label="Yours prove" value={`≤ ${formatShare(plan.data.provenRate, 3)}`} note={`at ${confidencePercent} %`} />}<p className="dim grow" style={{ alignSelf: 'center' }}>{plan.data.sentence}</p></div>
        )}
      </div>
    </Card>
  );
}
