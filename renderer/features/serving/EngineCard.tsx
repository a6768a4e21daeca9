// The container engine: whether it is there, and the remedy where it is not.
import { IconRefresh } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useOp } from '../../api/useOp.ts';
import { engineTold, useEngine } from '../../app/useEngine.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { StatusWord } from '../../ui/Status.tsx';
import { CommandCopy } from '../../ui/Text.tsx';

export function EngineCard() {
  const machine = useOp('machine.inspect', {});
  const { data } = machine;
  const seen = useEngine();
  // A change that the live samples tell calls for a new check, with its reason and what to do; only once, for the two may disagree.
  const { reload } = machine;
  const differs = seen !== null && data !== undefined && seen.available !== data.containers.available;
  useEffect(() => { if (differs) reload(); }, [differs, reload]);
  const now = data && engineTold(seen, data);
  const check = data?.preflight.find((each) => /engine|container|docker/i.test(`${each.id} ${each.title}`));
  return (
    <Card title="Container engine" aside={<Button size="tiny" icon={<IconRefresh size={13} className={machine.loading ? 'spin' : ''} aria-hidden />} disabled={machine.loading} onClick={machine.reload}>{machine.loading ? 'Detecting' : 'Detect again'}</Button>}>
      {machine.error ? <ErrorNote error={machine.error} onRetry={machine.reload} /> : !data || !now ? <Loading what="the engine" rows={3} /> : (
        <div className="stack">
          <KeyValue rows={[['State', <StatusWord key="s" tone={now.available ? 'ok' : 'warn'}>{now.available ? `${now.engine ?? 'Engine'} ${now.version ?? ''} answers` : 'Not available'}</StatusWord>], now.socket ? ['Socket', <code key="k">{now.socket}</code>] : null, now.reason ? ['Reason', now.reason] : null]} />
          {!now.available && check?.hint && <Note tone="warn">{check.hint}</Note>}
          {!now.available && check?.command && <CommandCopy command={check.command} />}
        </div>
      )}
    </Card>
  );
}
