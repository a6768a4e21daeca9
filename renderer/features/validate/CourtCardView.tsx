// One card of the flip court: the input, answers A and B, a key for each verdict.
import { IconArrowBackUp } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { CourtCard, CourtVerdict } from '#shared/contract/court';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ProgressLine } from '../../ui/ProgressLine.tsx';
import { verdictKeys, verdictOfKey } from './courtWords.ts';
import { InputPicture } from './InputPicture.tsx';

interface CourtCardProps { readonly card: CourtCard; readonly names: readonly string[]; readonly busy: boolean; readonly onVerdict: (verdict: CourtVerdict) => void; readonly onUndo: () => void; readonly onLeave: () => void }

const typing = (target: EventTarget | null) => target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

export function CourtCardView({ card, names, busy, onVerdict, onUndo, onLeave }: CourtCardProps) {
  const latest = useRef({ busy, onVerdict, onUndo });
  // With the screen, not after it: a key that comes as soon as the buttons are live must count.
  useLayoutEffect(() => { latest.current = { busy, onVerdict, onUndo }; });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // A held key must not judge the next cards as well.
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || latest.current.busy || typing(event.target)) return;
      const verdict = verdictOfKey(event.key);
      if (verdict) { event.preventDefault(); latest.current.onVerdict(verdict); }
      else if (event.key === 'Backspace') { event.preventDefault(); latest.current.onUndo(); }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const answer = (letter: 'A' | 'B', text: string) => <div className="stat" style={{ flex: 1 }}><span className="stat-label">Answer {letter}</span><strong className="words" title={text}>{text}</strong></div>;
  return (
    <Card title={`Card ${card.position + 1} of ${card.total}`} unit={names.join(' and ')} aside={<Button size="tiny" onClick={onLeave}>Leave, and go on later</Button>}>
      <div className="stack">
        <ProgressLine progress={{ stage: 'Judged', done: card.judged, total: card.total }} />
        <InputPicture input={card.input} height={330} />
        <div className="row" style={{ alignItems: 'stretch' }}>{answer('A', card.answers.a)}{answer('B', card.answers.b)}</div>
        <div className="row wrap" role="group" aria-label="Verdict">
          {verdictKeys.map(({ verdict, key, label }) => <Button key={verdict} size="big" disabled={busy} aria-pressed={card.verdict === verdict} aria-keyshortcuts={key} onClick={() => onVerdict(verdict)}>{label} <kbd>{key}</kbd></Button>)}
          <span className="grow" />
          <Button look="quiet" icon={<IconArrowBackUp size={15} aria-hidden />} disabled={busy || card.judged === 0} aria-keyshortcuts="Backspace" onClick={onUndo}>Take back the last <kbd>⌫</kbd></Button>
        </div>
      </div>
    </Card>
  );
}
