// The cost dial: the decision threshold turned by hand, with what it lets through, rejects and costs a day beside what the model does now and the cheapest choice.
import { useDeferredValue, useState } from 'react';
import type { TurnedCostDial, ValidationOutput } from '#shared/contract/validation';
import { useOp } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading, Note, Stat, Stats } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField, SelectField } from '../../ui/Field.tsx';
import { StatusWord } from '../../ui/Status.tsx';
import { CostCurve } from './CostCurve.tsx';
import { LimitsLines } from './LimitsLines.tsx';
import { ThresholdField } from './ThresholdField.tsx';
import { costDialView, dialInput, untouched, type DialSetting } from './costDialView.ts';

export function CostDialCard({ run }: { readonly run: ValidationOutput }) {
  const classes = run.accuracy?.confusion.labels ?? [];
  const [setting, setSetting] = useState<DialSetting>(untouched);
  const answer = useOp('validation.costDial', classes.length === 2 && run.report !== null ? dialInput(run.id, useDeferredValue(setting)) : null);
  // While the next answer comes, the last one stays, so that no figure blinks under the hand.
  const [last, setLast] = useState<TurnedCostDial | null>(null);
  if (answer.data && answer.data !== last) setLast(answer.data);
  const dial = answer.data ?? last;
  if (run.accuracy === null || run.report === null) return null;
  if (classes.length !== 2) return <Card title="Threshold with cost"><p className="dim">A threshold can be set where a model tells two classes apart; this one has {classes.length}.</p></Card>;
  const turn = (change: Partial<DialSetting>) => setSetting({ ...setting, ...change });
  if (!dial) return <Card title="Threshold with cost" label="Threshold with cost">{answer.error ? <ErrorNote error={answer.error} onRetry={answer.reload} /> : <Loading what="the scores of the report" rows={5} />}</Card>;
  const view = costDialView(dial);
  const { costs } = dial.dial;
  return (
    <Card title="Threshold with cost" unit="from the scores in the signed report" aside={<Button size="tiny" disabled={setting === untouched} onClick={() => setSetting(untouched)}>Back to the cheapest</Button>}>
      <div className="stack">
        <div className="row wrap top" style={{ gap: 14 }}>
          <div style={{ flex: '1 1 300px' }}><ThresholdField value={view.threshold} onChange={(threshold) => turn({ threshold })} of={costs.positive} /></div>
          <div style={{ width: 150 }}><SelectField label="Class to reject" choices={dial.classes.map((name) => ({ value: name, label: name }))} value={costs.positive} onChange={(positive) => turn({ positive, threshold: null })} /></div>
          <div style={{ width: 130 }}><NumberField label="An escape costs" unit={costs.currency} value={costs.escape} min={0} max={1e12} step={10} onChange={(escapeCost) => turn({ escapeCost })} /></div>
          <div style={{ width: 140 }}><NumberField label="A false reject costs" unit={costs.currency} value={costs.false_reject} min={0} max={1e12} step={1} onChange={(rejectCost) => turn({ rejectCost })} /></div>
          <div style={{ width: 120 }}><NumberField label="Parts a day" optional value={costs.parts_per_day ?? null} min={0.001} max={1e12} step={100} onChange={(partsPerDay) => turn({ partsPerDay })} help={costs.parts_per_day === undefined ? 'Empty: cost of a part' : undefined} /></div>
          <div style={{ width: 130 }}><NumberField label="Share of defects" unit="%" optional value={costs.defect_share === undefined ? null : Number((costs.defect_share * 100).toPrecision(8))} min={0.000001} max={99.999999} step={0.1} onChange={(defectPercent) => turn({ defectPercent })} help={costs.defect_share === undefined ? `Empty: ${(dial.dial.defectShare * 100).toPrecision(3)} % as tested` : undefined} /></div>
        </div>
        {answer.error && <ErrorNote error={answer.error} onRetry={answer.reload} />}
        <Stats>
          {view.figures.map(({ label, threshold, money, range }, index) => <Stat key={label} label={`${label}: ${threshold}`} value={money} note={range} tone={index === 0 && view.saved.tone !== 'dim' ? view.saved.tone : undefined} />)}
          <Stat label="Escapes" value={view.escapes.value} note={view.escapes.note} />
          <Stat label="False rejects" value={view.falseRejects.value} note={view.falseRejects.note} />
        </Stats>
        <div aria-live="polite"><StatusWord tone={view.saved.tone}>This threshold {view.saved.text === 'costs as much as now' ? view.saved.text : `costs ${view.saved.text}`}.</StatusWord></div>
        <CostCurve dial={dial} view={view} />
        {!dial.stated && <Note tone="warn">The limits of this run state no costs: these figures are examples until you enter your own.</Note>}
        <Note>The threshold was chosen on the data that it is judged on, so its cost is optimistic: prove it on new samples. Turning the dial changes neither the locked limits nor the signed report; to use other costs, lock a new limits file with the lines below and validate again.</Note>
        <LimitsLines text={dial.limitsText} />
      </div>
    </Card>
  );
}
