// One docket: who judged how far, sitting down, closing, and what came out.
import { IconGavel, IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import type { Docket, Sitting } from '#shared/contract/court';
import { useAction, useOp } from '../../api/useOp.ts';
import { routeHref } from '../../app/routes.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Note, Stat, Stats } from '../../ui/Card.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime, formatShare } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { Bench } from './Bench.tsx';
import { docketWords, nextStep, outcomeWords } from './courtWords.ts';
import { SitForm } from './SitForm.tsx';

export function DocketView({ docket, onBack }: { readonly docket: Docket; readonly onBack: () => void }) {
  const people = useOp('people.list', {});
  const sit = useAction('court.sit'), close = useAction('court.close'), report = useAction('court.report');
  const [seat, setSeat] = useState<(Sitting & { next: number | null }) | null>(null);
  if (seat) return <Bench seat={seat} onLeave={() => setSeat(null)} />;
  const { word, tone } = docketWords[docket.state];
  const users = people.data ?? [];
  const error = sit.error ?? close.error ?? report.error ?? people.error;
  return (
    <>
      {error && <ErrorNote error={error} />}
      <Card title={docket.title} unit={`opened ${formatDateTime(docket.createdAt)}`} aside={<Button size="tiny" onClick={onBack}>All dockets</Button>}>
        <div className="stack">
          <div className="row wrap"><StatusWord tone={tone}>{word}</StatusWord><span className="dim">{nextStep(docket)}</span></div>
          <KeyValue rows={[['Changed decisions', String(docket.flips)], ...[0, 1].map((place): readonly [string, string] => { const judge = docket.judges[place]; return [place === 0 ? 'First judge' : 'Second judge', judge ? `${judge.printedName}, ${judge.judged} of ${docket.flips}` : 'not yet']; }), docket.disputed === null ? null : ['Adjudication', docket.disputed === 0 ? 'none needed: the judges agree' : `${docket.adjudicated} of ${docket.disputed}${docket.adjudicators.length > 0 ? `, ${docket.adjudicators.join(' and ')}` : ''}`]]} />
          {docket.state !== 'closed' && people.data && users.length < 2 && <Note tone="warn">Two different people with a password are needed. <a href={routeHref('settings', null, { people: 'add' })}>Add users</a></Note>}
          {docket.state !== 'closed' && users.length > 0 && <SitForm label="Sit down" verb="Sit down" icon={<IconGavel size={15} aria-hidden />} users={users} busy={sit.busy} mayBeTwo={docket.state === 'disputed'} onSubmit={(by, other) => void sit.run({ id: docket.id, by, ...(other ? { with: other } : {}) }).then((sitting) => { if (sitting) setSeat(sitting); })} />}
          {docket.state === 'decided' && <SitForm label="Close the docket" verb="Close the docket" icon={<IconLock size={15} aria-hidden />} users={users} busy={close.busy} onSubmit={(by) => void close.run({ id: docket.id, by })} />}
        </div>
      </Card>
      {docket.result && <Result docket={docket} result={docket.result} busy={report.busy} onReport={() => void report.run({ id: docket.id })} />}
    </>
  );
}

function Result({ docket, result, busy, onReport }: { readonly docket: Docket; readonly result: NonNullable<Docket['result']>; readonly busy: boolean; readonly onReport: () => void }) {
  const reports = useOp('evidence.list', {});
  const evidence = reports.data?.find((each) => each.reportSha256 === docket.reportSha256);
  const share = (count: number) => `${formatShare(count / Math.max(1, result.flips), 1)} of ${result.flips}`;
  return (
    <>
      <Stats>
        <Stat label="Repairs" value={result.repairs} note={share(result.repairs)} tone="ok" />
        <Stat label="Regressions" value={result.regressions} note={share(result.regressions)} tone={result.regressions > 0 ? 'bad' : 'ok'} />
        <Stat label="Harmless" value={result.harmless} note="both acceptable" />
        <Stat label="Both wrong" value={result.bothWrong} note={share(result.bothWrong)} />
        <Stat label="Cannot say" value={result.undecided} note={share(result.undecided)} />
        <Stat label="Cohen's kappa" value={result.kappa === null ? 'not defined' : result.kappa.toFixed(2)} note={result.interval ? `${result.interval.low.toFixed(2)} to ${result.interval.high.toFixed(2)}, n = ${result.interval.n}` : 'both gave one verdict throughout'} />
      </Stats>
      <Card flush title="Verdicts" unit={`closed ${formatDateTime(result.closedAt)} by ${result.closedBy}`} aside={docket.reportSha256 ? <LinkButton href={routeHref('evidence', evidence?.id)}>Open the evidence</LinkButton> : docket.source === 'validation' ? <Button disabled={busy} onClick={onReport}>Put it into the report</Button> : undefined}>
        <DataTable label="Verdicts" rows={result.decisions} rowKey={(each) => each.sample} maxHeight={360} columns={[
          { key: 's', title: 'Sample', value: (each) => each.sample, cell: (each) => <code>{each.sample}</code> },
          ...result.judges.map((name, place) => ({ key: `j${place}`, title: name, value: (each: (typeof result.decisions)[number]) => { const outcome = each.verdicts[place]; return outcome ? outcomeWords[outcome] : ''; } })),
          { key: 'o', title: 'Right is', value: (each) => outcomeWords[each.outcome], cell: (each) => <StatusWord tone={each.outcome === 'original' ? 'bad' : each.outcome === 'optimised' || each.outcome === 'both' ? 'ok' : 'warn'}>{outcomeWords[each.outcome]}</StatusWord> },
          { key: 'd', title: 'Decided by', value: (each) => (each.adjudicated ? result.adjudicators.join(' and ') : 'both judges') },
        ]} />
      </Card>
    </>
  );
}
