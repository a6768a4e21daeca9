// Buttons and what behaves like them: plain, primary, quiet, as a link, copy, and a confirmation that stands in the line.
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ButtonHTMLAttributes, type KeyboardEvent, type ReactNode } from 'react';
import { useFirstBad } from './badFields.ts';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'primary' | 'quiet' | 'danger' | undefined;
  readonly size?: 'tiny' | 'normal' | 'big' | undefined;
  readonly icon?: ReactNode;
}

export const buttonClass = (look: ButtonProps['look'] = 'plain', size: ButtonProps['size'] = 'normal', iconOnly = false): string =>
  ['btn', look === 'plain' ? '' : look, size === 'normal' ? '' : size, iconOnly ? 'icon' : ''].filter(Boolean).join(' ');

/** A button that can no longer be pressed keeps the focus that it has, so that keys and readers do not fall to the top of the page. */
export function Button({ look, size, icon, children, className, disabled = false, onClick, onFocus, onBlur, ...rest }: ButtonProps) {
  const [focused, setFocused] = useState(false);
  const resting = disabled && focused;
  return <button type="button" {...rest} disabled={disabled && !focused} aria-disabled={resting || undefined} onClick={resting ? undefined : onClick} onFocus={(event) => { setFocused(true); onFocus?.(event); }} onBlur={(event) => { setFocused(false); onBlur?.(event); }} className={`${buttonClass(look, size, children === undefined)} ${className ?? ''}`}>{icon}{children}</button>;
}

/** The screen's one amber button: the next step of the main job. It waits while a field on the screen is bad, and names it. */
export function PrimaryAction({ disabled, title, ...props }: ButtonProps) {
  const bad = useFirstBad();
  return <Button look="primary" data-testid="primary-action" {...props} disabled={disabled === true || bad !== null} title={bad ? `“${bad.label}” is not right yet. ${bad.sentence}` : title} />;
}

export function LinkButton({ href, look, icon, children, testId }: { readonly href: string; readonly look?: ButtonProps['look']; readonly icon?: ReactNode; readonly children: ReactNode; readonly testId?: string }) {
  return <a className={buttonClass(look)} href={href} data-testid={testId}>{icon}{children}</a>;
}

export function PrimaryLink({ href, children, icon }: { readonly href: string; readonly children: ReactNode; readonly icon?: ReactNode }) {
  return <LinkButton href={href} look="primary" icon={icon} testId="primary-action">{children}</LinkButton>;
}

export function IconButton({ label, icon, look = 'quiet', ...rest }: Omit<ButtonProps, 'children'> & { readonly label: string }) {
  return <Button {...rest} look={look} icon={icon} aria-label={label} title={label} />;
}

/** Copies text and says so for a moment. */
export function CopyButton({ text, label = 'Copy', children }: { readonly text: string; readonly label?: string; readonly children?: ReactNode }) {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = () => {
    void copyText(text).then(() => { setCopied(true); clearTimeout(timer.current); timer.current = setTimeout(() => setCopied(false), 1500); });
  };
  const icon = copied ? <IconCheck size={14} className="tone-ok" aria-hidden /> : <IconCopy size={14} aria-hidden />;
  if (children === undefined) return <button type="button" className="btn quiet icon" aria-label={copied ? 'Copied' : label} title={copied ? 'Copied' : label} onClick={copy}>{icon}</button>;
  return <Button icon={icon} onClick={copy}>{copied ? 'Copied' : children}</Button>;
}

/** The clipboard API where it is allowed, else the old way through a selection. */
export async function copyText(text: string): Promise<void> {
  try { await navigator.clipboard.writeText(text); }
  catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('aria-hidden', 'true');
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

/** A key that is held down repeats its press: that must not answer the question which the first press asked. */
const notHeld = (event: KeyboardEvent<HTMLElement>) => { if (event.repeat && (event.key === 'Enter' || event.key === ' ')) event.preventDefault(); };

/** Asks in place: the button turns into question, yes and no; nothing is covered. Afterwards the button has the focus again. */
export function ConfirmButton({ children, question, yes, onConfirm, icon, disabled, size, primary = false }: { readonly children: ReactNode; readonly question: string; readonly yes: string; readonly onConfirm: () => void; readonly icon?: ReactNode; readonly disabled?: boolean; readonly size?: ButtonProps['size']; /** It is the screen's amber button. */ readonly primary?: boolean }) {
  const [state, setState] = useState<'idle' | 'asking' | 'answered'>('idle');
  const bad = useFirstBad();
  const waits = primary && bad !== null;
  const trigger = useRef<HTMLSpanElement>(null);
  useEffect(() => { if (state === 'answered') trigger.current?.querySelector('button')?.focus(); }, [state]);
  if (state !== 'asking') return <span ref={trigger} style={{ display: 'contents' }} onKeyDown={notHeld}><Button look={primary ? 'primary' : 'plain'} size={size} data-testid={primary ? 'primary-action' : undefined} icon={icon} disabled={disabled === true || waits} title={waits ? `“${bad.label}” is not right yet. ${bad.sentence}` : undefined} onClick={() => setState('asking')}>{children}</Button></span>;
  return (
    <span className={`confirm ${primary ? 'calm' : ''}`} role="group" aria-label={question} onKeyDown={(event) => { notHeld(event); if (event.key === 'Escape') setState('answered'); }}>
      {question}
      <Button look={primary ? 'primary' : 'danger'} size="tiny" autoFocus onClick={() => { setState('answered'); onConfirm(); }}>{yes}</Button>
      <Button size="tiny" onClick={() => setState('answered')}>Keep</Button>
    </span>
  );
}
