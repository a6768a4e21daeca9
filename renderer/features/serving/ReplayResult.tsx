// How a version answered what was recorded, against what clients got then.
import { IconX } from '@tabler/icons-react';
import type { ReplayReport } from '#shared/contract/serving';
import { IconButton } from '../../ui/Button.tsx';
import { Stat, Stats } from '../../ui/Card.tsx';
import { formatClock, formatCount, formatMs, formatShare } from '../../ui/format.ts';

export function ReplayResult({ report, at, onClose }: { readonly report: ReplayReport; readonly at: string | null; readonly onClose: () => void }) {
  const { version, asked, same, different, decisionsChanged, failed, skipped, p50Ms, p99Ms, differences } = report;
  return (
    <div className="stack">
      <div className="row"><p className="grow strong">Asked again{at === null ? '' : ` at ${formatClock(at)}`}: {version}</p><IconButton label="Close the comparison" icon={<IconX size={15} aria-hidden />} onClick={onClose} /></div>
      <Stats>
        <Stat label="Requests" value={formatCount(asked)} note={skipped === 0 ? 'all that is recorded' : `${formatCount(skipped)} had nothing to compare with`} />
        <Stat label="The same" value={formatCount(same)} note={asked === 0 ? '' : formatShare(same / asked)} tone={asked > 0 && same === asked ? 'ok' : undefined} />
        <Stat label="Differing answers" value={formatCount(different)} note={`by more than ${report.tolerance}`} tone={different > 0 ? 'warn' : undefined} />
        <Stat label="Other decisions" value={formatCount(decisionsChanged)} note="the largest value is another" tone={decisionsChanged > 0 ? 'bad' : undefined} />
        <Stat label="Not answered" value={formatCount(failed)} note={`by ${version}`} tone={failed > 0 ? 'bad' : undefined} />
        <Stat label="Latency p50" value={p50Ms === null ? '–' : formatMs(p50Ms)} note={p99Ms === null ? 'nothing answered' : `p99 ${formatMs(p99Ms)}, one after the other`} />
      </Stats>
      {differences.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Differences"><table className="data">
          <thead><tr><th className="n" scope="col">Number</th><th scope="col">Time</th><th scope="col">What clients got against {version}</th><th scope="col">Request</th></tr></thead>
          <tbody>{differences.map(({ seq, at, requestId, reason }) => <tr key={seq}><td className="n">{seq}</td><td><time dateTime={at}>{formatClock(at)}</time></td><td>{reason}</td><td><code>{requestId}</code></td></tr>)}</tbody>
        </table></div>
      )}
    </div>
  );
}
