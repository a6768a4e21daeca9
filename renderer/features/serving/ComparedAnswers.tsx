// What differs between the answers of one version and those that clients got, for a shadow and for a replay.
import { Stat } from '../../ui/Card.tsx';
import { formatClock, formatCount } from '../../ui/format.ts';

/** To be drawn among other figures. */
export function DifferenceStats({ counts: { different, decisionsChanged, failed }, tolerance, version }: { readonly counts: { readonly different: number; readonly decisionsChanged: number; readonly failed: number }; /** In words: by more than that. */ readonly tolerance: string; readonly version: string }) {
  return (
    <>
      <Stat label="Differing answers" value={formatCount(different)} note={`by more than ${tolerance}`} tone={different > 0 ? 'warn' : undefined} />
      <Stat label="Other decisions" value={formatCount(decisionsChanged)} note="the largest value is another" tone={decisionsChanged > 0 ? 'bad' : undefined} />
      <Stat label="Not answered" value={formatCount(failed)} note={`by ${version}`} tone={failed > 0 ? 'bad' : undefined} />
    </>
  );
}

/** `heading`: of the column that says what differs. Rows of recorded requests have numbers. */
export function Differences({ label, heading, rows }: { readonly label: string; readonly heading: string; readonly rows: readonly { readonly seq?: number; readonly at: string; readonly requestId: string; readonly reason: string }[] }) {
  if (rows.length === 0) return null;
  const numbered = rows.some(({ seq }) => seq !== undefined);
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={label}><table className="data">
      <thead><tr>{numbered && <th className="n" scope="col">Number</th>}<th scope="col">Time</th><th scope="col">{heading}</th><th scope="col">Request</th></tr></thead>
      <tbody>{rows.map(({ seq, at, requestId, reason }) => <tr key={seq ?? `${at}${requestId}`}>{numbered && <td className="n">{seq}</td>}<td><time dateTime={at}>{formatClock(at)}</time></td><td>{reason}</td><td><code>{requestId}</code></td></tr>)}</tbody>
    </table></div>
  );
}
