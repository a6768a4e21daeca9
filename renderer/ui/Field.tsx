// Form fields: a label above, help or what is wrong below, joined for screen readers.
import { Select } from '@mantine/core';
import { useId, useRef, useState, type ReactNode } from 'react';
import { useMarkBad } from './badFields.ts';
import { numberSentence, parseNumber } from './parseNumber.ts';

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

/** Keeps what is typed until it is a number within bounds; an empty field is null where that is allowed. While it holds something else its owner has the number that stood there before, and the screen's next step waits. */
export function NumberField({ value, onChange, unit, min, max, step, optional, bare, whole, ...common }: Common & { readonly value: number | null; readonly onChange: (value: number | null) => void; readonly unit?: string; readonly min?: number; readonly max?: number; readonly step?: number; readonly optional?: boolean; readonly bare?: boolean; /** Only whole numbers; 1,000 and 1.000 are a thousand. */ readonly whole?: boolean }) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  // What stood there before the typing began: a number on the way to one out of bounds (80800 by way of 8080) was never meant.
  const before = useRef(value);
  const told = useRef(value);
  const rule = { min, max, whole, optional };
  const bad = draft !== null && common.disabled !== true && parseNumber(draft, rule) === undefined;
  const sentence = bad ? numberSentence(draft, rule) : null;
  useMarkBad(id, common.label, sentence);
  const tell = (next: number | null) => { if (next === told.current) return; told.current = next; onChange(next); };
  const input = (
    <span className="with-unit">
      <input id={id} className={`input num ${bare ? 'short' : ''}`} inputMode="decimal" value={draft ?? (value === null ? '' : String(value))} disabled={common.disabled} aria-invalid={bad} aria-label={bare ? common.label : undefined} aria-describedby={!bare && (sentence ?? common.wrong ?? common.help) ? `${id}-note` : undefined} title={bare ? sentence ?? undefined : undefined}
        onFocus={() => { if (bad) return; before.current = value; told.current = value; }}
        onChange={(event) => { setDraft(event.target.value); const parsed = parseNumber(event.target.value, rule); tell(parsed === undefined ? before.current : parsed); }}
        onBlur={() => { if (!bad) setDraft(null); }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && bad) { event.stopPropagation(); setDraft(null); return; }
          const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
          if (by === 0) return;
          event.preventDefault();
          const next = Number(((value ?? 0) + by * (step ?? 1)).toFixed(6));
          if ((min === undefined || next >= min) && (max === undefined || next <= max)) { setDraft(null); told.current = next; onChange(next); }
        }} />
      {unit}
    </span>
  );
  if (bare) return input;
  return <Frame id={id} {...common} wrong={sentence ?? common.wrong}>{input}</Frame>;
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
