// How a version answered what was recorded, against what clients got then.
import { IconX } from '@tabler/icons-react';
import type { ReplayReport } from '#shared/contract/serving';
import { IconButton } from '../../ui/Button.tsx';
import { Stat, Stats } from '../../ui/Card.tsx';
import { formatClock, formatCount, formatMs, formatShare } from '../../ui/format.ts';
import { DifferenceStats, Differences } from './ComparedAnswers.tsx';

export function ReplayResult({ report, at, onClose }: { readonly report: ReplayReport; readonly at: string | null; readonly onClose: () => void }) {
  const { version, asked, same, skipped, p50Ms, p99Ms, differences } = report;
  return (
    <div className="stack">
      <div className="row"><p className="grow strong">Asked again{at === null ? '' : ` at ${formatClock(at)}`}: {version}</p><IconButton label="Close the comparison" icon={<IconX size={15} aria-hidden />} onClick={onClose} /></div>
      <Stats>
        <Stat label="Requests" value={formatCount(asked)} note={skipped === 0 ? 'all that is recorded' : `${formatCount(skipped)} had nothing to compare with`} />
        <Stat label="The same" value={formatCount(same)} note={asked === 0 ? '' : formatShare(same / asked)} tone={asked > 0 && same === asked ? 'ok' : undefined} />
        <DifferenceStats counts={report} tolerance={String(report.tolerance)} version={version} />
        <Stat label="Latency p50" value={p50Ms === null ? '–' : formatMs(p50Ms)} note={p99Ms === null ? 'nothing answered' : `p99 ${formatMs(p99Ms)}, one after the other`} />
      </Stats>
      <Differences label="Differences" heading={`What clients got against ${version}`} rows={differences} />
    </div>
  );
}
