// The samples of a set as small pictures with their labels, page by page.
import { useState } from 'react';
import { useOp } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField } from '../../ui/Field.tsx';
import { formatCount } from '../../ui/format.ts';

const pageSize = 96;

export function SampleGrid({ id, labels }: { readonly id: string; readonly labels: readonly string[] }) {
  const [offset, setOffset] = useState(0);
  const [label, setLabel] = useState<string | null>(null);
  const page = useOp('datasets.samples', { id, offset, limit: pageSize, ...(label === null ? {} : { label }) });
  const total = page.data?.total ?? 0;
  return (
    <Card title="Samples" unit={page.data ? `${formatCount(Math.min(total, offset + 1))}–${formatCount(Math.min(total, offset + pageSize))} of ${formatCount(total)}` : ''} aside={<><Button size="tiny" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - pageSize))}>Back</Button><Button size="tiny" disabled={offset + pageSize >= total} onClick={() => setOffset(offset + pageSize)}>Next</Button></>}>
      {labels.length > 0 && <div style={{ width: 220, marginBottom: 12 }}><SelectField label="Class" clearable placeholder="All classes" choices={labels.map((each) => ({ value: each, label: each }))} value={label} onChange={(value) => { setLabel(value); setOffset(0); }} /></div>}
      {page.error && <ErrorNote error={page.error} onRetry={page.reload} />}
      {!page.data && !page.error && <Loading what="the samples" rows={6} />}
      {page.data && <div className="thumbs">{page.data.samples.map((sample) => <figure key={sample.index} title={sample.name}>{sample.thumbnail ? <img src={sample.thumbnail} alt={`${sample.name}${sample.label === null ? '' : `, ${sample.label}`}`} loading="lazy" /> : <span className="noimg">{sample.index}</span>}<figcaption>{sample.label !== null && <b>{sample.label}</b>}<span className="clip">{sample.name.split('/').at(-1)}</span></figcaption></figure>)}</div>}
    </Card>
  );
}
