// Every candidate with its figures and why it was chosen or rejected; what was rejected stands beside what was chosen.
import { answerQuality } from '#shared/answerQuality';
import type { Candidate } from '#shared/contract/optimize';
import { Card } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { formatBytes, formatDb, formatMs } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';

/** 0.306 → "3.27 × faster", 2.4 → "2.40 × slower", within a percent "as fast". */
export function speedWords(latencyRatio: number | null): string {
  if (latencyRatio === null || !(latencyRatio > 0)) return 'not measured';
  if (Math.abs(latencyRatio - 1) < 0.01) return 'as fast';
  return latencyRatio < 1 ? `${(1 / latencyRatio).toFixed(2)} × faster` : `${latencyRatio.toFixed(2)} × slower`;
}

const columns: readonly Column<Candidate>[] = [
  { key: 'name', title: 'Candidate', value: (each) => each.name, cell: (each) => <StatusWord tone={each.chosen ? 'ok' : each.rejectedBecause === null ? 'info' : 'dim'}><span className={each.chosen ? 'strong' : ''}>{each.name}</span></StatusWord> },
  { key: 'latency', title: 'Latency', value: (each) => each.latencyMs, cell: (each) => (each.latencyMs === null ? <span className="dim">not measured</span> : formatMs(each.latencyMs)), numeric: true },
  { key: 'ratio', title: 'Against the original', value: (each) => each.latencyRatio, cell: (each) => <span className={each.latencyRatio === null ? 'dim' : ''}>{speedWords(each.latencyRatio)}</span>, numeric: true },
  { key: 'drop', title: 'Accuracy lost', value: (each) => each.accuracyDrop, cell: (each) => (each.accuracyDrop === null ? <span className="dim">no labels</span> : `${each.accuracyDrop.toFixed(2)} points`), numeric: true },
  { key: 'sqnr', title: 'SQNR', value: (each) => each.sqnrDb, cell: (each) => (each.sizeBytes ? answerQuality(each, formatDb) : ''), numeric: true },
  { key: 'size', title: 'Size', value: (each) => each.sizeBytes, cell: (each) => formatBytes(each.sizeBytes), numeric: true },
  { key: 'outcome', title: 'Outcome', value: (each) => (each.chosen ? 'Chosen' : each.rejectedBecause ?? 'Kept'), cell: (each) => (each.chosen ? <span className="strong">Chosen</span> : each.rejectedBecause === null ? 'Good enough, not the best' : <span className="dim">Rejected: {each.rejectedBecause}</span>), wrap: true },
];

export function CandidateTable({ candidates }: { readonly candidates: readonly Candidate[] }) {
  const sorted = candidates.slice().sort((a, b) => Number(b.chosen) - Number(a.chosen) || (a.latencyMs ?? Infinity) - (b.latencyMs ?? Infinity));
  return <Card flush title="Candidates" unit="each against the original, interleaved on this machine"><DataTable label="Candidates" tools={false} columns={columns} rows={sorted} rowKey={(each) => each.name} /></Card>;
}
