// The confusion matrix: right decisions on the diagonal, wrong ones marked; counts always written out.
import type { AccuracyResult } from '#shared/contract/validation';

export function Confusion({ confusion: { labels, counts } }: { readonly confusion: AccuracyResult['confusion'] }) {
  if (labels.length > 40) return <p className="dim">{labels.length} classes are too many to draw; the report's CSV has the whole matrix.</p>;
  return (
    <div className="table-wrap" style={{ maxHeight: 460 }} tabIndex={0} role="region" aria-label="Confusion matrix">
      <table className="confusion">
        <caption className="visually-hidden">Rows are labels, columns are decisions</caption>
        <thead><tr><td className="corner" />{labels.map((label) => <th key={label} scope="col" title={label}>{label}</th>)}</tr></thead>
        <tbody>{counts.map((row, actual) => <tr key={labels[actual]}><th scope="row" title={labels[actual]}>{labels[actual]}</th>{row.map((count, predicted) => <td key={labels[predicted]} className={count === 0 ? 'zero' : actual === predicted ? 'hit' : 'miss'} title={`${labels[actual]} decided as ${labels[predicted]}: ${count}`}>{count}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
