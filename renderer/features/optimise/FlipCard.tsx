// Decisions that changed between original and optimised model, sample by sample.
import { useMemo, useState } from 'react';
import type { DatasetRecord } from '#shared/contract/datasets';
import type { Flip } from '#shared/contract/optimize';
import { useJob } from '../../api/useJob.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { SelectField } from '../../ui/Field.tsx';
import { formatCount, formatDb, formatNumber, formatShare } from '../../ui/format.ts';
import { StatusWord, ToneIcon } from '../../ui/Status.tsx';

const columns = (bName: string): readonly Column<Flip>[] => [
  { key: 'sample', title: 'Sample', value: (flip) => flip.sample, cell: (flip) => <code>{flip.sample}</code> }, { key: 'label', title: 'Label', value: (flip) => flip.label ?? 'none' },
  { key: 'before', title: 'Original', value: (flip) => flip.before }, { key: 'after', title: bName, value: (flip) => flip.after },
  { key: 'margin', title: 'Margin', value: (flip) => flip.margin, cell: (flip) => <code>{formatNumber(flip.margin, 3)}</code>, numeric: true },
  { key: 'right', title: 'Who is right', value: (flip) => flip.label === null ? 'no label' : flip.after === flip.label ? 'optimised' : flip.before === flip.label ? 'original' : 'neither', cell: (flip) => flip.label === null ? <span className="dim">no label</span> : flip.after === flip.label ? <StatusWord tone="ok">Optimised</StatusWord> : flip.before === flip.label ? <StatusWord tone="bad">Original</StatusWord> : <StatusWord tone="warn">Neither</StatusWord> },
];

export function FlipCard({ a, b, bName, datasets }: { readonly a: string; readonly b: string; readonly bName: string; readonly datasets: readonly DatasetRecord[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const dataId = chosen ?? datasets.find((set) => set.purpose === 'test')?.id ?? datasets.find((set) => set.purpose === 'challenge')?.id ?? datasets[0]?.id ?? null;
  const job = useJob('models.compare', (record) => { const input = record.input as { a?: { id?: string }; b?: { id?: string }; data?: { id?: string } }; return input.a?.id === a && input.b?.id === b && input.data?.id === dataId; }, `${a} ${b} ${dataId ?? ''}`);
  const { output } = job;
  const flips = useMemo(() => (output?.flips ?? []).map((flip, index) => ({ ...flip, key: String(index) })), [output]); // two samples may have one name
  return (
    <Card flush title="Decisions that changed" unit={output ? `${formatCount(output.flips.length)} of ${formatCount(output.samples)} samples` : ''}
      aside={output ? <span>SQNR {formatDb(output.sqnrDb)} · cosine {output.cosine.toFixed(5)} · largest error {formatNumber(output.maxAbsError, 3)}{output.accuracy ? ` · accuracy ${formatShare(output.accuracy.a)} → ${formatShare(output.accuracy.b)}` : ''}</span> : undefined}>
      <div className="row" style={{ padding: '0 14px 12px', alignItems: 'flex-end' }}>
        <div style={{ width: 320 }}><SelectField label="On the samples of" placeholder="Choose a data set" choices={datasets.map((set) => ({ value: set.id, label: `${set.name} · ${set.purpose} · ${formatCount(set.check.samples)}` }))} value={dataId} onChange={setChosen} /></div>
        <Button disabled={dataId === null || job.busy} onClick={() => dataId && void job.start({ a: { id: a }, b: { id: b }, data: { id: dataId } })}>{output ? 'Compare again' : 'Compare every decision'}</Button>
        <div className="grow"><JobPanel job={job} /></div>
      </div>
      {output && (output.flips.length === 0 ? <p className="row" style={{ padding: '0 14px 14px' }}><ToneIcon tone="ok" />{output.bitExact ? 'Every output is bit-identical.' : 'No decision changed.'}</p> : <DataTable label="Decisions that changed" columns={columns(bName)} rows={flips} rowKey={(flip) => flip.key} maxHeight={420} />)}
    </Card>
  );
}
