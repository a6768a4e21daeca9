// Form fields: a label above, help or what is wrong below, joined for screen readers.
import { Select } from '@mantine/core';
import { useId, useState, type ReactNode } from 'react';

interface Common { readonly label: string; readonly help?: ReactNode; readonly wrong?: string | null | undefined; readonly disabled?: boolean | undefined }

function Frame({ id, label, help, wrong, children }: Common & { readonly id: string; readonly children: ReactNode }) {
  return <div className="field"><label htmlFor={id}>{label}</label>{children}{wrong ? <span className="wrong" id={`${id}-note`} role="alert">{wrong}</span> : help ? <span className="help" id={`${id}-note`}>{help}</span> : null}</div>;
}

/** `secret`: a password, the present one or a new one; what is typed is not shown. */
export function TextField({ value, onChange, placeholder, rows, mono, secret, onEnter, begin, ...common }: Common & { readonly value: string; readonly onChange: (value: string) => void; readonly placeholder?: string; readonly rows?: number; readonly mono?: boolean; readonly secret?: 'present' | 'new'; readonly onEnter?: () => void; /** It was just asked for: typing goes here. */ readonly begin?: boolean }) {
  const id = useId();
  const shared = { id, className: `input ${mono ? 'mono' : ''}`, value, placeholder, disabled: common.disabled, 'aria-invalid': Boolean(common.wrong), 'aria-describedby': common.wrong || common.help ? `${id}-note` : undefined, spellCheck: false, autoFocus: begin === true, autoComplete: secret ? (secret === 'new' ? 'new-password' : 'current-password') : 'off' };
  return (
    <Frame id={id} {...common}>
      {rows ? <textarea {...shared} rows={rows} onChange={(event) => onChange(event.target.value)} />
        : <input {...shared} type={secret ? 'password' : 'text'} onChange={(event) => onChange(event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter') onEnter?.(); }} />}
    </Frame>
  );
}

/** Keeps what is typed until it is a number within bounds; an empty field is null where that is allowed. */
export function NumberField({ value, onChange, unit, min, max, step, optional, bare, ...common }: Common & { readonly value: number | null; readonly onChange: (value: number | null) => void; readonly unit?: string; readonly min?: number; readonly max?: number; readonly step?: number; readonly optional?: boolean; readonly bare?: boolean }) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const parse = (text: string): number | null | undefined => {
    if (text.trim() === '') return optional ? null : undefined;
    const number = Number(text.replace(',', '.'));
    return Number.isFinite(number) && (min === undefined || number >= min) && (max === undefined || number <= max) ? number : undefined;
  };
  const bad = draft !== null && parse(draft) === undefined;
  const range = [min === undefined ? '' : `from ${min}`, max === undefined ? '' : `up to ${max}`].filter(Boolean).join(' ');
  const input = (
    <span className="with-unit">
      <input id={id} className={`input num ${bare ? 'short' : ''}`} inputMode="decimal" value={draft ?? (value === null ? '' : String(value))} disabled={common.disabled} aria-invalid={bad} aria-label={bare ? common.label : undefined}
        onChange={(event) => { setDraft(event.target.value); const parsed = parse(event.target.value); if (parsed !== undefined) onChange(parsed); }}
        onBlur={() => setDraft(null)}
        onKeyDown={(event) => {
          const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
          if (by === 0) return;
          event.preventDefault();
          const next = Number(((value ?? 0) + by * (step ?? 1)).toFixed(6));
          if ((min === undefined || next >= min) && (max === undefined || next <= max)) { setDraft(null); onChange(next); }
        }} />
      {unit}
    </span>
  );
  if (bare) return input;
  return <Frame id={id} {...common} wrong={bad ? `A number ${range}.` : common.wrong}>{input}</Frame>;
}

/** A share of 0 to 100 by hand: coarse with the slider and its arrow keys, exact in the box beside it. */
export function ShareField({ value, onChange, ...common }: Common & { readonly value: number; readonly onChange: (value: number) => void }) {
  const id = useId();
  return (
    <Frame id={id} {...common}>
      <span className="share">
        <input id={id} type="range" min={0} max={100} step={1} value={value} disabled={common.disabled} aria-valuetext={`${value} %`} aria-describedby={common.help ? `${id}-note` : undefined} onChange={(event) => onChange(Number(event.target.value))} />
        <NumberField bare label={`${common.label}, percent`} value={value} min={0} max={100} disabled={common.disabled} unit="%" onChange={(share) => onChange(share ?? 0)} />
      </span>
    </Frame>
  );
}

/** So many are drawn; typing finds the others. */
const choicesShown = 200;
export interface Choice { readonly value: string; readonly label: string; readonly disabled?: boolean }
export function SelectField({ choices, value, onChange, placeholder, clearable, ...common }: Common & { readonly choices: readonly Choice[]; readonly value: string | null; readonly onChange: (value: string | null) => void; readonly placeholder?: string; readonly clearable?: boolean }) {
  const id = useId();
  return (
    <Frame id={id} {...common}>
      <Select id={id} aria-label={common.label} size="xs" data={choices.map((choice) => ({ ...choice, disabled: choice.disabled ?? false }))} value={value} onChange={onChange} placeholder={placeholder ?? 'Choose'} clearable={clearable ?? false} allowDeselect={false} searchable={choices.length > 8} limit={choicesShown} nothingFoundMessage="Nothing found" disabled={common.disabled ?? false} maxDropdownHeight={320} comboboxProps={{ transitionProps: { duration: 0 }, withinPortal: true, keepMounted: false }} />
    </Frame>
  );
}

export function CheckField({ label, checked, onChange, disabled }: { readonly label: ReactNode; readonly checked: boolean; readonly onChange: (checked: boolean) => void; readonly disabled?: boolean }) {
  return <label className="check"><input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />{label}</label>;
}
