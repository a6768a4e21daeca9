// A list of findings: severity as icon and word, the message, where, and the remedy.
import type { Finding } from '#shared/finding';
import { ToneIcon, StatusWord, severityTone } from './Status.tsx';

const order = { error: 0, warning: 1, info: 2 } as const;
const words = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

export function Findings({ findings, none = 'Nothing was found.', limit = 200 }: { readonly findings: readonly Finding[]; readonly none?: string; readonly limit?: number }) {
  if (findings.length === 0) return <p className="row"><ToneIcon tone="ok" />{none}</p>;
  const sorted = findings.slice().sort((a, b) => order[a.severity] - order[b.severity]);
  return (
    <>
      <ul className="findings">
        {sorted.slice(0, limit).map((finding, index) => (
          <li key={`${finding.id}-${finding.place}-${index}`}>
            <StatusWord tone={severityTone(finding.severity)}>{words[finding.severity]}</StatusWord>
            <div><p>{finding.message}</p>{finding.remedy && <p className="dim small">{finding.remedy}</p>}<p className="place">{finding.place} · {finding.id}</p></div>
          </li>
        ))}
      </ul>
      {sorted.length > limit && <p className="dim small">and {sorted.length - limit} more</p>}
    </>
  );
}
