// One agreement study: who answered how much, the next person begins, and what came out.
import { useState } from 'react';
import type { Study } from '#shared/contract/agreement';
import type { OutputOf } from '#shared/contract/index';
import { useAction, useOp } from '../../api/useOp.ts';
import { routeHref } from '../../app/routes.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Card, Note, Stat, Stats } from '../../ui/Card.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { formatDateTime, formatShare } from '../../ui/format.ts';
import { KioskSession } from './KioskSession.tsx';

type Pairing = NonNullable<Study['result']>['raters'][number]['self'];
const pairText = (pairing: Pairing) => (pairing === null ? 'not measured' : `${formatShare(pairing.share, 1)} of ${pairing.samples}, kappa ${pairing.kappa === null ? 'not defined' : pairing.kappa.toFixed(2)}`);

export function StudyView({ study, onBack }: { readonly study: Study; readonly onBack: () => void }) {
  const people = useOp('people.list', {}).data ?? [];
  const begin = useAction('agreement.begin'), close = useAction('agreement.close');
  const [who, setWho] = useState<string | null>(null);
  const [password, setPassword] = useState('');
  // Who sits in the kiosk stays there: the proposal below moves on when that person has answered everything.
  const [begun, setBegun] = useState<(OutputOf<'agreement.begin'> & { readonly name: string }) | null>(null);
  const name = who ?? study.raters.find(({ answered, total }) => answered < total)?.name ?? null;
  const user = people.find((each) => each.printedName === name);
  const start = () => {
    if (name === null) return;
    const by = user ? { by: { user: user.user, password } } : {};
    setPassword('');
    void begin.run({ id: study.id, name, ...by }).then((answer) => { if (answer) setBegun({ ...answer, name }); });
  };
  if (begun) return <KioskSession key={begun.sitting} name={begun.name} begun={begun} onLeave={() => setBegun(null)} />;
  const isDone = study.raters.every(({ answered, total }) => answered === total);
  const error = begin.error ?? close.error;
  return (
    <>
      {error && <ErrorNote error={error} />}
      <Card title={study.title} unit={`${study.samples} samples, seed ${study.seed}, ${study.repeats} shown twice`} aside={<Button size="tiny" onClick={onBack}>All studies</Button>}>
        <div className="stack">
          <DataTable label="People" tools={false} rows={study.raters} rowKey={(rater) => rater.name} columns={[{ key: 'n', title: 'Person', value: (rater) => rater.name }, { key: 'a', title: 'Answered', value: (rater) => rater.answered, cell: (rater) => `${rater.answered} of ${rater.total}`, numeric: true }]} />
          {study.closedAt === null && !isDone && (
            <div className="row wrap" style={{ alignItems: 'flex-end' }}>
              <div style={{ width: 220 }}><SelectField label="Who rates now" choices={study.raters.map((rater) => ({ value: rater.name, label: rater.name, disabled: rater.answered === rater.total }))} value={name} onChange={setWho} /></div>
              {user && <div style={{ width: 180 }}><TextField label="Password" secret="present" value={password} onChange={setPassword} onEnter={start} /></div>}
              <Button disabled={begin.busy || name === null || (user !== undefined && password === '')} onClick={start}>Begin on the full screen</Button>
            </div>
          )}
          {study.closedAt === null && isDone && <div className="row"><Note tone="ok">Everybody answered everything.</Note><Button disabled={close.busy} onClick={() => void close.run({ id: study.id })}>Close the study</Button></div>}
        </div>
      </Card>
      {study.result && <StudyResult study={study} result={study.result} />}
    </>
  );
}

function StudyResult({ study, result }: { readonly study: Study; readonly result: NonNullable<Study['result']> }) {
  const runs = useOp('validation.list', {}).data ?? [];
  const report = useAction('agreement.report');
  const [run, setRun] = useState<string | null>(null);
  const [made, setMade] = useState<string | null>(null);
  return (
    <>
      {report.error && <ErrorNote error={report.error} />}
      <Stats>
        <Stat label={`${result.method}'s kappa`} value={result.kappa === null ? 'not defined' : result.kappa.toFixed(2)} note={result.interval ? `${result.interval.low.toFixed(2)} to ${result.interval.high.toFixed(2)}, n = ${result.interval.n}` : 'one answer throughout'} />
        <Stat label="Disputed samples" value={result.disputed.length} note={`of ${result.samples}`} tone={result.disputed.length > 0 ? 'warn' : 'ok'} />
        <Stat label="Closed" value={formatDateTime(study.closedAt)} words note={`${result.raters.length} people`} />
      </Stats>
      <Card title="Each person" flush><DataTable label="Each person" tools={false} rows={result.raters} rowKey={(rater) => rater.name} columns={[{ key: 'n', title: 'Person', value: (rater) => rater.name }, { key: 'p', title: 'Proven by a password', value: (rater) => (rater.authenticated ? 'yes' : 'no') }, { key: 's', title: 'With themselves', value: (rater) => pairText(rater.self) }, { key: 'r', title: 'With the labels', value: (rater) => pairText(rater.reference) }]} /></Card>
      {result.disputed.length > 0 && <Card title="Disputed samples" flush><DataTable label="Disputed samples" rows={result.disputed} rowKey={(each) => each.sample} maxHeight={320} columns={[{ key: 's', title: 'Sample', value: (each) => each.sample, cell: (each) => <code>{each.sample}</code> }, { key: 'l', title: 'Label', value: (each) => each.label ?? 'none' }, ...result.raters.map((rater, place) => ({ key: `r${place}`, title: rater.name, value: (each: (typeof result.disputed)[number]) => each.answers[place] ?? '' }))]} /></Card>}
      <Card title="Into a report">
        <div className="row wrap" style={{ alignItems: 'flex-end' }}>
          <div style={{ width: 320 }}><SelectField label="Validation" choices={runs.map((each) => ({ value: each.id, label: `${formatDateTime(each.takenAt)}, ${each.verdict}, attempt ${each.attempt}` }))} value={run} onChange={setRun} placeholder="Choose a validation" /></div>
          <Button disabled={run === null || report.busy} onClick={() => { if (run !== null) void report.run({ id: study.id, validationId: run }).then((answer) => setMade(answer?.evidenceId ?? null)); }}>Make the next revision</Button>
          {made !== null && <LinkButton href={routeHref('evidence', made)}>Open the evidence</LinkButton>}
        </div>
      </Card>
    </>
  );
}
