// Surfaces: card, key figure, pairs, page head, empty and loading states, notes.
import { IconInfoCircle } from '@tabler/icons-react';
import { useId, type ReactNode } from 'react';
import { ToneIcon } from './Status.tsx';

export function Card({ title, unit, aside, children, flush, label }: { readonly title?: ReactNode; readonly unit?: ReactNode; readonly aside?: ReactNode; readonly children: ReactNode; readonly flush?: boolean; readonly label?: string }) {
  const id = useId();
  return (
    <section className={`card ${flush ? 'flush' : ''}`} {...(title ? { 'aria-labelledby': id } : label ? { 'aria-label': label } : {})}>
      {title !== undefined && <header><h3 id={id}>{title}</h3>{unit !== undefined && <span className="unit">{unit}</span>}{aside !== undefined && <span className="push">{aside}</span>}</header>}
      {children}
    </section>
  );
}

const asTitle = (value: ReactNode) => (typeof value === 'string' ? value : undefined);
/** A key figure: what it is, the number, how it came about. `words`: the value is a name, which is set smaller and may take two lines. */
export function Stat({ label, value, note, tone, words }: { readonly label: string; readonly value: ReactNode; readonly note?: ReactNode; readonly tone?: 'ok' | 'warn' | 'bad' | 'dim' | undefined; readonly words?: boolean }) {
  return <div className="stat"><span className="stat-label" title={label}>{label}</span><strong className={`${tone ? `tone-${tone}` : ''} ${words ? 'words' : ''}`} title={asTitle(value)}>{value}</strong><small title={asTitle(note)}>{note}</small></div>;
}
export const Stats = ({ children }: { readonly children: ReactNode }) => <div className="stats">{children}</div>;

export function KeyValue({ rows }: { readonly rows: readonly (readonly [string, ReactNode] | null)[] }) {
  return <dl className="kv">{rows.map((row, index) => row && <div key={index} style={{ display: 'contents' }}><dt>{row[0]}</dt><dd>{row[1]}</dd></div>)}</dl>;
}

export function PageHead({ title, sub, children }: { readonly title: ReactNode; readonly sub?: ReactNode; readonly children?: ReactNode }) {
  return <div className="page-head"><div className="titles"><h1>{title}</h1>{sub !== undefined && <p className="sub">{sub}</p>}</div>{children}</div>;
}

export function EmptyState({ icon, title, children, actions }: { readonly icon: ReactNode; readonly title: string; readonly children: ReactNode; readonly actions?: ReactNode }) {
  return <div className="empty"><span className="glyph" aria-hidden>{icon}</span><h2>{title}</h2><p>{children}</p>{actions && <div className="row">{actions}</div>}</div>;
}

export function Loading({ what, rows = 4 }: { readonly what: string; readonly rows?: number }) {
  return (
    <div className="stack" role="status" aria-label={`Reading ${what}`}>
      {Array.from({ length: rows }, (_, index) => <div key={index} className="skeleton" style={{ height: 22, width: `${92 - ((index * 17) % 38)}%` }} />)}
    </div>
  );
}

export function Note({ tone = 'info', children }: { readonly tone?: 'info' | 'warn' | 'ok' | 'bad'; readonly children: ReactNode }) {
  return <p className={`note ${tone}`}>{tone === 'info' ? <IconInfoCircle size={15} stroke={1.8} aria-hidden /> : <ToneIcon tone={tone} />}<span>{children}</span></p>;
}
