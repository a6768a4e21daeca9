// Agreement studies: all of them, a new one, or the one that was opened.
import { useState } from 'react';
import type { Study } from '#shared/contract/agreement';
import { useAction, useOp } from '../../api/useOp.ts';
import { useRoute } from '../../app/routes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField, SelectField, TextField } from '../../ui/Field.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { StudyView } from './StudyView.tsx';

const columns: readonly Column<Study>[] = [
  { key: 'at', title: 'Created', value: (study) => study.createdAt, cell: (study) => formatDateTime(study.createdAt) }, { key: 'title', title: 'Study', value: (study) => study.title }, { key: 'n', title: 'Samples', value: (study) => study.samples, numeric: true },
  { key: 'people', title: 'People', value: (study) => study.raters.map(({ name, answered, total }) => `${name} ${answered}/${total}`).join(', ') }, { key: 'kappa', title: 'Kappa', value: (study) => study.result?.kappa ?? null, cell: (study) => study.result?.kappa?.toFixed(2) ?? '–', numeric: true },
];

export function AgreementView() {
  const { query, setQuery } = useRoute();
  const list = useOp('agreement.list', {});
  const open = list.data?.find((study) => study.id === query.study);
  if (list.error && !list.data) return <ErrorNote error={list.error} onRetry={list.reload} />;
  if (!list.data) return <Card label="Agreement"><Loading what="the studies" /></Card>;
  if (open) return <StudyView key={open.id} study={open} onBack={() => setQuery({ study: null })} />;
  return (
    <>
      <NewStudy onCreated={(id) => setQuery({ study: id })} />
      <Card flush title="Studies"><DataTable label="Studies" tools={false} columns={columns} rows={list.data} rowKey={(study) => study.id} onOpen={(study) => setQuery({ study: study.id })} empty="No study yet: people judge the same samples without the model, which tells how far people agree at all." maxHeight={480} /></Card>
    </>
  );
}

function NewStudy({ onCreated }: { readonly onCreated: (id: string) => void }) {
  const sets = useOp('datasets.list', {}).data ?? [];
  const create = useAction('agreement.create');
  const [title, setTitle] = useState('');
  const [data, setData] = useState<string | null>(null);
  const [samples, setSamples] = useState<number | null>(50);
  const [repeats, setRepeats] = useState<number | null>(10);
  const [seed, setSeed] = useState<number | null>(1);
  const [names, setNames] = useState('');
  const raters = names.split(/[\n,;]/).map((name) => name.trim()).filter((name) => name !== '');
  const send = () => {
    if (data === null) return;
    void create.run({ title, data: { id: data }, samples: samples ?? 2, repeats: repeats ?? 0, seed: seed ?? 1, raters }).then((study) => { if (study) onCreated(study.id); });
  };
  return (
    <Card title="New study" unit="each person judges the same samples, without the model's answer">
      <div className="stack">
        {create.error && <ErrorNote error={create.error} />}
        <div className="row wrap" style={{ alignItems: 'flex-end' }}>
          <div style={{ width: 220 }}><TextField label="Title" value={title} onChange={setTitle} placeholder="Lids, early shift" /></div>
          <div style={{ width: 260 }}><SelectField label="Samples of" choices={sets.map((set) => ({ value: set.id, label: `${set.name} · ${set.check.samples}` }))} value={data} onChange={setData} placeholder="Choose a data set" /></div>
          <div style={{ width: 90 }}><NumberField whole label="How many" value={samples} onChange={setSamples} min={2} max={2000} /></div>
          <div style={{ width: 110 }}><NumberField whole label="Shown twice" value={repeats} onChange={setRepeats} min={0} max={2000} /></div>
          <div style={{ width: 90 }}><NumberField whole label="Seed" value={seed} onChange={setSeed} min={0} max={4294967295} /></div>
        </div>
        <div className="row wrap" style={{ alignItems: 'flex-end' }}>
          <div className="grow"><TextField label="People, two or more, with commas between" value={names} onChange={setNames} placeholder="Eva Lang, Ole Berg" onEnter={send} /></div>
          <Button disabled={create.busy || title.trim() === '' || data === null || raters.length < 2} onClick={send}>Draw the samples</Button>
        </div>
      </div>
    </Card>
  );
}
