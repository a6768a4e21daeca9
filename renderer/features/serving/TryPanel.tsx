// One sample through the station's own address: what came back, how long it took, and whether it equals the model run here.
import { IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import type { ServingView } from '#shared/contract/serving';
import { useAction, useOp } from '../../api/useOp.ts';
import { PrimaryAction } from '../../ui/Button.tsx';
import { Card, KeyValue, Note, Stat, Stats } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField, SelectField } from '../../ui/Field.tsx';
import { formatMs, formatNumber, formatShare } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { answerTo, type Answered } from './answered.ts';

export function TryPanel({ view }: { readonly view: ServingView }) {
  const sets = useOp('datasets.list', {}).data ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [index, setIndex] = useState(0);
  const set = sets.find(({ id }) => id === (chosen ?? sets.find(({ purpose }) => purpose === 'challenge')?.id ?? sets[0]?.id));
  const page = useOp('datasets.samples', set ? { id: set.id, offset: index, limit: 1 } : null).data;
  const action = useAction('serving.try');
  // An answer is shown beside the sample that it is of only: another one may have been chosen while it was under way.
  const [answered, setAnswered] = useState<Answered<Awaited<ReturnType<typeof action.run>>> | null>(null);
  const answer = answerTo(answered, set?.id, view.stationId, index);
  const sample = page?.samples[0];
  const send = () => { if (set) void action.run({ stationId: view.stationId, data: { id: set.id }, index }).then((found) => setAnswered({ asked: { stationId: view.stationId, setId: set.id, index }, answer: found })); };
  if (sets.length === 0) return <Card title="Try it"><Note>Add a data set first: a sample of it is sent to the station.</Note></Card>;
  const last = Math.max(0, (set?.check.samples ?? 1) - 1);
  return (
    <div className="cols2">
      <Card title="Sample" unit="sent as a client would, through the gateway">
        <div className="stack">
          <div className="row wrap top">
            <SelectField label="Data set" value={set?.id ?? null} onChange={(id) => { setChosen(id); setIndex(0); }} choices={sets.map((each) => ({ value: each.id, label: each.name }))} />
            <NumberField whole label="Sample" value={index} onChange={(value) => setIndex(Math.round(value ?? 0))} min={0} max={last} help={`0 to ${last}`} />
          </div>
          {sample?.thumbnail && <img src={sample.thumbnail} alt={sample.name} width={140} height={140} style={{ objectFit: 'contain', imageRendering: 'pixelated', background: 'var(--bg)', borderRadius: 'var(--radius)' }} />}
          {sample && <KeyValue rows={[['Name', <code key="n">{sample.name}</code>], ['Label', sample.label ?? 'none']]} />}
          <div className="row"><PrimaryAction icon={<IconSend size={15} aria-hidden />} disabled={action.busy || view.desired !== 'running'} onClick={send}>{action.busy ? 'Waiting for the answer' : 'Send'}</PrimaryAction></div>
          {action.error && <ErrorNote error={action.error} />}
        </div>
      </Card>
      <Card title="Answer" unit={answer?.version ? `of version ${answer.version}` : undefined}>
        {!answer && <p className="dim">Nothing was sent yet.</p>}
        {answer && (
          <div className="stack">
            <Stats>
              <Stat label="Decision" value={answer.predicted ?? 'none'} note={answer.score === null ? '' : `score ${formatShare(answer.score)}`} />
              <Stat label="Latency" value={formatMs(answer.latencyMs)} note="whole request, JSON" />
            </Stats>
            <KeyValue rows={[
              ['Label', answer.label === null ? 'none' : <StatusWord key="l" tone={answer.label === answer.predicted ? 'ok' : 'warn'}>{answer.label === answer.predicted ? `${answer.label}, as decided` : `${answer.label}, decided otherwise`}</StatusWord>],
              ['Against the model run here', answer.maxAbsDifference === null ? 'not comparable' : <StatusWord key="d" tone={answer.maxAbsDifference < 1e-5 ? 'ok' : 'warn'}>{answer.maxAbsDifference === 0 ? 'equal' : `largest difference ${formatNumber(answer.maxAbsDifference)}`}</StatusWord>],
            ]} />
            {answer.outputs.map((output) => <div key={output.name} className="stack tight"><p className="small"><code>{output.name}</code> <span className="dim">{output.datatype} [{output.shape.join(', ')}]</span></p><pre className="mono prewrap small">{output.values.map((value) => (typeof value === 'number' ? formatNumber(value, 5) : value)).join('  ')}{output.shape.reduce((product, size) => product * size, 1) > output.values.length ? '  …' : ''}</pre></div>)}
          </div>
        )}
      </Card>
    </div>
  );
}
