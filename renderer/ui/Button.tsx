// Buttons and what behaves like them: plain, primary, quiet, as a link, copy, and a confirmation that stands in the line.
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ButtonHTMLAttributes, type ReactNode } from 'react';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'primary' | 'quiet' | 'danger' | undefined;
  readonly size?: 'tiny' | 'normal' | 'big' | undefined;
  readonly icon?: ReactNode;
}

export const buttonClass = (look: ButtonProps['look'] = 'plain', size: ButtonProps['size'] = 'normal', iconOnly = false): string =>
  ['btn', look === 'plain' ? '' : look, size === 'normal' ? '' : size, iconOnly ? 'icon' : ''].filter(Boolean).join(' ');

export function Button({ look, size, icon, children, className, ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={`${buttonClass(look, size, children === undefined)} ${className ?? ''}`}>{icon}{children}</button>;
}

/** The screen's one amber button: the next step of the main job. */
export function PrimaryAction(props: ButtonProps) {
  return <Button look="primary" data-testid="primary-action" {...props} />;
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

/** Asks in place: the button turns into question, yes and no; nothing is covered. */
export function ConfirmButton({ children, question, yes, onConfirm, icon, disabled, size, primary = false }: { readonly children: ReactNode; readonly question: string; readonly yes: string; readonly onConfirm: () => void; readonly icon?: ReactNode; readonly disabled?: boolean; readonly size?: ButtonProps['size']; /** It is the screen's amber button. */ readonly primary?: boolean }) {
  const [asking, setAsking] = useState(false);
  if (!asking) return <Button look={primary ? 'primary' : 'plain'} size={size} data-testid={primary ? 'primary-action' : undefined} icon={icon} disabled={disabled} onClick={() => setAsking(true)}>{children}</Button>;
  return (
    <span className={`confirm ${primary ? 'calm' : ''}`} role="group" aria-label={question} onKeyDown={(event) => { if (event.key === 'Escape') setAsking(false); }}>
      {question}
      <Button look={primary ? 'primary' : 'danger'} size="tiny" autoFocus onClick={() => { setAsking(false); onConfirm(); }}>{yes}</Button>
      <Button size="tiny" onClick={() => setAsking(false)}>Keep</Button>
    </span>
  );
}
