// Limits as text, checked while typed, and locked: from then on their time and hash stand in each report.
import { useEffect, useState } from 'react';
import { metrics } from '#shared/contract/validation';
import { useAction, useOp } from '../../api/useOp.ts';
import { useRoute } from '../../app/routes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { TextField } from '../../ui/Field.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { metricWords } from '../../ui/metrics.ts';
import { StatusWord, Tag } from '../../ui/Status.tsx';
import { HashText } from '../../ui/Text.tsx';
import { useViewAction, type ViewAction } from './useViewAction.ts';

const first = `# One line a limit. Proportions are judged on the bound of their interval, not on the point.
limits:
  - { id: ACC-1, metric: accuracy, min: 0.97, confidence: 0.95, reason: "requirement" }
  - { id: PAR-1, metric: flips, max: 0.01 }
  - { id: SQN-1, metric: sqnr_db, min: 30 }
  - { id: LAT-1, metric: latency_p99_ms, max: 25 }
  - { id: DEV-1, metric: provider_share, provider: cpu, min: 1.0 }
`;

function useDebounced<T>(value: T, ms: number): T {
  const [late, setLate] = useState(value);
  useEffect(() => { const timer = setTimeout(() => setLate(value), ms); return () => clearTimeout(timer); }, [value, ms]);
  return late;
}

export function LimitsEditor({ onAction }: { readonly onAction: (action: ViewAction | null) => void }) {
  const { setQuery } = useRoute();
  const [text, setText] = useState(first);
  const late = useDebounced(text, 300);
  const check = useOp('validation.checkLimits', late.trim() === '' ? null : { text: late });
  const lock = useAction('validation.lockLimits');
  const list = useOp('validation.listLimits', {});
  const locked = (list.data ?? []).slice().sort((a, b) => (a.lockedAt < b.lockedAt ? 1 : -1));
  const fresh = late === text;
  const valid = fresh && check.data !== undefined && !check.error;
  const submit = async () => { const done = await lock.run({ text }); if (done) setQuery({ tab: null, limits: done.id }); };
  useViewAction(onAction, 'Lock these limits', !valid || lock.busy, () => void submit());
  return (
    <div className="cols2">
      <Card title="Limits" unit="YAML" aside={<StatusWord tone={!fresh || check.loading ? 'busy' : check.error ? 'bad' : 'ok'}>{!fresh || check.loading ? 'Checking' : check.error ? 'Not valid' : `${check.data?.limits.length ?? 0} limits, valid`}</StatusWord>}>
        <div className="stack">
          <TextField label="Text of the limits file" value={text} onChange={setText} rows={13} mono />
          {check.error && fresh && <ErrorNote error={check.error} />}
          {lock.error && <ErrorNote error={lock.error} />}
          <Note>Once locked, a text cannot be changed; a new one is locked beside it. Lock before the first run, and the report can show that the limit did not follow the result.</Note>
          <details><summary className="dim">Metrics that can be limited</summary><div className="tags" style={{ marginTop: 8 }}>{metrics.map((metric) => <Tag key={metric} title={metricWords[metric]}>{metric}</Tag>)}</div></details>
        </div>
      </Card>
      <Card title="Locked" unit={String(locked.length)} flush>
        {list.error && <ErrorNote error={list.error} onRetry={list.reload} />}
        {locked.length === 0 ? <p className="dim" style={{ padding: '4px 14px 14px' }}>None yet.</p> : (
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Locked limits"><table className="data static"><thead><tr><th scope="col">Locked</th><th scope="col">Limits</th><th scope="col">SHA-256</th><th scope="col"><span className="visually-hidden">Actions</span></th></tr></thead>
            <tbody>{locked.map((each) => <tr key={each.id}><td>{formatDateTime(each.lockedAt)}</td><td className="wrap"><span className="tags">{each.limits.map((limit) => <Tag key={limit.id} title={metricWords[limit.metric]}>{limit.id}</Tag>)}</span></td><td><HashText hash={each.sha256} length={8} /></td><td className="n"><Button size="tiny" onClick={() => setText(each.text)} title="Show the text">Show</Button> <Button size="tiny" onClick={() => setQuery({ tab: null, limits: each.id })}>Use</Button></td></tr>)}</tbody></table></div>
        )}
      </Card>
    </div>
  );
}
