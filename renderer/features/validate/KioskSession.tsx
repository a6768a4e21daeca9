// One person's round of a study, in the kiosk and over the full screen where the shell allows it.
import { useEffect, useState } from 'react';
import type { OutputOf } from '#shared/contract/index';
import { useAction, useOp } from '../../api/useOp.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { KioskView } from './Kiosk.tsx';

export function KioskSession({ name, begun, onLeave }: { readonly name: string; readonly begun: OutputOf<'agreement.begin'>; readonly onLeave: () => void }) {
  const [state, setState] = useState<{ readonly answered: number; readonly next: number | null }>(begun);
  const card = useOp('agreement.card', state.next === null ? null : { sitting: begun.sitting, position: state.next });
  const answer = useAction('agreement.answer'), undo = useAction('agreement.undo');
  useEffect(() => {
    void document.documentElement.requestFullscreen().catch(() => undefined); // a shell that refuses shows it over the window
    return () => { if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined); };
  }, []);
  const give = async (text: string) => {
    if (state.next === null) return;
    const tally = await answer.run({ sitting: begun.sitting, position: state.next, answer: text });
    if (tally) setState(tally);
  };
  const takeBack = async () => { const tally = await undo.run({ sitting: begun.sitting }); if (tally) setState(tally); };
  const error = answer.error ?? undo.error ?? card.error;
  if (error) return <ErrorNote error={error} onRetry={onLeave} retryLabel="Begin again" />;
  return <KioskView name={name} classes={begun.classes} answered={state.answered} total={begun.total} input={state.next === null ? 'done' : card.data?.input ?? null} busy={answer.busy || undo.busy || card.loading} onAnswer={(text) => void give(text)} onUndo={() => void takeBack()} onLeave={onLeave} />;
}
