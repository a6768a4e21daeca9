// A person at the bench: cards one after the other until all are judged, with the last verdict to be taken back.
import { useState } from 'react';
import type { CourtVerdict, Sitting } from '#shared/contract/court';
import { useAction, useOp } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { CourtCardView } from './CourtCardView.tsx';

export function Bench({ seat, onLeave }: { readonly seat: Sitting & { readonly next: number | null }; readonly onLeave: () => void }) {
  const [position, setPosition] = useState(seat.next);
  const [judged, setJudged] = useState(seat.judged);
  const card = useOp('court.card', position === null ? null : { sitting: seat.sitting, position });
  const judge = useAction('court.judge'), undo = useAction('court.undo'), leave = useAction('court.leave');
  const busy = judge.busy || undo.busy || card.loading;
  const away = () => { void leave.run({ sitting: seat.sitting }); onLeave(); };
  const give = async (verdict: CourtVerdict) => {
    if (position === null) return;
    const tally = await judge.run({ sitting: seat.sitting, position, verdict });
    if (tally) { setJudged(tally.judged); setPosition(tally.next); }
  };
  const takeBack = async () => {
    const tally = await undo.run({ sitting: seat.sitting });
    if (tally) { setJudged(tally.judged); setPosition(tally.next); }
  };
  const error = judge.error ?? undo.error ?? card.error;
  return (
    <>
      {error && <ErrorNote error={error}>{error.code === 'UNAUTHENTICATED' && <Button onClick={onLeave}>Sit down again</Button>}</ErrorNote>}
      {position === null
        ? <Card title="All judged" unit={seat.names.join(' and ')}><div className="stack"><Note tone="ok">{judged} of {seat.total} cards are judged. Until the docket is closed the last verdict can still be taken back.</Note><div className="row"><Button disabled={undo.busy} onClick={() => void takeBack()}>Take back the last</Button><Button onClick={away}>Leave the bench</Button></div></div></Card>
        : card.data ? <CourtCardView card={{ ...card.data, judged }} names={seat.names} busy={busy} onVerdict={(verdict) => void give(verdict)} onUndo={() => void takeBack()} onLeave={away} />
          : !error && <Card label="Card"><Loading what="the card" rows={8} /></Card>}
    </>
  );
}
