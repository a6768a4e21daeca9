// Tabs and segments with the arrow-key behaviour that their roles promise.
import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { formatCount } from './format.ts';

export interface TabItem<K extends string> { readonly key: K; readonly label: string; readonly note?: ReactNode; readonly count?: number | undefined }

function useArrowKeys() {
  const box = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || !box.current) return;
    const buttons = Array.from(box.current.querySelectorAll<HTMLButtonElement>('button:not(:disabled)'));
    const next = buttons[(buttons.indexOf(document.activeElement as HTMLButtonElement) + step + buttons.length) % buttons.length];
    event.preventDefault();
    next?.focus();
    next?.click();
  };
  return { box, onKeyDown };
}

export function Tabs<K extends string>({ items, value, onChange, children, label }: { readonly items: readonly TabItem<K>[]; readonly value: K; readonly onChange: (key: K) => void; readonly children: ReactNode; readonly label: string }) {
  const id = useId();
  const { box, onKeyDown } = useArrowKeys();
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={box} onKeyDown={onKeyDown}>
        {items.map((item) => (
          <button key={item.key} type="button" role="tab" id={`${id}-${item.key}`} aria-selected={item.key === value} aria-controls={`${id}-panel`} tabIndex={item.key === value ? 0 : -1} onClick={() => onChange(item.key)}>
            {item.label}{item.count !== undefined && <span className="count">{formatCount(item.count)}</span>}{item.note && <em>{item.note}</em>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`} className="stack" style={{ gap: 'var(--gap)' }}>{children}</div>
    </>
  );
}

export interface Segment<K extends string> { readonly key: K; readonly label: string; readonly title?: string; readonly disabled?: boolean }
export function Segmented<K extends string>({ label, items, value, onChange, tiny }: { readonly label: string; readonly items: readonly Segment<K>[]; readonly value: K; readonly onChange: (key: K) => void; readonly tiny?: boolean }) {
  const { box, onKeyDown } = useArrowKeys();
  return (
    <div className={`seg ${tiny ? 'tiny' : ''}`} role="radiogroup" aria-label={label} ref={box} onKeyDown={onKeyDown}>
      {items.map((item) => <button key={item.key} type="button" role="radio" aria-checked={item.key === value} tabIndex={item.key === value ? 0 : -1} title={item.title} disabled={item.disabled} onClick={() => onChange(item.key)}>{item.label}</button>)}
    </div>
  );
}
