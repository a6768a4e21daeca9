// Who answers: each version that the gateway knows, its share, its figures and its circuit breaker, and who takes over.
import type { ServingView } from '#shared/contract/serving';
import { Card, Note } from '../../ui/Card.tsx';
import { formatCount, formatMs, formatShare } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { errorShareOf } from './trialFigures.ts';
import { breakerTones, breakerWords, roleOf } from './words.ts';

export function Traffic({ view }: { readonly view: ServingView }) {
  if (view.traffic.length === 0) return null;
  return (
    <>
      <Card title="Who answers" unit="as the gateway counts; percentiles and error share of the last five minutes" flush>
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Who answers"><table className="data"><thead><tr><th scope="col">Version</th><th scope="col">Role</th><th scope="col">Circuit breaker</th><th className="n" scope="col">Under way</th><th className="n" scope="col">Answered</th><th className="n" scope="col">Failed</th><th className="n" scope="col">Error share</th><th className="n" scope="col">p50</th><th className="n" scope="col">p99</th></tr></thead>
          <tbody>{view.traffic.map((each) => { const share = errorShareOf(each); return (
            <tr key={each.version}><td className="strong">{each.version}</td><td>{roleOf(view, each.version).word}</td><td><StatusWord tone={breakerTones[each.breaker]}>{breakerWords[each.breaker]}</StatusWord></td><td className="n">{formatCount(each.inFlight)}</td><td className="n">{formatCount(each.answered)}</td><td className="n">{formatCount(each.failed)}</td>
              <td className="n">{share === null ? '–' : formatShare(share)}</td><td className="n">{each.recent?.p50Ms ? formatMs(each.recent.p50Ms) : '–'}</td><td className="n">{each.recent?.p99Ms ? formatMs(each.recent.p99Ms) : '–'}</td></tr>
          ); })}</tbody></table></div>
      </Card>
      <Note>{fallbackSentence(view)}</Note>
    </>
  );
}

function fallbackSentence(view: ServingView): string {
  const rule = 'A version that fails five times in a row is left alone for ten seconds, then tried with one request.';
  const open = view.traffic.filter(({ breaker }) => breaker !== 'closed').map(({ version }) => version);
  if (open.includes(view.live)) return `${view.live} fails, and no other version may take over: each request still tries it. ${rule}`;
  if (view.trial?.kind === 'canary' && view.candidate !== null) return open.includes(view.candidate) ? `${view.live} has taken over for ${view.candidate}. ${rule}` : `Where ${view.candidate} fails, ${view.live} takes over. ${rule}`;
  return `No version stands by to take over for ${view.live} outside an update. ${rule}`;
}
