// A place to drop, choose or type a file or folder; what happens with it is the caller's.
import { IconFileImport } from '@tabler/icons-react';
import { useId, useRef, useState, type ReactNode } from 'react';
import { Button } from './Button.tsx';

export interface DropZoneProps {
  readonly what: 'file' | 'folder';
  readonly label: string;
  readonly accept?: string;
  readonly busy?: boolean;
  readonly busyText?: string | undefined;
  readonly children?: ReactNode;
  /** Native dialog of the desktop; without it the browser's chooser is used. */
  readonly onBrowse?: (() => void) | undefined;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onPath: (path: string) => void;
  readonly submitLabel?: string;
}

/** Opens the chooser of the drop zone on the screen, for a button that stands elsewhere. */
export const openChooser = (): void => document.querySelector<HTMLButtonElement>('[data-chooser]')?.click();

export function DropZone({ what, label, accept, busy, busyText, children, onBrowse, onFiles, onPath, submitLabel = 'Use this path' }: DropZoneProps) {
  const id = useId();
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [path, setPath] = useState('');
  const submit = () => { if (path.trim() && !busy) onPath(path.trim()); };
  return (
    <div className={`drop ${over ? 'over' : ''}`} role="group" aria-label={label}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); setOver(false); if (!busy && event.dataTransfer.files.length > 0) onFiles(Array.from(event.dataTransfer.files)); }}>
      <div className="row" style={{ justifyContent: 'center' }}><IconFileImport size={18} stroke={1.6} aria-hidden /><span>{busy ? busyText ?? 'Working' : label}</span></div>
      {children}
      <div className="row">
        <Button data-chooser disabled={busy} onClick={() => (onBrowse ? onBrowse() : chooser.current?.click())}>{what === 'folder' ? 'Choose a folder' : 'Choose a file'}</Button>
        <label className="visually-hidden" htmlFor={id}>Path on this machine</label>
        <input id={id} className="input mono grow" value={path} placeholder="or its path on this machine" spellCheck={false} onChange={(event) => setPath(event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter') submit(); }} disabled={busy} />
        <Button disabled={busy === true || path.trim() === ''} onClick={submit}>{submitLabel}</Button>
      </div>
      <input ref={chooser} type="file" hidden aria-hidden tabIndex={-1} accept={accept} multiple={what === 'folder'} {...(what === 'folder' ? { webkitdirectory: '' } : {})} onChange={(event) => { const files = Array.from(event.target.files ?? []); event.target.value = ''; if (files.length > 0) onFiles(files); }} />
    </div>
  );
}
