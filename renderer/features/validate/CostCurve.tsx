// Cost over the decision threshold, with the threshold now, the one being looked at and the cheapest.
import type { TurnedCostDial } from '#shared/contract/validation';
import { LineChart } from '../../ui/charts/LineChart.tsx';
import type { DialView } from './costDialView.ts';

export function CostCurve({ dial: { dial, at }, view }: { readonly dial: TurnedCostDial; readonly view: DialView }) {
  const cheapest = dial.threshold === null ? [] : [{ x: dial.threshold, label: 'cheapest' }];
  const same = at.threshold === dial.threshold || at.threshold === null;
  return (
    <div>
      <LineChart label={`Cost over the decision threshold, in ${view.unit}`} lines={[{ label: view.unit, points: view.curve, colour: 1 }]} xMin={0} xMax={1} yMax={view.cutAt ?? undefined} height={200} formatX={(x) => x.toFixed(2)}
        limits={same ? [] : [{ axis: 'x', value: view.threshold, label: 'here' }]} events={[{ x: 0.5, label: 'now' }, ...cheapest]} />
      <span className="dim small">{view.unit} over the threshold{view.cutAt === null ? '' : '; dearer thresholds are above the chart'}</span>
    </div>
  );
}
