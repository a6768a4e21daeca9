// The kiosk: one sample after the other over the whole screen, one key for each class, no answer of a model anywhere.
import { IconArrowBackUp, IconX } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { InputView } from '#shared/contract/inputView';
import { Button } from '../../ui/Button.tsx';
import { Note } from '../../ui/Card.tsx';
import { ProgressLine } from '../../ui/ProgressLine.tsx';
import { InputPicture } from './InputPicture.tsx';

interface KioskProps {
  readonly name: string; readonly classes: readonly string[]; readonly answered: number; readonly total: number;
  /** Null while it is read; "done" when everything is answered. */
  readonly input: InputView | null | 'done'; readonly busy: boolean;
  readonly onAnswer: (answer: string) => void; readonly onUndo: () => void; readonly onLeave: () => void;
}

/** 1 to 9, then letters; more classes than that are chosen with the pointer. */
export const keyOfClass = (place: number): string => '123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[place] ?? '';

export function KioskView({ name, classes, answered, total, input, busy, onAnswer, onUndo, onLeave }: KioskProps) {
  const latest = useRef({ busy, input, onAnswer, onUndo });
  // With the screen, not after it: a key that comes as soon as the buttons are live must count.
  useLayoutEffect(() => { latest.current = { busy, input, onAnswer, onUndo }; });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || latest.current.busy) return;
      const place = classes.findIndex((_, at) => keyOfClass(at) === event.key.toUpperCase() && keyOfClass(at) !== '');
      const chosen = classes[place];
      if (chosen !== undefined && latest.current.input !== 'done' && latest.current.input !== null) { event.preventDefault(); latest.current.onAnswer(chosen); }
      else if (event.key === 'Backspace') { event.preventDefault(); latest.current.onUndo(); }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [classes]);
  // What lies behind is covered: Tab and a screen reader begin here.
  const screen = useRef<HTMLDivElement>(null);
  useEffect(() => { screen.current?.focus(); }, []);
  return (
    <div ref={screen} tabIndex={-1} className="stack" role="dialog" aria-modal="true" aria-label={`${name} rates`} style={{ position: 'fixed', inset: 0, zIndex: 50, padding: 20, background: 'var(--bg)', overflow: 'auto', outline: 'none' }}>
      <div className="row"><strong>{name}</strong><span className="grow" /><Button look="quiet" icon={<IconArrowBackUp size={15} aria-hidden />} disabled={busy || answered === 0} aria-keyshortcuts="Backspace" onClick={onUndo}>Take back the last <kbd>⌫</kbd></Button><Button look="quiet" icon={<IconX size={15} aria-hidden />} onClick={onLeave}>Leave, and go on later</Button></div>
      <ProgressLine progress={{ stage: 'Answered', done: answered, total }} />
      <div style={{ flex: 1, minHeight: 0, display: 'grid', placeContent: 'center' }}>
        {input === 'done' ? <Note tone="ok">All {total} are answered. Thank you.</Note> : input === null ? <span className="dim" role="status">Reading the sample</span> : <InputPicture input={input} height={520} />}
      </div>
      {input !== 'done' && <div className="row wrap" role="group" aria-label="Answer" style={{ justifyContent: 'center' }}>{classes.map((each, place) => <Button key={each} size="big" disabled={busy || input === null} aria-keyshortcuts={keyOfClass(place)} onClick={() => onAnswer(each)}>{each} {keyOfClass(place) !== '' && <kbd>{keyOfClass(place)}</kbd>}</Button>)}</div>}
    </div>
  );
}
