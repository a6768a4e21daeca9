// The flip court: all dockets, or the one that was opened.
import type { Docket } from '#shared/contract/court';
import { useOp } from '../../api/useOp.ts';
import { useRoute } from '../../app/routes.ts';
import { Card, EmptyState, Loading } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { StatusWord, ToneIcon } from '../../ui/Status.tsx';
import { docketWords } from './courtWords.ts';
import { DocketView } from './DocketView.tsx';

const columns: readonly Column<Docket>[] = [
  { key: 'at', title: 'Opened', value: (docket) => docket.createdAt, cell: (docket) => formatDateTime(docket.createdAt) }, { key: 'title', title: 'Docket', value: (docket) => docket.title },
  { key: 'state', title: 'State', value: (docket) => docket.state, cell: (docket) => <StatusWord tone={docketWords[docket.state].tone}>{docketWords[docket.state].word}</StatusWord> },
  { key: 'flips', title: 'Flips', value: (docket) => docket.flips, numeric: true },
  { key: 'judges', title: 'Judges', value: (docket) => docket.judges.map(({ printedName, judged }) => `${printedName} ${judged}/${docket.flips}`).join(', ') || 'none yet' },
  { key: 'regressions', title: 'Regressions', value: (docket) => docket.result?.regressions ?? null, numeric: true },
];

export function CourtView() {
  const { query, setQuery } = useRoute();
  const list = useOp('court.list', {});
  const open = list.data?.find((docket) => docket.id === query.docket);
  if (list.error && !list.data) return <ErrorNote error={list.error} onRetry={list.reload} />;
  if (!list.data) return <Card label="Flip court"><Loading what="the dockets" /></Card>;
  if (open) return <DocketView key={open.id} docket={open} onBack={() => setQuery({ docket: null })} />;
  if (list.data.length === 0) return <Card label="Flip court"><EmptyState icon={<ToneIcon tone="dim" size={24} />} title="No docket yet">A validation with a reference puts every decision that changed on a docket. Two people then judge each of them blind, and a third decides where they differ.</EmptyState></Card>;
  return <Card flush title="Flip court" unit="two people judge blind each decision that changed"><DataTable label="Dockets" columns={columns} rows={list.data} rowKey={(docket) => docket.id} sortBy={{ key: 'at', descending: true }} onOpen={(docket) => setQuery({ docket: docket.id })} maxHeight={640} /></Card>;
}
