// Preflight: each check with its cause, what follows from it for a station, the fix, and a command to copy.
import type { Preflight } from '#shared/contract/machine';
import { Card } from '../../ui/Card.tsx';
import { StatusWord, checkTone } from '../../ui/Status.tsx';
import { CommandCopy } from '../../ui/Text.tsx';

const words = { pass: 'Pass', warn: 'Warning', fail: 'Fail', unknown: 'Unknown' } as const;
const order = { fail: 0, warn: 1, unknown: 2, pass: 3 } as const;

export function PreflightList({ checks }: { readonly checks: readonly Preflight[] }) {
  const sorted = checks.slice().sort((a, b) => order[a.status] - order[b.status]);
  const passed = sorted.filter((check) => check.status === 'pass');
  const open = sorted.filter((check) => check.status !== 'pass');
  return (
    <div className="cols2">
      <Card title="To look at" unit={open.length === 0 ? 'nothing' : String(open.length)}>
        {open.length === 0 ? <p className="dim">Every check passed.</p> : (
          <ul className="checks">{open.map((check) => (
            <li key={check.id}>
              <StatusWord tone={checkTone(check.status)}>{words[check.status]}</StatusWord>
              <div className="body">
                <p className="strong">{check.title}</p>
                <p>{check.message}</p>
                {check.consequence && <p className="dim">{check.consequence}</p>}
                {check.hint && <p><span className="dim">Fix: </span>{check.hint}</p>}
                {check.command && <CommandCopy command={check.command} />}
              </div>
            </li>
          ))}</ul>
        )}
      </Card>
      <Card title="Passed" unit={String(passed.length)}>
        <ul className="checks">{passed.map((check) => <li key={check.id}><StatusWord tone="ok">Pass</StatusWord><div className="body"><p className="strong">{check.title}</p><p className="dim">{check.message}</p></div></li>)}</ul>
      </Card>
    </div>
  );
}
