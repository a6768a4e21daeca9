// The decision threshold: a slider in steps of a hundredth with the arrow keys, and a box for the exact value.
import { useId } from 'react';
import { NumberField } from '../../ui/Field.tsx';

export function ThresholdField({ value, onChange, of }: { readonly value: number; readonly onChange: (threshold: number) => void; readonly of: string }) {
  const id = useId();
  const shown = Number(value.toFixed(4));
  return (
    <div className="field">
      <label htmlFor={id}>Decision threshold</label>
      <span className="share">
        <input id={id} type="range" min={0} max={1} step={0.01} value={shown} aria-valuetext={`reject from ${shown.toFixed(3)} on`} aria-describedby={`${id}-note`} onChange={(event) => onChange(Number(event.target.value))} />
        <NumberField bare label="Decision threshold, exact" value={shown} min={0} max={1} step={0.001} onChange={(next) => { if (next !== null) onChange(next); }} />
      </span>
      <span className="help" id={`${id}-note`}>A part is rejected where the probability of “{of}” is at least this.</span>
    </div>
  );
}
