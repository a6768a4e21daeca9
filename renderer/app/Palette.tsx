// Find or do anything: places, things and actions, filtered as one types; arrows, Enter, Escape.
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

export interface Command { readonly id: string; readonly group: string; readonly label: string; readonly detail?: string; readonly keys?: string; readonly icon?: ReactNode; readonly run: () => void }

/** Every word typed must occur; places where the label starts with the text come first. */
export function matchCommands(commands: readonly Command[], text: string): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = commands.flatMap((command) => {
    const label = command.label.toLowerCase();
    const all = `${label} ${command.group.toLowerCase()} ${command.detail?.toLowerCase() ?? ''}`;
    if (!words.every((word) => all.includes(word))) return [];
    const first = words[0] ?? '';
    return [{ command, score: label.startsWith(first) ? 0 : label.includes(` ${first}`) ? 1 : label.includes(first) ? 2 : 3 }];
  });
  return scored.sort((a, b) => (words.length === 0 ? 0 : a.score - b.score)).map(({ command }) => command);
}

export function Palette({ commands, onClose }: { readonly commands: readonly Command[]; readonly onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  const found = useMemo(() => matchCommands(commands, text).slice(0, 60), [commands, text]);
  const current = found[Math.min(at, found.length - 1)];
  useEffect(() => {
    before.current = document.activeElement;
    return () => { if (before.current instanceof HTMLElement && document.activeElement === document.body) before.current.focus(); };
  }, []);
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }); }, [current]);
  const run = (command: Command | undefined) => { if (!command) return; onClose(); command.run(); };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) { event.preventDefault(); setAt((Math.min(at, found.length - 1) + step + found.length) % Math.max(1, found.length)); }
    if (event.key === 'Enter') { event.preventDefault(); run(current); }
    if (event.key === 'Escape') { event.preventDefault(); onClose(); }
    if (event.key === 'Tab') event.preventDefault(); // the field keeps the focus; arrows choose
  };
  return (
    <div className="palette" onPointerDown={(event) => { if (event.target === event.currentTarget) onClose(); }}>
      <div className="palette-box" role="dialog" aria-label="Find or do anything" onKeyDown={onKeyDown}>
        <input autoFocus value={text} placeholder="Find or do anything" role="combobox" aria-expanded aria-controls={id} aria-label="Find or do anything" aria-autocomplete="list" aria-activedescendant={current ? `${id}-${current.id}` : undefined} onChange={(event) => { setText(event.target.value); setAt(0); }} />
        <div className="palette-list" id={id} role="listbox" aria-label="Matches" ref={list}>
          {found.map((command, index) => {
            const head = text === '' && command.group !== found[index - 1]?.group ? command.group : null;
            return (
              <div key={command.id} role="presentation">
                {head && <div className="group" aria-hidden>{head}</div>}
                <div id={`${id}-${command.id}`} role="option" aria-selected={command === current} onPointerMove={() => { if (index !== at) setAt(index); }} onClick={() => run(command)}>
                  {command.icon}<span className="clip">{command.label}</span>{command.detail && <span className="dim small clip">{command.detail}</span>}<span className="grow" />{command.keys ? <kbd>{command.keys}</kbd> : <span className="dim small">{text === '' ? '' : command.group}</span>}
                </div>
              </div>
            );
          })}
          {found.length === 0 && <p className="dim" style={{ padding: 12 }}>Nothing matches. Try a place, a model's name, or “import”.</p>}
        </div>
        <div className="palette-foot" aria-hidden><span><kbd>↑</kbd> <kbd>↓</kbd> choose</span><span><kbd>Enter</kbd> do it</span><span><kbd>Esc</kbd> close</span></div>
      </div>
    </div>
  );
}
